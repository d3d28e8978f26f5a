"""After Effects' keyframes as text: the clipboard format of Edit > Copy and Paste.

    Adobe After Effects 8.0 Keyframe Data

            Units Per Second        24
            Source Width    576
            Source Height   320
            Source Pixel Aspect Ratio       1
            Comp Pixel Aspect Ratio 1

    Effects Point Control #1        Point #2
            Frame   X pixels        Y pixels
            0       25      25
            1       30.5    25

    End of Keyframe Data

Cells are separated by tabs, and every row starts with one except the names of properties. A value without a frame is
constant. Pixels count from the top left corner: for effects and trackers of the source, whose size the text states; for
a layer's Transform of the composition, whose size is not stated and is assumed to be the picture's. Positions are
interpolated linearly between keyframes.

Reading takes all properties with "X pixels" and "Y pixels", except anchor points (of Transform) and, of a motion
tracker, everything but its Feature Center, the tracked position. A Position whose dimensions are separated is copied as
two properties, X Position and Y Position, which are not read. Writing makes one Point Control per track, which can
be pasted onto any layer. The layout of trackers follows a text written by After Effects.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..checks import shorten
from ..trajectories import Trajectories
from ..types import MAX_SIDE, MAX_TOTAL_POINTS, MAX_TRACKS, Track, TrajectoryError
from . import rows
from .format import Limits, Reader, Writer, at_least_one, count, decimal, in_pixels, listed, sampled, sampled_motion

RATE = 24
"""Frames per second in the output, since trajectories have no rate."""
_WHAT = "The keyframes of After Effects"
_REMEDY = "Copy the keyframes in After Effects again, and paste the whole text."
_FIRST, _LAST = "Adobe After Effects", "End of Keyframe Data"
_TRACKER, _FOLLOWED = "Motion Trackers", "Feature Center"
_SEPARATED = {"X Position", "Y Position", "Z Position"}
_TOGETHER = "right-click Position, switch Separate Dimensions off, and copy it again."
_SIDES = {"Source Width": 0, "Source Height": 1}


@dataclass
class _Property:
    """A property with positions: its name, their frames (NaN if constant), and x and y alternating."""

    name: tuple[str, ...]
    frames: array = field(default_factory=lambda: array("d"))
    positions: array = field(default_factory=lambda: array("d"))

    @property
    def used(self) -> bool:
        if self.name[0] == _TRACKER:
            return self.name[-1] == _FOLLOWED
        return self.name[-1] != "Anchor Point"


@dataclass
class _Found:
    source: list[int | None]
    properties: list[_Property]
    others: list[str]  # the last names of properties without places
    separated: bool = False  # whether X and Y of a position are properties of their own


def recognises(value: object) -> bool:
    start = rows.start_of(value)
    return start.startswith(_FIRST) and "Keyframe Data" in start.split("\n", 1)[0]


def read(value: str, size: tuple[int, int]) -> Trajectories:
    """Reads a track for each property with positions, at every frame from the first keyframe to the last.

    Raises:
        TrajectoryError: naming the line; also if no property has positions.
    """
    found = _found(value)
    used = [item for item in found.properties if item.used and item.frames]
    if not used and found.separated:
        raise TrajectoryError(
            f"{_WHAT} should have X and Y of a position in the same rows, but its dimensions are separated. In After "
            f"Effects, {_TOGETHER}"
        )
    if not used:
        raise TrajectoryError(
            f'{_WHAT} should have places, in rows below "X pixels" and "Y pixels", but there are none. Copy the '
            "keyframes of a Position, a Point Control or a tracker's Feature Center."
        )
    keys = [_keys(item, _size_of(item, found, size)) for item in used]
    first = min((frames[0] for frames, _ in keys if not np.isnan(frames[0])), default=0.0)
    tracks = [(np.nan_to_num(frames, nan=first), positions) for frames, positions in keys]
    return rows.between_keys(tracks, size, [rows.name_of(" ".join(item.name)) for item in used], _WHAT)


def report(value: str, found: Trajectories) -> tuple[str, list[str]]:
    text = _found(value)
    used = [item for item in text.properties if item.used and item.frames]
    notes = []
    if any(item.name[0] != "Transform" for item in used) and None not in text.source:
        width, height = text.source
        notes.append(f"Pixels of effects and trackers are those of the source, {width} x {height}.")
    if any(item.name[0] == "Transform" for item in used):
        notes.append("Pixels of layers are those of the composition; its size is taken to be width and height.")
    if text.separated:
        notes.append(f"A position with separated dimensions is not read: {_TOGETHER}")
    left = dict.fromkeys([item.name[-1] for item in text.properties if not item.used] + text.others)
    if left:
        notes.append(f"Properties that are not read: {listed(left)}.")
    between = sum(rows.has_gaps(np.sort(item.frames)) for item in used)
    if between:
        notes.append(f"Between keyframes the way is straight: {count(between, 'track')}.")
    return "keyframes of After Effects", notes


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    """A Point Control for each enabled track, with a keyframe at each frame, from 0."""
    at_least_one(trajectories, "after_effects")
    head = (
        "Adobe After Effects 8.0 Keyframe Data\n\n"
        f"\tUnits Per Second\t{RATE}\n\tSource Width\t{clip.width}\n\tSource Height\t{clip.height}\n"
        "\tSource Pixel Aspect Ratio\t1\n\tComp Pixel Aspect Ratio\t1\n\n"
    )
    points = sampled(trajectories, clip).points.tolist()
    blocks = (
        f"Effects\tPoint Control #{index}\tPoint #2\n\tFrame\tX pixels\tY pixels\n"
        + "".join(f"\t{frame}\t{decimal(x)}\t{decimal(y)}\n" for frame, (x, y) in enumerate(positions))
        for index, positions in enumerate(watched(points), start=1)
    )
    return f"{head}{chr(10).join(blocks)}\n{_LAST}\n"


def _found(value: str) -> _Found:
    found = _Found([None, None], [], [])
    name: tuple[str, ...] = ()
    current: _Property | None = None
    total = 0
    text = watched(rows.lines(rows.text_of(value, _WHAT), _WHAT))
    for line, row in enumerate(text, start=1):
        cells = [cell.strip() for cell in row.split("\t")]
        if row.startswith(_LAST):
            break
        if not row.strip() or (line == 1 and row.startswith(_FIRST)):
            continue
        if cells[0]:  # only names of properties begin in the first column
            name, current = tuple(cell for cell in cells if cell), None
        elif not name:
            _note_size(found, cells[1:], f"{_WHAT}, line {line}")
        elif len(cells) > 1 and cells[1] == "Frame":
            current = _begin(found, name, cells)
        elif current is not None:
            total += 1
            _add(current, cells, f"{_WHAT}, line {line}")
            if total > MAX_TOTAL_POINTS:
                raise TrajectoryError(f"{_WHAT} should have at most {MAX_TOTAL_POINTS:,} places. Use fewer of them.")
    return found


def _begin(found: _Found, name: tuple[str, ...], cells: list[str]) -> _Property | None:
    """A property by its column heading; None if it has no positions."""
    if cells[2:4] != ["X pixels", "Y pixels"]:
        found.others.append(name[-1])
        found.separated |= name[-1] in _SEPARATED or cells[2:3] in (["X pixels"], ["Y pixels"])
        return None
    found.properties.append(_Property(name))
    if len(found.properties) > MAX_TRACKS:
        raise TrajectoryError(f"{_WHAT} should have at most {MAX_TRACKS:,} properties. Copy fewer of them.")
    return found.properties[-1]


def _note_size(found: _Found, cells: list[str], where: str) -> None:
    if len(cells) < 2 or cells[0] not in _SIDES:
        return
    pixels = rows.position(cells[1], where, cells[0], _REMEDY)
    if not (pixels.is_integer() and 1 <= pixels <= MAX_SIDE):
        raise TrajectoryError(
            f'{where}: {cells[0]} should be a whole number from 1 to {MAX_SIDE}, but it is "{shorten(cells[1])}". '
            f"{_REMEDY}"
        )
    found.source[_SIDES[cells[0]]] = int(pixels)


def _add(current: _Property, cells: list[str], where: str) -> None:
    if len(cells) < 4:
        raise TrajectoryError(f"{where}: there should be a frame, x and y, but there are {len(cells) - 1}. {_REMEDY}")
    frame = rows.position(cells[1], where, "frame", _REMEDY) if cells[1] else math.nan
    before = current.frames[-1] if current.frames else -math.inf
    if not before < frame and current.frames:  # NaN must be the only frame
        raise TrajectoryError(f"{where}: the frame should be later than the one before it. {_REMEDY}")
    current.frames.append(frame)
    current.positions.extend(rows.position(cells[2 + axis], where, "xy"[axis], _REMEDY) for axis in range(2))


def _size_of(item: _Property, found: _Found, size: tuple[int, int]) -> tuple[int, int]:
    """The size in pixels that the places of a property refer to."""
    if item.name[0] == "Transform":
        return size
    width, height = found.source
    return (width or size[0], height or size[1])


def _keys(item: _Property, size: tuple[int, int]) -> rows.Keys:
    return np.array(item.frames), np.array(item.positions).reshape(-1, 2) / size


def _motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    rate = f"No frame rate: {RATE} frames a second are written; change Units Per Second to that of the clip."
    return " ".join(note for note in (sampled_motion(tracks, clip), rate) if note)


READER = Reader("the keyframes that After Effects copies", recognises, read, report, in_pixels)
WRITER = Writer(
    "after_effects", write, Limits(visibility=False, names=False, outside=False, motion=_motion), suffix=".txt"
)
