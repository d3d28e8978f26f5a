"""A run over many cases, resumable: a file with the settings in its first line, and a line of JSON for each scene."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from .cases import Case, make_case
from .settings import Settings

log = logging.getLogger(__name__)

# From a case to the figures of its videos by their names.
Figures = Callable[[Case], dict[str, dict[str, float | list[float]]]]


def evaluate(path: Path, settings: Settings, count: int, begin: Callable[[], Figures]) -> list[dict]:
    """Measure the cases 0 to `count` - 1 that the file lacks, and append each as soon as it is done.

    Args:
        path: the file; made where it is missing. A line that a kill has cut off is made anew.
        settings: have to be those of the file.
        count: of cases, at least 1.
        begin: called once, if there is anything to do: loading a checkpoint takes its time.

    Returns:
        a line for each case: "number", "group", "seed", and each video's figures by its name.

    Raises:
        ValueError: if the file is of other settings or of something else, or count is below 1.
    """
    if count < 1:
        raise ValueError(f"scenes must be at least 1; found {count}.")
    lines = _read(path, settings)
    if len(lines) < count:
        figures = begin()
        for number in range(len(lines), count):
            case = _case(number, settings)
            line = {"number": number, "group": case.group, "seed": case.seed} | figures(case)
            _append(path, line)
            lines.append(line)
            log.info("%d of %d scenes: %s", number + 1, count, case.group)
    return lines[:count]


def _case(number: int, told: Settings) -> Case:
    return make_case(
        number, told.frames, told.height, told.width, told.assets, told.groups, named=bool(told.modes)
    )  # fmt: skip


def _read(path: Path, settings: Settings) -> list[dict]:
    """The lines that are there; a file with only the settings where there was none."""
    header = {"settings": asdict(settings)}
    whole = _whole_lines(path)
    if not whole:
        path.parent.mkdir(parents=True, exist_ok=True)
        _append(path, header)
        return []
    try:
        first, *lines = [json.loads(line) for line in whole]
        if set(first) != {"settings"} or [line["number"] for line in lines] != list(range(len(lines))):
            raise KeyError("settings")
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a file of this program, or was changed. Give another --out.") from error
    kept, wanted = first["settings"], json.loads(json.dumps(header["settings"]))
    if kept != wanted:
        names = sorted(name for name in {*kept, *wanted} if kept.get(name) != wanted.get(name))
        differing = "; ".join(f"{name} was {kept.get(name)!r}, is {wanted.get(name)!r}" for name in names)
        raise ValueError(f"{path} was measured with other settings ({differing}). Give another --out.")
    return lines


def _whole_lines(path: Path) -> list[str]:
    """The lines that have an end, the file cut to them."""
    if not path.exists():
        return []
    text = path.read_bytes()
    end = text.rfind(b"\n") + 1
    if end < len(text):
        if not text.startswith(b'{"settings":'[: len(text)]):
            raise ValueError(f"{path} is not a file of this program, or was changed. Give another --out.")
        os.truncate(path, end)
    return text[:end].decode("utf-8", "replace").splitlines()


def _append(path: Path, line: dict) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(line, allow_nan=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
