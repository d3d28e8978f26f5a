"""A table (CSV) of positions, one row for each frame of a track.

Spreadsheets and the scripting of After Effects and Blender take it.

    frame,track,x,y,visible
    0,1,25,25,1
    1,1,30.5,25,1

Frames count from 0, tracks from 1; x and y are pixels from the top left corner, visible is 1 or 0.
"""

from __future__ import annotations

import numpy as np

from ...clip_shape import ClipShape
from ..arrays import from_arrays
from ..checks import describe, shorten
from ..trajectories import Trajectories
from ..types import MAX_COORDINATE, MAX_FRAMES, MAX_TEXT_BYTES, MAX_TOTAL_POINTS, MAX_TRACKS, TrajectoryError
from .format import Limits, Reader, Writer
from .losses import sampled_motion

COLUMNS = ("frame", "track", "x", "y", "visible")
_REMEDY = "Export the table again, or correct this row."
_START = len(",".join(COLUMNS)) + 32  # characters in which the heading has to be, blanks and quotes included


def recognises(text: str | bytes) -> bool:
    """Whether a text begins with the heading of such a table."""
    start = text[:_START].decode("utf-8-sig", "replace") if isinstance(text, (bytes, bytearray)) else text[:_START]
    return _heading(start.removeprefix("\ufeff").lstrip().split("\n", 1)[0]) == COLUMNS


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    """The enabled tracks at the frames of the clip -> the table, sorted by track."""
    sampled = trajectories.at_frames(clip)
    points, visible = sampled.points, sampled.visible
    tracks, frames = visible.shape
    columns = (
        np.tile(np.arange(frames), tracks).tolist(),
        np.repeat(np.arange(1, tracks + 1), frames).tolist(),
        *(map(decimal, points[..., axis].ravel().tolist()) for axis in range(2)),
        visible.ravel().astype(int).tolist(),
    )
    rows = (f"{frame},{track},{x},{y},{shown}\n" for frame, track, x, y, shown in zip(*columns, strict=True))
    return "".join([",".join(COLUMNS) + "\n", *rows])


def read(text: str | bytes, size: tuple[int, int]) -> Trajectories:
    """The table -> one track each, as `from_arrays` makes them. Rows may stand in any order.

    Raises:
        TrajectoryError: naming the row; also where a track lacks a frame that another has.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise TrajectoryError(f"The table should have at most {MAX_TEXT_BYTES // 2**20} MiB. Use fewer tracks.")
    if isinstance(text, (bytes, bytearray)):
        text = text.decode("utf-8-sig", "replace")
    rows = text.removeprefix("\ufeff").lstrip().splitlines()[1:]
    found: dict[tuple[int, int], tuple[float, float, bool]] = {}
    for line, row in enumerate(rows, start=2):
        if not row.strip():
            continue
        where = f"Table, line {line}"
        frame, track, x, y, visible = _values(_cells(row), where)
        if (track, frame) in found:
            raise TrajectoryError(f"{where}: frame {frame} of track {track} is there twice. Remove one of the two.")
        found[track, frame] = (x, y, visible)
        if len(found) > MAX_TOTAL_POINTS:
            raise TrajectoryError(
                f"The table should have at most {MAX_TOTAL_POINTS:,} rows. Use fewer tracks or frames."
            )
    return _tracks(found, size)


def report(value: str | bytes, found: Trajectories) -> tuple[str, list[str]]:
    return "a table (CSV)", ["A table holds no names, colours or curves."]


def decimal(value: float) -> str:
    """A number as short as it reads back exactly, and never in powers of ten: 25, 30.5, 0.000001."""
    return np.format_float_positional(value, trim="-")


def _heading(line: str) -> tuple[str, ...]:
    return tuple(cell.lower() for cell in _cells(line))


def _cells(line: str) -> list[str]:
    """No cell of this table can hold a comma or a line's end, so quotes have nothing to protect."""
    return [cell.strip().strip('"') for cell in line.split(",")]


def _values(row: list[str], where: str) -> tuple[int, int, float, float, bool]:
    if len(row) != len(COLUMNS):
        raise TrajectoryError(
            f"{where}: there should be {len(COLUMNS)} cells, {', '.join(COLUMNS)}, but there are {len(row)}. {_REMEDY}"
        )
    frame = _whole(row[0], 0, MAX_FRAMES - 1, where, "frame")
    track = _whole(row[1], 1, 10**9, where, "track")
    x, y = (_position(cell, where, name) for cell, name in zip(row[2:4], COLUMNS[2:4], strict=True))
    if row[4].strip().lower() not in ("0", "1", "true", "false"):
        raise TrajectoryError(f"{where}: visible should be 1 or 0, but it is {describe(row[4])}. {_REMEDY}")
    return frame, track, x, y, row[4].strip().lower() in ("1", "true")


def _whole(cell: str, low: int, high: int, where: str, what: str) -> int:
    digits = cell.strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= 10 and low <= int(digits) <= high:
        return int(digits)
    raise TrajectoryError(
        f'{where}: {what} should be a whole number from {low} to {high:,}, but it is "{shorten(cell)}". {_REMEDY}'
    )


def _position(cell: str, where: str, what: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if abs(value) <= MAX_COORDINATE * 65_536:  # NaN fails; `from_arrays` has the limit for the picture at hand
        return value
    raise TrajectoryError(f'{where}: {what} should be a position in pixels, but it is "{shorten(cell)}". {_REMEDY}')


def _tracks(found: dict[tuple[int, int], tuple[float, float, bool]], size: tuple[int, int]) -> Trajectories:
    names, frames = sorted({track for track, _ in found}), sorted({frame for _, frame in found})
    if len(names) > MAX_TRACKS:
        raise TrajectoryError(f"The table should have at most {MAX_TRACKS:,} tracks, but it has {len(names):,}.")
    expected = range(frames[0], frames[-1] + 1) if frames else range(0)
    for track in names:
        for frame in expected:
            if (track, frame) not in found:
                raise TrajectoryError(
                    f"Table: frame {frame} of track {track} is missing; every track should have every frame from "
                    f"{expected[0]} to {expected[-1]}. Add it, with visible 0 where the track is not seen."
                )
    if not names:
        return Trajectories((), size)
    cells = np.array([[found[track, frame] for frame in expected] for track in names])  # [N, T, 3]
    labels = None if names == list(range(1, len(names) + 1)) else [f"track {track}" for track in names]
    width, height = size
    return from_arrays(cells[..., :2], cells[..., 2], width=width, height=height, names=labels)


READER = Reader(recognises, read, report)
WRITER = Writer("csv", write, Limits(visibility=True, names=False, outside=False, motion=sampled_motion), suffix=".csv")
