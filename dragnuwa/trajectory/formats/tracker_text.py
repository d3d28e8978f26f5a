"""Tracker text, one row of frame, x and y per frame, which Nuke imports as "Time+value Ascii", and Natron by columns.

    # frame x1 y1 x2 y2
    1 25 295 100 220
    2 30.5 295 100 220

x and y are pixels from the bottom left corner, with y upwards. Numbers are separated by blanks, commas or colons; empty
lines and those that begin with #, ; or / are ignored (Foundry, "Importing Tracker Data"). A row has three numbers, for
one track; two more for each further track are only accepted with a heading like the first line above, since other
tables of numbers without a heading mean something else. Nuke and Natron ask which columns hold a track's x and y.

Frames may begin anywhere. Missing frames are interpolated linearly, as in Nuke.
"""

from __future__ import annotations

import re

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..trajectories import Trajectories
from ..types import MAX_POINTS, MAX_TOTAL_POINTS, TrajectoryError
from . import rows
from .format import Limits, Reader, Reference, Writer, at_least_one, count, decimal, sampled, sampled_motion

FIRST_FRAME = 1
"""First frame of the output, as in Nuke and Blender."""
_WHAT = "The tracker text"
_REMEDY = "Export the tracks again, or correct this row."
_SILENT = ("#", ";", "/")
_APART = re.compile(r"[\s,:]+")
_HEADING = re.compile(r"#\s*frame((?:\s+x\d*\s+y\d*)+)\s*")


def recognises(value: object) -> bool:
    """Whether the first data row has three numbers, or a heading describes its columns."""
    for row in rows.start_of(value).split("\n"):
        if _HEADING.match(row):
            return True
        if row.strip() and not row.lstrip().startswith(_SILENT):
            cells = _cells(row)
            return len(cells) == 3 and all(map(rows.is_number, cells))
    return False


def read(value: str, size: tuple[int, int]) -> Trajectories:
    """Reads the tracks at every frame from the first to the last.

    Raises:
        TrajectoryError: naming the line; also if there is no data row.
    """
    frames, table = _table(rows.text_of(value, _WHAT))
    positions = np.moveaxis(table.reshape(len(frames), -1, 2), 1, 0) / size * (1, -1) + (0, 1)  # [N, K, 2]
    return rows.between_keys([(frames, track) for track in positions], size, [""] * len(positions), _WHAT)


def report(value: str, found: Trajectories) -> tuple[str, list[str]]:
    notes = [
        "y is read from the bottom upwards, as Nuke and Natron count it.",
        "Tracker text holds no visibility, names, colours or curves.",
    ]
    said = (row for row in watched(rows.lines(rows.text_of(value, _WHAT), _WHAT)) if _says(row))
    if sum(1 for _ in said) < len(found.tracks[0].points):
        notes.append("Frames are missing; the way between their neighbours is straight.")
    return "tracker text (Nuke, Natron)", notes


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    """The enabled tracks at the frames of the clip, two columns each."""
    at_least_one(trajectories, "nuke")
    points = sampled(trajectories, clip).points
    points = points.swapaxes(0, 1) * (1, -1) + (0, clip.height)  # [T, N, 2]
    table = np.round(points.reshape(len(points), -1), 6).tolist()
    heading = " ".join(f"x{index} y{index}" for index in range(1, points.shape[1] + 1))
    numbered = enumerate(watched(table), start=FIRST_FRAME)
    lines = (f"{frame} {' '.join(map(decimal, row))}\n" for frame, row in numbered)
    return "".join([f"# frame {heading}\n", *lines])


def _says(row: str) -> bool:
    return bool(row.strip()) and not row.lstrip().startswith(_SILENT)


def _cells(row: str) -> list[str]:
    return [cell for cell in _APART.split(row) if cell]


def _table(text: str) -> tuple[np.ndarray, np.ndarray]:
    """The frames [K] in ascending order, and x and y of each track there [K, 2 N] in pixels."""
    found: dict[int, np.ndarray] = {}
    columns = 2
    for line, row in enumerate(watched(rows.lines(text, _WHAT)), start=1):
        heading = None if found else _HEADING.fullmatch(row)
        columns = len(heading[1].split()) if heading else columns
        if not _says(row):
            continue
        where = f"{_WHAT}, line {line}"
        frame, positions = _row(_cells(row), columns, where)
        if frame in found:
            raise TrajectoryError(f"{where}: frame {frame} is there twice. {_REMEDY}")
        found[frame] = positions
        if len(found) > MAX_POINTS or len(found) * columns > 2 * MAX_TOTAL_POINTS:
            raise TrajectoryError(
                f"{where}: there should be at most {MAX_POINTS:,} frames and {MAX_TOTAL_POINTS:,} places. Use fewer."
            )
    if not found:
        raise TrajectoryError(f"{_WHAT} should have rows of frame, x and y, but there are none. Export it again.")
    frames = sorted(found)
    return np.array(frames, dtype=np.float64), np.array([found[frame] for frame in frames])


def _row(cells: list[str], columns: int, where: str) -> tuple[int, np.ndarray]:
    if len(cells) != 1 + columns:
        raise TrajectoryError(
            f"{where}: there should be a frame, then x and y of {count(columns // 2, 'track')}, but there are "
            f"{count(len(cells), 'number')}. {_REMEDY}"
        )
    frame = rows.frame_number(cells[0], where, _REMEDY)
    positions = (rows.position(cell, where, "xy"[index % 2], _REMEDY) for index, cell in enumerate(cells[1:]))
    return frame, np.fromiter(positions, dtype=np.float64, count=columns)


READER = Reader("tracker text of Nuke and Natron", recognises, read, report, lambda value: Reference(upwards=True))
WRITER = Writer(
    "nuke", write, Limits(visibility=False, names=False, outside=False, motion=sampled_motion), suffix=".txt"
)
