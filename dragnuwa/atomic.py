"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PART = ".part"


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A binary file that takes the place of `path` once the block has ended well and its bytes are on the disk.

    A kill, a full disk or an exception leaves what was at `path` before. The name in between is one of its own, so that
    two processes that write the same file don't mix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART}")
    try:
        with open(beside, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    if hasattr(os, "O_DIRECTORY"):  # Windows cannot open a folder, and has no need to
        folder = os.open(path.parent, os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def remove_parts(folder: Path) -> None:
    """Removes what killed processes left half written in `folder`."""
    for path in folder.glob(f"*{PART}"):
        path.unlink(missing_ok=True)
