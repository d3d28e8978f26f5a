"""The folder OUT: results appear only when complete, and only one run at a time writes there.

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
    """OUT, locked while it is open. Raises OutInUse, or OSError if it cannot be created or written."""

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
        """Whether there is a result, or anything else, under the job's name."""
        return (self.path / job).exists()

    def part(self, prompt_id: str) -> Path:
        """The folder of a prompt's result during its download."""
        return self.hidden / "parts" / prompt_id

    def clean(self, prompt_id: str) -> Path:
        """The same, empty."""
        part = self.part(prompt_id)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        return part

    def secure(self, prompt_id: str) -> list[str]:
        """Sync a prompt's result to disk, before it is recorded; returns the names of its files."""
        part = self.part(prompt_id)
        files = sorted(part.iterdir())
        for path in (*files, part):
            _sync(path)
        return [path.name for path in files]

    def show(self, job: str, prompt_id: str) -> None:
        """Publish a prompt's result as that of its job; a previous one is set aside."""
        self.set_aside(job)
        self.part(prompt_id).replace(self.path / job)
        _sync(self.path)

    def set_aside(self, job: str) -> Path | None:
        """Move a job's current result into the hidden folder; returns the new path, None if there was no result."""
        if not self.has(job):
            return None
        replaced = self.hidden / "replaced"
        replaced.mkdir(exist_ok=True)
        moment = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S-%f")
        return (self.path / job).replace(replaced / f"{moment}-{job}")

    def remove_parts(self, kept: Collection[str]) -> None:
        """Remove remains of interrupted downloads, except those of the prompts in `kept`."""
        parts = self.hidden / "parts"
        for path in parts.iterdir() if parts.is_dir() else ():
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):  # Windows cannot open a folder, and does not need to
        return
    opened = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
