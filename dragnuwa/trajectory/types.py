"""The parts of a trajectory: points, tracks, their limits, and the error that every reader raises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..common.errors import InputError

TYPE = "dragnuwa.trajectories"
VERSION = 1
"""Version of values without objects."""
OBJECTS_VERSION = 2
"""Version of values with objects (`dragnuwa.trajectory.objects`)."""

KINDS = ("path", "anchor")
SPLINES = ("pchip", "linear", "catmull_rom", "bezier")
TIMINGS = ("points", "arc_length", "keys")
EDITS = ("relative", "absolute", "still", "removed", "copied")
"""What a drag or an object is to an object in a clip: its motion on top of the object's own, or in place of it; the
object is held still, or taken out; or it stays, and a copy moves on top of its motion. Of no effect in a picture."""
BENDS = ("", "auto", "on", "off")
"""Whether a drag or an anchor bends the object that it lies on: not joined to others, as before there was bending;
decided by where it begins and what else lies on the object; always, as a pin of it; or never, as a part of its own."""
OVERS = ("", "front", "behind")
"""Where parts of a bent object overlap: by itself; what is around this pin in front of the others, or behind them."""
EASES = ("linear", "ease_in", "ease_out", "ease_in_out", "constant")
LOOPS = ("once", "ping_pong", "closed")
"""How a motion repeats: not; to its end and back; or around a closed path, from its end on to where it began."""

MAX_TRACKS = 16_384
MAX_POINTS = 10_000
"""Points in one track."""
MAX_TOTAL_POINTS = 2**20
"""Points in all tracks together: 16,384 tracks of 10,000 points would be 164 million objects."""
MAX_INTERVALS = 10_000
"""Visible intervals in one track."""
MAX_TEXT_BYTES = 96 * 2**20
"""Whatever `from_arrays` takes can be written and read again: 60 bytes for each of 2**20 points, at most 24 more for
its visibility, and 250 for each track."""
MAX_TEXT_VALUES = 5 * 2**20
"""Values in a text, counted as its commas and opening brackets: decoding takes up to 110 bytes of memory for each. Each
point of a track has three of them, and at most 1.5 for its visibility."""
MAX_NAME = 256
"""Characters in an id or a name."""
MAX_COORDINATE = 1e4
"""Largest distance from the top left corner, in widths or heights of the picture."""
MAX_SIDE = 65_536
"""Largest width or height of a picture that tracks are drawn on or sampled for, in pixels. A model takes less: see
`dragnuwa.common.clip_shape`."""
MAX_FRAMES = 4_096
"""Most frames that tracks are sampled at. A model takes fewer."""

MAX_PIN_KEYS = 1_000
"""Keys by which one pin turns and scales what is around it."""
MAX_ROTATION = 36_000.0
"""Degrees: a hundred turns of an object, or of what is around a pin."""
MIN_SCALE, MAX_SCALE = 0.01, 100.0
MAX_CYCLES = 1_000
"""Repetitions of a motion, and swings of what sways, in one clip."""
MAX_SWAY = 10.0
"""Amount of a `Sway`."""
MAX_WAVES = 8.0
"""Waves along an object that sways."""

MIN_HORIZON, MAX_HORIZON = -4.0, 0.95
"""Of the picture's height, from its top; below 0 the horizon lies above the picture."""

PALETTE = (
    "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf",
)  # fmt: skip


class TrajectoryError(InputError):
    """A trajectory value cannot be used. The message names the track and the point, what was expected, what was found,
    and what to do about it."""

    __module__ = "dragnuwa.trajectory"  # the host shows it, and would otherwise show the pack's full path


@dataclass(frozen=True, slots=True)
class Point:
    """A control point. x, y run 0..1 from the top left corner of the picture; outside of it is allowed.

    t: the point's time, a fraction (0..1) of its track's own time; used by the timing "keys" only.
    handle_in, handle_out: Bezier handles, offsets (x, y) from the point in the same units; used by "bezier" only.
    """

    x: float
    y: float
    t: float | None = None
    handle_in: tuple[float, float] | None = None
    handle_out: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class PinKey:
    """How what is around a pin is turned and scaled at one time.

    at: a fraction (0..1) of the track's own time.
    turn: degrees, positive is clockwise.
    scale: relative to its size in the picture.
    """

    at: float
    turn: float = 0.0
    scale: float = 1.0


BACK = 0.25
"""The part of the time in which a closed motion whose keys have times of their own leads back to its beginning."""


@dataclass(frozen=True, slots=True)
class Loop:
    """How a motion repeats between its start and its end, so that it is then where it began.

    mode: one of `LOOPS`. "closed" adds a last part that leads back to the beginning, unless the motion ends there.
    times: how often it goes to and fro, or around; a whole number.
    """

    mode: str = LOOPS[0]
    times: int = 1

    def progress(self, s: np.ndarray) -> np.ndarray:
        """Converts fractions [T] of the own time to fractions [T] of one way, or of one way around."""
        if self.mode == "once":
            return s
        cycle = s * self.times
        cycle = cycle - np.floor(cycle)
        return cycle if self.mode == "closed" else 1 - np.abs(2 * cycle - 1)


ONCE = Loop()


@dataclass(frozen=True, slots=True)
class Sway:
    """A swing about where something is, without a jump where the clip begins anew.

    amount: how far it swings to each side of its middle: of a track a fraction of sqrt(width * height) of the picture,
        of an object of its length.
    times: swings between start and end; a whole number of them ends where it began.
    phase: of its first instant, a fraction of a swing, by which several differ. It is at its place there, whatever the
        phase.
    direction: of a track, in degrees clockwise from the right. An object swings across its length.
    waves: of an object, how many of them lie along it; the further from what holds it, the later it swings.
    """

    amount: float
    times: float = 2.0
    phase: float = 0.0
    direction: float = 0.0
    waves: float = 0.4

    def swing(self, s: np.ndarray, later: np.ndarray | float = 0.0) -> np.ndarray:
        """How far it swings at fractions s of the own time, in `amount`s, 0 at 0; `later` in swings."""
        first = self.phase - later
        return np.sin(2 * np.pi * (self.times * s + first)) - np.sin(2 * np.pi * first)


@dataclass(frozen=True, slots=True)
class Track:
    """One drag: control points, the curve through them, and its timing.

    The defaults are the original DragNUWA's: PCHIP through points that are spaced equally in time over the whole clip.
    A track of one point (always so for the kind "anchor") that does not sway is an anchor (see
    `dragnuwa.trajectory.sampling`), which drifts by (+1, +1) pixel over its time.

    start, end: when the motion begins and ends, as fractions of the clip, start < end; outside them the point rests.
    visible: closed intervals [a, b] of clip fractions, in any order; no interval means never visible.
    edit: one of `EDITS`; over a clip, the track begins on the object at the frame of `start`.
    delay: by which part of the clip (-1..1) the object's own motion is shown later; earlier if negative.
    loop: whether and how often the motion repeats.
    sway: how the point swings on top of its motion; None if it does not.

    The following fields are for a track that bends what it lies on (`dragnuwa.carry.regions`), in a clip on top of what
    that does (`dragnuwa.carry.video.bent`).
    bend: one of `BENDS`.
    stays: how much of the object stays by itself if this is its only pin (0..1): what is further from it, along the
        object, than this part of the furthest.
    pin: how what is around it turns and scales, with ascending times, linear between them; before the first key from
        its place in the picture at time 0. By itself if there are none.
    over: one of `OVERS`.
    stiffness: of the object, from 0, soft, to 1; where its pins differ, their mean.
    """

    points: tuple[Point, ...]
    id: str = "t1"
    name: str = ""
    color: str = PALETTE[0]
    enabled: bool = True
    kind: str = "path"
    spline: str = "pchip"
    timing: str = "points"
    start: float = 0.0
    end: float = 1.0
    ease: str = "linear"
    visible: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    edit: str = EDITS[0]
    delay: float = 0.0
    loop: Loop = ONCE
    sway: Sway | None = None
    bend: str = BENDS[0]
    stays: float = 0.5
    pin: tuple[PinKey, ...] = ()
    over: str = OVERS[0]
    stiffness: float = 0.5


def default_id(index: int) -> str:
    """The default id of the track at `index` (from 0)."""
    return f"t{index + 1}"


def default_color(index: int) -> str:
    """The default colour of the track at `index` (from 0)."""
    return PALETTE[index % len(PALETTE)]
