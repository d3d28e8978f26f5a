"""Commands of the pack, in a Python of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_python(*arguments: object, **options) -> subprocess.CompletedProcess:
    """Python with these arguments, in the repository's folder, to its end; `options` are those of subprocess.run."""
    command = [sys.executable, *map(str, arguments)]
    options = {"cwd": ROOT, "check": False, "capture_output": True, "text": True, **options}
    return subprocess.run(command, **options)  # noqa: PLW1510 (it is among them)
