"""Reads JSON files given by the user: workflows, and drags for many pictures."""

from __future__ import annotations

import json
from pathlib import Path

MAX_BYTES = 64 * 2**20


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
        with path.open(encoding="utf-8") as file:
            return json.load(file)
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
