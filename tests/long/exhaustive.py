"""Every case of the tests of which `make test` runs some, because the others repeat them.

    .venv/bin/python tests/long/exhaustive.py               in about twenty minutes; arguments go to pytest

They are the editor in both of the page's renderers where what is tested is the same in them, all the sizes and
settings of `some(few, every)` in tests/support/exhaustive.py, and more examples of hypothesis, by chance.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.run_tests import outcome

TESTS = ROOT / "tests"
MARKS = ("exhaustive import", "renderers import mainly", "hypothesis import")  # in the files of such tests


def files(folder: Path) -> list[str]:
    marked = (path for path in folder.rglob("test_*.py") if any(mark in path.read_text("utf-8") for mark in MARKS))
    return sorted(map(str, marked))


def main() -> int:
    environment = {**os.environ, "EXHAUSTIVE": "1"}
    codes = []
    for name in ("unit", "host", "integration"):  # a process each, as in a whole run
        command = [sys.executable, "-m", "pytest", "-q", "--durations=10", *files(TESTS / name), *sys.argv[1:]]
        codes.append(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)
    return outcome(codes)


if __name__ == "__main__":
    sys.exit(main())
