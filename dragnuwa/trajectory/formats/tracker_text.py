"""Tracker text, a row of frame, x and y for each frame: what Nuke imports as "Time+value Ascii", and Natron by columns.

    # frame x1 y1 x2 y2
    1 25 295 100 220
    2 30.5 295 100 220

x and y are pixels from the bottom left corner: y grows upwards. Numbers stand apart by blanks, commas or colons; lines
that are empty or begin with #, ; or / say nothing (Foundry, "Importing Tracker Data"). A row has three numbers, of one
track; it may have two more for each further track where a line such as the first one above says so, since other tables
of numbers without a heading mean something else. Nuke and Natron ask which columns hold a track's x and y.

Frames may begin anywhere. Where some are missing, the way between their neighbours is straight, as in Nuke.
"""

from __future__ import annotations

import re

import numpy as np

from ...clip_shape import ClipShape
from ..trajectories import Trajectories
from ..types import MAX_TOTAL_POINTS, TrajectoryError
from . import rows
from .format import Limits, Reader, Writer, at_least_one, sampled
from .losses import sampled_motion
from .wording import count, decimal

FIRST_FRAME = 1
"""Of what is written: Nuke's and Blender's first frame."""
_WHAT = "The tracker text"
_REMEDY = "Export the tracks again, or correct this row."
_SILENT = ("#", ";", "/")
_APART = re.compile(r"[\s,:]+")
_HEADING = re.compile(r"#\s*frame((?:\s+x\d*\s+y\d*)+)\s*")


def recognises(value: object) -> bool:
    """Whether the first row that says something has three numbers, or a heading says what its columns are."""
    for row in rows.start_of(value).split("\n"):
        if _HEADING.match(row):
            return True
        if row.strip() and not row.lstrip().startswith(_SILENT):
            cells = _cells(row)
            return len(cells) == 3 and all(map(rows.is_number, cells))
    return False


def read(value: str | bytes, size: tuple[int, int]) -> Trajectories:
    """The text -> its tracks, at every frame from the first to the last.

    Raises:
        TrajectoryError: naming the line.
    """
    width, height = size
    tracks = [{frame: (x / width, 1 - y / height) for frame, (x, y) in track.items()} for track in _tracks(value)]
    return rows.between_keys(tracks, size, [""] * len(tracks), _WHAT)


def report(value: str | bytes, found: Trajectories) -> tuple[str, list[str]]:
    notes = [
        "y is read from the bottom upwards, as Nuke and Natron count it. Visibility, names and curves are not held."
    ]
    between = rows.gaps(_tracks(value)[:1])
    if between:
        notes.append("Frames are missing; the way between their neighbours is straight.")
    return "tracker text (Nuke, Natron)", notes


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    """The enabled tracks at the frames of the clip, two columns each."""
    at_least_one(trajectories, "nuke")
    points = sampled(trajectories, clip).points.swapaxes(0, 1) * (1, -1) + (0, clip.height)  # [T, N, 2]
    table = np.round(points.reshape(len(points), -1), 6).tolist()
    heading = " ".join(f"x{index} y{index}" for index in range(1, points.shape[1] + 1))
    lines = (f"{frame} {' '.join(map(decimal, row))}\n" for frame, row in enumerate(table, start=FIRST_FRAME))
    return "".join([f"# frame {heading}\n", *lines])


def _cells(row: str) -> list[str]:
    return [cell for cell in _APART.split(row) if cell]


def _tracks(value: str | bytes) -> list[dict[int, tuple[float, float]]]:
    """The places of each track in pixels, by the frame."""
    tracks: list[dict[int, tuple[float, float]]] = []
    number, total = 1, 0
    for line, row in enumerate(rows.lines(rows.text_of(value, _WHAT), _WHAT), start=1):
        heading = _HEADING.fullmatch(row)
        if heading and not tracks:
            number = len(heading[1].split()) // 2
        cells = [] if row.lstrip().startswith(_SILENT) else _cells(row)
        if not cells:
            continue
        where = f"{_WHAT}, line {line}"
        if len(cells) != 1 + 2 * number:
            raise TrajectoryError(
                f"{where}: there should be a frame, then x and y of {count(number, 'track')}, but there are "
                f"{count(len(cells), 'number')}. {_REMEDY}"
            )
        frame = rows.frame_number(cells[0], where, _REMEDY)
        tracks = tracks or [{} for _ in range(number)]
        total += number
        if frame in tracks[0] or total > MAX_TOTAL_POINTS:
            problem = (
                f"frame {frame} is there twice" if frame in tracks[0] else f"more than {MAX_TOTAL_POINTS:,} places"
            )
            raise TrajectoryError(f"{where}: {problem}. {_REMEDY}")
        for index, track in enumerate(tracks):
            x, y = (rows.position(cells[2 * index + k], where, "xy"[k - 1], _REMEDY) for k in (1, 2))
            track[frame] = x, y
    return tracks


READER = Reader("tracker text of Nuke and Natron, with a row of frame, x, y for each frame", recognises, read, report)
WRITER = Writer(
    "nuke", write, Limits(visibility=False, names=False, outside=False, motion=sampled_motion), suffix=".txt"
)
