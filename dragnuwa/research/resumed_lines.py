"""A file of JSON lines that a run appends to and resumes: its settings in the first line, then a line for each case."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def begin(path: Path, settings: dict[str, Any]) -> list[dict]:
    """The lines of an earlier run; or a new file with the settings, and none. An incomplete last line of a killed run
    is removed.

    Raises:
        ValueError: if the file has other settings or is something else.
    """
    complete = _complete(path)
    if not complete:
        path.parent.mkdir(parents=True, exist_ok=True)
        append(path, {"settings": settings})
        return []
    try:
        first, *lines = [json.loads(line) for line in complete]
        if set(first) != {"settings"} or not all(isinstance(line, dict) for line in lines):
            raise KeyError("settings")
        kept = dict(first["settings"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise foreign(path) from error
    wanted = json.loads(json.dumps(settings))
    if kept != wanted:
        names = sorted(name for name in {*kept, *wanted} if kept.get(name) != wanted.get(name))
        differing = "; ".join(f"{name} was {kept.get(name)!r}, is {wanted.get(name)!r}" for name in names)
        raise ValueError(f"{path} was measured with other settings ({differing}). Give another --out.")
    return lines


def append(path: Path, line: dict) -> None:
    """Adds a line, and sees that it is on the disk."""
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(line, allow_nan=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def foreign(path: Path) -> ValueError:
    """The error for a file of something else."""
    return ValueError(f"{path} is not a file of this program, or was changed. Give another --out.")


def _complete(path: Path) -> list[str]:
    if not path.exists():
        return []
    text = path.read_bytes()
    end = text.rfind(b"\n") + 1
    if end < len(text):
        if not text.startswith(b'{"settings":'[: len(text)]):
            raise foreign(path)
        os.truncate(path, end)
    return text[:end].decode("utf-8", "replace").splitlines()
