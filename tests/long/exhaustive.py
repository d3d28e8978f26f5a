"""Every case of the tests of which `make test` runs some, because the others repeat them.

    .venv/bin/python tests/long/exhaustive.py               in about twenty minutes; arguments go to pytest

They are the editor in both of the page's renderers where what is tested is the same in them, and all the sizes and
settings of `some(few, every)` in tests/support/exhaustive.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
MARKS = ("exhaustive import", "renderers import mainly")  # in the files of such tests


def files() -> list[Path]:
    return sorted(path for path in TESTS.rglob("test_*.py") if any(mark in path.read_text("utf-8") for mark in MARKS))


def main() -> int:
    command = [sys.executable, "-m", "pytest", "-q", "--durations=10", *map(str, files()), *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "EXHAUSTIVE": "1"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
