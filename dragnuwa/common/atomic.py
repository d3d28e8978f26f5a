"""Atomic writing of files and folders."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .foreign_text import REMEDY, decoded, json_value

PART = ".part"
MAX_BYTES = 64 * 2**20


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """A binary file, which can also be read, that replaces `path` once the block has ended without an error and the
    data is on disk.

    After a kill, a full disk or an exception, `path` is unchanged. The temporary file has a unique name, so two
    processes may write the same path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART}")
    try:
        with open(partial, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    _sync_folder(path.parent)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder that is renamed to `path` once the block has ended without an error.

    A kill leaves at most a folder whose name ends in `PART`; an exception leaves nothing. Only files directly inside
    are synced and removed.

    Raises:
        OSError: if `path` exists by then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART}")
    partial.mkdir()
    try:
        yield partial
        for file in partial.iterdir():
            with open(file, "rb+") as written:
                os.fsync(written.fileno())
        _sync_folder(partial)
        partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    if hasattr(os, "O_DIRECTORY"):  # Windows cannot open a folder, and does not need to
        folder = os.open(path, os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def remove_partial_files(folder: Path) -> None:
    """Remove the temporary files that killed processes left in `folder`."""
    for path in folder.glob(f"*{PART}"):
        path.unlink(missing_ok=True)


def remove_partial_files_of(path: Path) -> None:
    """Remove only the temporary files that killed processes left for `path`, in a folder that other programs use too:
    their downloads may end in `PART` as well."""
    name = re.compile(rf"{re.escape(path.name)}\.[0-9a-f]{{32}}{re.escape(PART)}")
    for found in path.parent.iterdir() if path.parent.is_dir() else ():
        if name.fullmatch(found.name):
            found.unlink(missing_ok=True)


def read_json(path: Path) -> object:
    """The value in a JSON file.

    Raises:
        ValueError: if the file is missing, larger than `MAX_BYTES`, or not JSON.
    """
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path} has more than {MAX_BYTES} bytes, which is too large for such a file.")
    try:
        with path.open("rb") as file:
            text = decoded(file.read())
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text ({error}). {REMEDY}") from error
    try:
        return json_value(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON ({error}).") from error


def read_drags(path: Path, by: str = "file name", example: str = "bird.jpg") -> dict[str, object]:
    """Drags by the file names of their pictures, or `by` another text such as `example`, each in any form that
    `dragnuwa.trajectory.parse` reads.

    Raises:
        ValueError: as `read_json`, or if the file does not hold a JSON object, or an empty one.
    """
    drags = read_json(path)
    if not isinstance(drags, dict) or not drags:
        raise ValueError(f'{path} has to hold drags by {by}, as {{"{example}": [[[20, 30], [60, 30]]]}}.')
    return drags
