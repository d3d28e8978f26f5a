"""A table (CSV) of positions, one row for each frame of a track.

For spreadsheets, and scripts for After Effects and Blender.

    frame,track,x,y,visible
    0,1,25,25,1
    1,1,30.5,25,1

Output has frames from 0, tracks from 1, pixels from the top left corner, and visible as 1 or 0. Input may have these
columns in any order and among others, separated by commas, semicolons or tabs; with the latter two, numbers may have a
decimal comma. Only frame, x and y are required: without "track" there is one track, without "visible" everything is
visible. Tracks may have names instead of numbers; frames may begin anywhere. Columns "u" and "v" instead of "x" and "y"
are fractions of the picture from its bottom left corner, as for Blender's markers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..arrays import from_arrays
from ..checks import describe, names, shorten
from ..trajectories import Trajectories
from ..types import MAX_POINTS, MAX_TOTAL_POINTS, MAX_TRACKS, TrajectoryError
from . import rows
from .format import Limits, Reader, Writer, decimal, listed, sampled, sampled_motion

COLUMNS = ("frame", "track", "x", "y", "visible")
_FROM_BOTTOM = ("u", "v")
_SEPARATORS = (",", ";", "\t")
_WHAT = "The table"
_REMEDY = "Export the table again, or correct this row."
_VISIBLE = {"1": True, "0": False, "true": True, "false": False}
_ALONE = "1"  # the track of a table without that column

Key = tuple[int, int]
"""The row's track, numbered by first appearance, and its frame."""


@dataclass(frozen=True)
class _Heading:
    """The columns of a table.

    Attributes:
        separator: between the cells.
        columns: of the heading, in lower case.
        axes: the names of the columns of the position.
    """

    separator: str
    columns: tuple[str, ...]
    axes: tuple[str, str]

    @property
    def read(self) -> tuple[str, ...]:
        return ("frame", "track", *self.axes, "visible")

    @property
    def extra(self) -> list[str]:
        return [column for column in self.columns if column not in self.read]


@dataclass
class _Rows:
    """The rows of a table in order, a list per column; tracks are numbered by first appearance."""

    tracks: dict[str, int]
    keys: dict[Key, None]
    positions: list[tuple[float, float, bool]]


def recognises(value: object) -> bool:
    """Whether a text begins with a heading that has a column "frame"."""
    line = rows.start_of(value).split("\n", 1)[0].rstrip("\r")
    return any(len(cells) > 1 and "frame" in cells for cells in (_heading_cells(line, mark) for mark in _SEPARATORS))


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    """The enabled tracks at the frames of the clip -> the table, sorted by track. Raises TrajectoryError: too many."""
    tracks_at = sampled(trajectories, clip)
    points, visible = tracks_at.points, tracks_at.visible
    tracks, frames = visible.shape
    columns = (
        np.tile(np.arange(frames), tracks).tolist(),
        np.repeat(np.arange(1, tracks + 1), frames).tolist(),
        *(map(decimal, points[..., axis].ravel().tolist()) for axis in range(2)),
        visible.ravel().astype(int).tolist(),
    )
    cells = watched(zip(*columns, strict=True))
    lines = (f"{frame},{track},{x},{y},{shown}\n" for frame, track, x, y, shown in cells)
    return "".join([",".join(COLUMNS) + "\n", *lines])


def read(value: str, size: tuple[int, int]) -> Trajectories:
    """Reads a table by `from_arrays`. Rows may be in any order.

    Raises:
        TrajectoryError: naming the row; also if a track lacks a frame that another has.
    """
    text = rows.text_of(value, _WHAT).lstrip()
    heading = _heading(text.split("\n", 1)[0])
    return _tracks(_rows(text, heading), heading, size)


def report(value: str, found: Trajectories) -> tuple[str, list[str]]:
    heading = _heading(rows.text_of(value, _WHAT).lstrip().split("\n", 1)[0])
    notes = ["A table holds no names but those in its column track, no colours and no curves."]
    if "visible" not in heading.columns:
        notes.append("It has no column visible: everything counts as seen.")
    if heading.axes == _FROM_BOTTOM:
        notes.append("u and v are read as fractions of the picture from its bottom left corner.")
    if heading.extra:
        notes.append(f"Columns that are not read: {listed(heading.extra)}.")
    return "a table (CSV)", notes


def _heading_cells(line: str, separator: str) -> list[str]:
    """The separator of a heading, whose cells cannot contain a separator or a quote."""
    return [cell.strip().strip('"').strip().lower() for cell in line.split(separator)]


def _heading(line: str) -> _Heading:
    separator = max(_SEPARATORS, key=line.count)
    columns = tuple(_heading_cells(line, separator))
    axes = _FROM_BOTTOM if "x" not in columns and set(_FROM_BOTTOM) <= set(columns) else ("x", "y")
    heading = _Heading(separator, columns, axes)
    missing = [name for name in ("frame", *axes) if name not in columns]
    twice = [name for name in heading.read if columns.count(name) > 1]
    if missing or twice:
        problem = f"lacks {names(missing)}" if missing else f"has {names(twice)} twice"
        raise TrajectoryError(
            f'{_WHAT} should begin with a heading of the columns "frame", "x" and "y" (in pixels), or "u" and "v" (in '
            f'fractions from the bottom left), and may have "track" and "visible"; this one {problem}. '
            "Name its columns so."
        )
    return heading


def _rows(text: str, heading: _Heading) -> _Rows:
    found = _Rows({}, {}, [])
    index = {name: heading.columns.index(name) for name in heading.read if name in heading.columns}
    x, y = heading.axes
    comma = heading.separator != ","
    for line, row in watched(_cells(text, heading)):
        where = f"Table, line {line}"
        if len(row) != len(heading.columns):
            raise TrajectoryError(
                f"{where}: there should be {len(heading.columns)} cells, {listed(heading.columns)}, but there are "
                f"{len(row)}. {_REMEDY}"
            )
        cells = {name: row[column].strip() for name, column in index.items()}
        frame = rows.frame_number(cells["frame"], where, _REMEDY)
        track = _label(cells.get("track", _ALONE), where)
        key = found.tracks.setdefault(track, len(found.tracks)), frame
        if key in found.keys:
            raise TrajectoryError(
                f"{where}: frame {frame} of track {shorten(track)} is there twice. Remove one of the two."
            )
        found.keys[key] = None
        place = (rows.position(_dotted(cells[name], comma), where, name, _REMEDY) for name in (x, y))
        found.positions.append((*place, _seen(cells.get("visible", "1"), where)))
        if len(found.positions) > MAX_TOTAL_POINTS:
            raise TrajectoryError(f"{_WHAT} should have at most {MAX_TOTAL_POINTS:,} rows. Use fewer tracks or frames.")
    return found


def _cells(text: str, heading: _Heading) -> Iterator[tuple[int, list[str]]]:
    """The non-empty rows below the heading, with their line numbers."""
    lines = (f"{line}\n" for line in rows.lines(text, _WHAT))
    table = csv.reader(lines, delimiter=heading.separator, strict=True)  # an unclosed quote would hide the rest
    try:
        next(table)
        for row in table:
            if any(cell.strip() for cell in row):
                yield table.line_num, row
    except csv.Error as error:
        raise TrajectoryError(f"Table, line {table.line_num}: it cannot be read ({error}). {_REMEDY}") from None


def _dotted(cell: str, comma: bool) -> str:
    """Replaces a decimal comma, unless cells are separated by commas."""
    return cell.replace(",", ".", 1) if comma else cell


def _label(cell: str, where: str) -> str:
    """A track's number without leading zeros, or its name."""
    if not cell:
        raise TrajectoryError(f"{where}: track should be a number or a name, but it is empty. {_REMEDY}")
    whole = cell.isascii() and cell.isdigit() and len(cell) <= 10
    return str(int(cell)) if whole else rows.name_of(cell)


def _seen(cell: str, where: str) -> bool:
    if cell.lower() not in _VISIBLE:
        raise TrajectoryError(f"{where}: visible should be 1 or 0, but it is {describe(cell)}. {_REMEDY}")
    return _VISIBLE[cell.lower()]


def _tracks(found: _Rows, heading: _Heading, size: tuple[int, int]) -> Trajectories:
    if not found.positions:
        return Trajectories((), size)
    labels = list(found.tracks)
    numbered = all(label.isascii() and label.isdigit() for label in labels)
    order = sorted(range(len(labels)), key=lambda index: int(labels[index])) if numbered else range(len(labels))
    positions = _grid(found, labels, list(order))
    if heading.axes == _FROM_BOTTOM:
        positions[..., 1] = 1 - positions[..., 1]
        positions[..., :2] *= size
    plain = [str(number) for number in range(1, len(labels) + 1)]
    ordered = [labels[index] for index in order]
    called = [f"track {label}" for label in ordered] if numbered else ordered
    width, height = size
    named = {"width": width, "height": height, "names": None if ordered == plain else called}
    return from_arrays(positions[..., :2], positions[..., 2], **named)


def _grid(found: _Rows, labels: list[str], order: list[int]) -> np.ndarray:
    """The rows as [N, T, 3]: x, y and visibility of each track at each frame."""
    keys = np.array(list(found.keys), dtype=np.int64)  # [rows, 2]
    first, last = int(keys[:, 1].min()), int(keys[:, 1].max())
    tracks, frames = len(labels), last - first + 1
    if tracks > MAX_TRACKS or frames > MAX_POINTS:
        raise TrajectoryError(
            f"{_WHAT} should have at most {MAX_TRACKS:,} tracks and {MAX_POINTS:,} frames, but it has {tracks:,} "
            f"tracks from frame {first:,} to {last:,}. Use fewer of them."
        )
    rank = np.argsort(order)[keys[:, 0]]
    at = rank * frames + keys[:, 1] - first
    if len(at) < tracks * frames:
        taken = np.sort(at)
        gap = int(np.flatnonzero(np.append(taken, tracks * frames) != np.arange(len(taken) + 1))[0])
        raise TrajectoryError(
            f"Table: frame {first + gap % frames} of track {shorten(labels[order[gap // frames]])} is missing; every "
            f"track should have every frame from {first} to {last}. Add it, with visible 0 where the track is not seen."
        )
    grid = np.empty((tracks * frames, 3))
    grid[at] = found.positions
    return grid.reshape(tracks, frames, 3)


READER = Reader('a table (CSV) that begins with its columns, such as "frame,track,x,y"', recognises, read, report)
WRITER = Writer("csv", write, Limits(visibility=True, names=False, outside=False, motion=sampled_motion), suffix=".csv")
