"""The folder OUT: results are complete where they are shown, and one run at a time writes there.

OUT/NAME/                           a job's results
OUT/.dragnuwa-batch/journal.sqlite  what became of each job
OUT/.dragnuwa-batch/lock            held by the run that writes here
OUT/.dragnuwa-batch/parts/ID/       the result of a prompt, until it is complete
OUT/.dragnuwa-batch/replaced/       former results of jobs whose settings have changed
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from datetime import datetime, timezone
from pathlib import Path

from filelock import FileLock, Timeout

HIDDEN = ".dragnuwa-batch"


class OutInUse(RuntimeError):
    """Another run writes into this folder."""


class OutFolder:
    """OUT, locked as long as it is open. Raises OutInUse, or OSError where it cannot be made or written."""

    def __init__(self, path: Path):
        self.path = path
        self.hidden = path / HIDDEN
        self.hidden.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.hidden / "lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise OutInUse(f"Another run uses {path}. Wait until it has ended, or give another OUT.") from None

    def close(self) -> None:
        self._lock.release()

    @property
    def journal(self) -> Path:
        return self.hidden / "journal.sqlite"

    def has(self, job: str) -> bool:
        """Whether anything is shown as the result of a job."""
        return (self.path / job).exists()

    def part(self, prompt_id: str) -> Path:
        """Where the result of a prompt is while it is downloaded."""
        return self.hidden / "parts" / prompt_id

    def clean(self, prompt_id: str) -> Path:
        """The same, empty."""
        part = self.part(prompt_id)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        return part

    def secure(self, prompt_id: str) -> list[str]:
        """Let the result of a prompt outlive a power cut; the names of its files. To be done before it is recorded."""
        part = self.part(prompt_id)
        files = sorted(part.iterdir())
        for path in (*files, part):
            _sync(path)
        return [path.name for path in files]

    def show(self, job: str, prompt_id: str) -> None:
        """Make the result of a prompt that of its job; what was there is set aside."""
        self.set_aside(job)
        self.part(prompt_id).replace(self.path / job)
        _sync(self.path)

    def set_aside(self, job: str) -> Path | None:
        """Move what is shown as a job's result into the hidden folder; gives its new place, None if nothing was."""
        if not self.has(job):
            return None
        replaced = self.hidden / "replaced"
        replaced.mkdir(exist_ok=True)
        moment = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S-%f")
        return (self.path / job).replace(replaced / f"{moment}-{job}")

    def remove_parts(self, kept: Collection[str]) -> None:
        """Remove what interrupted downloads left, except for those of the prompts in `kept`."""
        parts = self.hidden / "parts"
        for path in parts.iterdir() if parts.is_dir() else ():
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):  # Windows can neither open a folder nor needs to
        return
    opened = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
