"""JSON files that people hand over: workflows, and drags for many pictures."""

from __future__ import annotations

import json
from pathlib import Path

MOST_BYTES = 64 * 2**20


def read_json(path: Path) -> object:
    """
    Raises:
        ValueError: if the file is missing, larger than `MOST_BYTES`, or not JSON.
    """
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} has more than {MOST_BYTES} bytes, which is more than such a file needs.")
    try:
        return json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON ({error}).") from error


def read_drags(path: Path) -> dict[str, object]:
    """Drags by the file names of their pictures, each as `dragnuwa.trajectory.parse` takes them.

    Raises:
        ValueError: as `read_json`, or if the file holds something else than an object, or nothing.
    """
    told = read_json(path)
    if not isinstance(told, dict) or not told:
        raise ValueError(f'{path} has to hold drags by file name, as {{"bird.jpg": [[[20, 30], [60, 30]]]}}.')
    return told
