"""A table (CSV) of positions, one row for each frame of a track.

For spreadsheets, and scripts for After Effects and Blender.

    frame,track,x,y,visible
    0,1,25,25,1
    1,1,30.5,25,1

Output has frames from 0, tracks from 1, pixels from the top left corner, and visible as 1 or 0. Input may have these
columns in any order and among others, separated by commas, semicolons or tabs; with the latter two, numbers may have a
decimal comma. Only frame, x and y are required; frames may begin anywhere. Columns "u" and "v" instead of "x" and "y"
are fractions of the picture from its bottom left corner, as for Blender's markers; "y_up" instead of "y" is in pixels
from the bottom.

Which track a row belongs to is said by all columns of `TRACK` together, which may hold names; if one frame of a track
is there several times, by another column that tells its rows apart, and otherwise by their order. Whether a point is
seen is said by columns of `SEEN`, `HIDDEN` and `SURE`. Rows that are missing or have no place are lost points.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..arrays import from_arrays
from ..checks import describe, names, shorten
from ..lost import WORDS, notes_of_array
from ..trajectories import Trajectories
from ..types import MAX_POINTS, MAX_TOTAL_POINTS, MAX_TRACKS, TrajectoryError
from . import rows
from .format import (
    FRACTIONS,
    PIXELS,
    Limits,
    Reader,
    Reference,
    Writer,
    count,
    decimal,
    listed,
    sampled,
    sampled_motion,
)

COLUMNS = ("frame", "track", "x", "y", "visible")
FRAME = ("frame", "frame_id", "frame_index", "frame_idx", "frame_number", "frameid", "framenumber")
TRACK = (
    "track", "track_id", "trackid", "track_index", "id", "point", "point_id", "pointid", "point_index", "object",
    "object_id", "obj_id", "instance_id", "person", "person_id", "particle", "marker", "marker_id", "label", "joint",
    "keypoint", "keypoint_id", "bodypart",
)  # fmt: skip
SEEN = ("visible", "visibility", "is_visible")
HIDDEN = ("occluded", "occlusion", "hidden", "lost", "mute", "muted")
SURE = ("confidence", "conf", "score", "likelihood", "certainty", "probability")
HALF = 0.5
"""A point that is less sure is hidden; of a column that goes beyond 1, half of 100."""
_FROM_BOTTOM = ("u", "v")
_UP = ("x", "y_up")  # pixels
_SEPARATORS = (",", ";", "\t")
_WHAT = "The table"
_REMEDY = "Export the table again, or correct this row."
_VISIBLE = {"1": True, "0": False, "true": True, "false": False}
_MOST_TRIED = 8  # columns by which rows of one frame may be told apart
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
        frame: the name of the column of the frame.
        tracks: those of the columns that say which track a row belongs to.
        apart: of these, what the heading does not name so.
    """

    separator: str
    columns: tuple[str, ...]
    axes: tuple[str, str]
    frame: str
    tracks: tuple[str, ...]
    apart: str = ""

    @property
    def seen(self) -> tuple[str, ...]:
        """Columns that say whether a point is seen."""
        return tuple(name for name in (*SEEN, *HIDDEN, *SURE) if name in self.columns)

    @property
    def read(self) -> tuple[str, ...]:
        return (self.frame, *self.tracks, *self.axes, *self.seen)

    @property
    def extra(self) -> list[str]:
        return [column for column in self.columns if column not in self.read]


@dataclass
class _Rows:
    """The rows of a table in order, a list per column; tracks are numbered by first appearance.

    Attributes:
        tracks: the label of each, and its number.
        keys: of the rows.
        positions: x, y and whether the point is seen; NaN where it is lost.
        sure: for each row, how sure its columns of `SURE` are, at least.
        repeated: whether a frame of a track was there several times.
        times: how often, by the track's label and the frame.
    """

    tracks: dict[str, int] = field(default_factory=dict)
    keys: dict[Key, None] = field(default_factory=dict)
    positions: list[tuple[float, float, bool]] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)
    repeated: bool = False
    times: dict[tuple[str, int], int] = field(default_factory=dict)


def recognises(value: object) -> bool:
    """Whether a text begins with a heading that has a column of `FRAME`."""
    line = rows.start_of(value).split("\n", 1)[0]
    headings = (_heading_cells(line, mark) for mark in _SEPARATORS)
    return any(len(cells) > 1 and any(name in cells for name in FRAME) for cells in headings)


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
        TrajectoryError: naming the row; also if no row has a place.
    """
    found, heading = _table(value)
    return _tracks(found, heading, size)


def report(value: str, trajectories: Trajectories) -> tuple[str, list[str]]:
    found, heading = _table(value)
    notes = ["A table holds no names but those of its tracks, no colours and no curves."]
    if not heading.seen:
        notes.append("It has no column visible: everything counts as seen.")
    if heading.axes == _UP:
        notes.append("y_up is read from the bottom of the picture upwards.")
    elif heading.axes == _FROM_BOTTOM:
        notes.append("u and v are read as fractions of the picture from its bottom left corner.")
    elif _is_of_blenders_addon(value, heading):
        notes.append(
            "Blender's add-on Export Motion Tracking Data writes such a table, with y from the bottom upwards; this is "
            'read from the top. For one of that add-on, set y_counts to "from the bottom", or write y_up instead of y '
            "into its first line."
        )
    notes += _told_apart(found, heading)
    unsure = [name for name in SURE if name in heading.columns]
    if unsure and _limit(found) is None:
        notes.append(f"Values of {listed(unsure)} beyond 0 to 100 are not read.")
    elif unsure:
        number = sum(one < _limit(found) for one in found.sure)
        notes.append(f"Hidden, since {listed(unsure)} is below {_limit(found):g}: {count(number, 'point')}.")
    if heading.extra:
        notes.append(f"Columns that are not read: {listed(heading.extra)}.")
    return "a table (CSV)", [*notes, *(notes_of_array(_grid(found)[..., :2]) if found.positions else [])]


def _told_apart(found: _Rows, heading: _Heading) -> list[str]:
    notes = []
    if heading.tracks and (len(heading.tracks) > 1 or heading.apart):
        notes.append(f"Tracks are told apart by {listed(heading.tracks)}.")
    if found.repeated:
        notes.append("Rows of one frame that no column tells apart are tracks by their order in it.")
    if "id" in heading.columns and "id" not in heading.tracks:
        notes.append("id numbers the rows, and is no track.")
    return notes


def _is_of_blenders_addon(value: str, heading: _Heading) -> bool:
    """Whether a table has the three columns of that add-on, and whole numbers as it rounds them."""
    start = rows.start_of(value).split("\n")[1:20]
    whole = all(cell.strip().lstrip("-").isdecimal() for row in start[:-1] for cell in row.split(";"))
    return heading.separator == ";" and heading.columns == ("frame", "x", "y") and whole


def _heading_cells(line: str, separator: str) -> list[str]:
    """The separator of a heading, whose cells cannot contain a separator or a quote."""
    return [cell.strip().strip('"').strip().lower() for cell in line.split(separator)]


def _heading(line: str) -> _Heading:
    separator = max(_SEPARATORS, key=line.count)
    columns = tuple(_heading_cells(line, separator))
    axes = _FROM_BOTTOM if "x" not in columns and set(_FROM_BOTTOM) <= set(columns) else ("x", "y")
    axes = _UP if "y" not in columns and set(_UP) <= set(columns) else axes
    frame = next((name for name in FRAME if name in columns), "frame")
    heading = _Heading(separator, columns, axes, frame, tuple(name for name in TRACK if name in columns))
    missing = [name for name in (frame, *axes) if name not in columns]
    twice = [name for name in heading.read if columns.count(name) > 1]
    if missing or twice:
        problem = f"lacks {names(missing)}" if missing else f"has {names(twice)} twice"
        raise TrajectoryError(
            f'{_WHAT} should begin with a heading of the columns "frame", "x" and "y" (in pixels), or "u" and "v" (in '
            f'fractions from the bottom left), and may have "track" and "visible"; this one {problem}. '
            "Name its columns so."
        )
    return heading


def _table(value: str) -> tuple[_Rows, _Heading]:
    """The rows, and the heading with the columns that tell their tracks apart."""
    text = rows.text_of(value, _WHAT).lstrip()
    heading = _heading(text.split("\n", 1)[0])
    found = _rows(text, heading)
    if "id" in heading.tracks and len(found.tracks) == len(found.keys) > 1 and len(_frames(found)) > 1:
        heading = replace(heading, tracks=tuple(name for name in heading.tracks if name != "id"))
        found = _rows(text, heading)  # each row has an id of its own, which is no track
    for column in heading.extra[:_MOST_TRIED] if found.repeated else ():
        if heading.columns.count(column) == 1 and column:
            other = replace(heading, tracks=(*heading.tracks, column), apart=column)
            apart = _rows(text, other)
            if not apart.repeated and len(apart.tracks) < len(apart.keys):
                return apart, other
    return found, heading


def _frames(found: _Rows) -> set[int]:
    return {frame for _, frame in found.keys}


def _rows(text: str, heading: _Heading) -> _Rows:
    found = _Rows()
    index = {name: heading.columns.index(name) for name in heading.read}
    comma = heading.separator != ","
    for line, row in watched(_cells(text, heading)):
        where = f"Table, line {line}"
        if len(row) != len(heading.columns):
            raise TrajectoryError(
                f"{where}: there should be {len(heading.columns)} cells, {listed(heading.columns)}, but there are "
                f"{len(row)}. {_REMEDY}"
            )
        cells = {name: row[column].strip() for name, column in index.items()}
        frame = rows.frame_number(cells[heading.frame], where, _REMEDY)
        _add(found, " ".join(_label(cells[name], where) for name in heading.tracks) or _ALONE, frame)
        places = [_dotted(cells[name], comma) for name in heading.axes]
        lost = any(place.lower() in WORDS for place in places)
        xy = (np.nan if lost else rows.position(place, where, name, _REMEDY)
              for place, name in zip(places, heading.axes, strict=True))  # fmt: skip
        shown = [cells[name] for name in SEEN if name in cells], [cells[name] for name in HIDDEN if name in cells]
        seen = all(_seen(cell, where) for cell in shown[0]) and not any(_seen(cell, where) for cell in shown[1])
        found.positions.append((*xy, seen))
        found.sure.append(min((_sure(_dotted(cells[name], comma), where, name) for name in SURE if name in cells),
                              default=1.0))  # fmt: skip
        if len(found.positions) > MAX_TOTAL_POINTS:
            raise TrajectoryError(f"{_WHAT} should have at most {MAX_TOTAL_POINTS:,} rows. Use fewer tracks or frames.")
    return found


def _add(found: _Rows, label: str, frame: int) -> None:
    """Gives a row a track of its own where its frame of that track is there already."""
    number = found.times[label, frame] = found.times.get((label, frame), 0) + 1
    if number > MAX_TRACKS:
        raise TrajectoryError(f"{_WHAT} should have at most {MAX_TRACKS:,} tracks, but frame {frame} has more rows.")
    found.repeated |= number > 1
    name = label if number == 1 else f"{label} ({number})"
    key = found.tracks.setdefault(name, len(found.tracks)), frame
    if key in found.keys:
        raise TrajectoryError(f'{_WHAT} has rows of a track named "{shorten(name)}" already. Give it another name.')
    found.keys[key] = None


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
    if cell.lower() in _VISIBLE:
        return _VISIBLE[cell.lower()]
    if cell.lower() in WORDS:
        return False
    if rows.is_number(cell) and 0 <= float(cell) <= 1:
        return float(cell) > HALF
    raise TrajectoryError(f"{where}: visible should be 1 or 0, but it is {describe(cell)}. {_REMEDY}")


def _sure(cell: str, where: str, name: str) -> float:
    return 0.0 if cell.lower() in WORDS else rows.position(cell, where, name, _REMEDY)


def _limit(found: _Rows) -> float | None:
    """Below which a point is hidden; None where the numbers say something else than how sure it is."""
    low, high = min(found.sure, default=0.0), max(found.sure, default=1.0)
    return None if low < 0 or high > 100 else HALF if high <= 1 else 100 * HALF


def _tracks(found: _Rows, heading: _Heading, size: tuple[int, int]) -> Trajectories:
    if not found.positions:
        return Trajectories((), size)
    labels, order = list(found.tracks), _order(found)
    numbered = _are_numbers(labels)
    positions = _grid(found)
    if heading.axes == _FROM_BOTTOM:
        positions[..., 1] = 1 - positions[..., 1]
        positions[..., :2] *= size
    elif heading.axes == _UP:
        positions[..., 1] = size[1] - positions[..., 1]
    plain = [str(number) for number in range(1, len(labels) + 1)]
    ordered = [labels[index] for index in order]
    called = [f"track {label}" for label in ordered] if numbered else [rows.name_of(label) for label in ordered]
    width, height = size
    named = {"width": width, "height": height, "names": None if ordered == plain else called}
    return from_arrays(positions[..., :2], positions[..., 2], **named)


def _are_numbers(labels: list[str]) -> bool:
    return all(label.isascii() and label.isdigit() for label in labels)


def _order(found: _Rows) -> list[int]:
    """The tracks by their numbers, or by first appearance."""
    labels = list(found.tracks)
    return sorted(range(len(labels)), key=(lambda k: int(labels[k])) if _are_numbers(labels) else (lambda k: k))


def _grid(found: _Rows) -> np.ndarray:
    """The rows as [N, T, 3]: x, y and visibility of each track at each frame; NaN, NaN and 0 without a row."""
    keys = np.array(list(found.keys), dtype=np.int64)  # [rows, 2]
    first, last = int(keys[:, 1].min()), int(keys[:, 1].max())
    tracks, frames = len(found.tracks), last - first + 1
    if tracks > MAX_TRACKS or frames > MAX_POINTS or tracks * frames > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"{_WHAT} should have at most {MAX_TRACKS:,} tracks, {MAX_POINTS:,} frames and {MAX_TOTAL_POINTS:,} "
            f"places, but it has {tracks:,} tracks from frame {first:,} to {last:,}. Use fewer of them."
        )
    grid = np.full((tracks * frames, 3), (np.nan, np.nan, 0.0))
    rank = np.argsort(_order(found))[keys[:, 0]]
    values, limit = np.array(found.positions, dtype=np.float64), _limit(found)
    if limit is not None:
        values[:, 2] *= np.array(found.sure) >= limit
    grid[rank * frames + keys[:, 1] - first] = values
    return grid.reshape(tracks, frames, 3)


def _reference(value: str) -> Reference:
    axes = _heading(rows.text_of(value, _WHAT).lstrip().split("\n", 1)[0]).axes
    return Reference(FRACTIONS if axes == _FROM_BOTTOM else PIXELS, upwards=axes != ("x", "y"))


READER = Reader(
    'a table (CSV) that begins with its columns, such as "frame,track,x,y"', recognises, read, report, _reference
)
WRITER = Writer("csv", write, Limits(visibility=True, names=False, outside=False, motion=sampled_motion), suffix=".csv")
