"""Runs the tests in two processes at once: those that talk to a running ComfyUI, and all others.

    .venv/bin/python scripts/run_tests.py [ARGUMENTS OF PYTEST]

The former mostly wait, so that the others take little more time beside them. Where the arguments name files or folders,
there is one process for these alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PYTEST = [sys.executable, "-m", "pytest", "-q", "--durations=10"]
TALKING, ALONE = ["tests/integration"], ["tests", "--ignore=tests/integration"]
PASSED, NONE_SELECTED = 0, 5  # exit codes of pytest


def main(arguments: list[str]) -> int:
    if any(Path(argument.split("::")[0]).exists() for argument in arguments):
        return subprocess.run([*PYTEST, *arguments], check=False).returncode
    # Each has its share of the cores: more threads than cores would spend their time waiting for each other.
    environment = {"OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 2) // 2)), **os.environ}
    with tempfile.TemporaryFile() as output:
        alone = subprocess.Popen([*PYTEST, *ALONE, *arguments], env=environment, stdout=output, stderr=output)
        try:
            codes = [subprocess.run([*PYTEST, *TALKING, *arguments], env=environment, check=False).returncode]
            codes.append(alone.wait())
        finally:
            alone.terminate()
        output.seek(0)
        sys.stdout.buffer.write(output.read())
        sys.stdout.flush()
    return outcome(codes)


def outcome(codes: list[int]) -> int:
    """The exit code of all processes together: a failure's, if there is one; tests have to be selected in one at least.

    A process that a signal has ended has a negative code, and has failed as well.
    """
    failures = [code for code in codes if code not in (PASSED, NONE_SELECTED)]
    return failures[0] if failures else min(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
