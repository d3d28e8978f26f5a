"""What an object is made of: an outline, a pivot, and one motion."""

from __future__ import annotations

from dataclasses import dataclass

from ..types import EDITS, ONCE, PALETTE, Loop, Point, Sway, Track
from ..types import MAX_ROTATION as MAX_ROTATION
from ..types import MAX_SCALE as MAX_SCALE
from ..types import MIN_SCALE as MIN_SCALE

MAX_OBJECTS = 256
MAX_RINGS = 256
"""Rings in the outline of one object."""
MAX_OUTLINE_POINTS = 4_096
"""Points in all rings of one object."""
OUTLINE_EDGES = ("snap", "exact")
FINISH = {"grow": (-1, 1), "feather": (0, 1), "shutter": (0, 1)}
"""The range of each finish parameter of an object; 0 leaves the cut unchanged."""
MAX_PINS = 200
"""Pins that bend one object."""
OBJECT_AREAS = ("shadow", "fill_from", "stiff")
"""Further areas of an object, in the same form as its outline."""
MAX_CORRECTIONS = 1_000
"""Frames of a clip in which the outline of one object is corrected."""
FOLLOWED_VERSION = 1
"""Of the form in which these are saved."""
MAX_WORDS = 4_000
"""Characters in the text of an object."""
MIN_DISTANCE, MAX_DISTANCE = 0.1, 1_000.0
"""Of an object, where 1 is the ground at the picture's lower edge."""

Place = tuple[float, float]
"""x, y as fractions of the picture, from its top left corner."""
Ring = tuple[Place, ...]
Outline = tuple[Ring, ...]
"""Closed rings of three or more points. By the even-odd rule a ring inside another is a hole, and a ring may intersect
itself."""


@dataclass(frozen=True, slots=True)
class DrawnPath:
    """A motion along a curve like a track's: the object's displacement is that of the curve from its first point.

    A single point holds the object still. Unlike a track of one point it does not drift.
    """

    points: tuple[Point, ...]
    spline: str = "pchip"
    timing: str = "points"
    ease: str = "linear"


@dataclass(frozen=True, slots=True)
class Key:
    """The state of an object at one time.

    t: a fraction (0..1) of the object's own time.
    x, y: displacement of the pivot, in fractions of the picture.
    rotation: degrees about the pivot, positive is clockwise, in pixels, so that the aspect ratio does not shear it.
    scale: relative to the object's size in the picture.
    ease: from this key to the next.
    """

    t: float
    x: float = 0.0
    y: float = 0.0
    rotation: float = 0.0
    scale: float = 1.0
    ease: str = "linear"


@dataclass(frozen=True, slots=True)
class Keyframes:
    """A motion by keys with ascending times. Before the first one the object moves from its original position at time
    0; after the last one it stays still."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class OutlineKey:
    """The outline of an object in one frame of a clip, drawn there by hand.

    at: the fraction of the clip at whose frame it was drawn.
    """

    at: float
    outline: Outline


@dataclass(frozen=True, slots=True)
class MotionObject:
    """A part of the picture that moves rigidly, and bends where it has pins.

    outline: in the picture, as at the beginning of the clip, or at `at`.
    pivot: the centre of rotation and scale.
    start, end: when the motion begins and ends, as fractions of the clip, start < end; outside them it stays still.
    visible: closed intervals [a, b] of clip fractions, in any order; no interval means never visible.
    group: objects with the same name here are selected and moved together in the editor; empty for no group.
    edge: "snap" if the outline snaps to the nearby edge of the picture, "exact" if it stays as drawn.
    grow: how far the cut is grown; below 0 it is shrunk.
    feather: the width over which the cut becomes transparent, half of it inside and half outside.
    shutter: the fraction of the time between two frames during which the shutter is open (motion blur).

    grow and feather are fractions of sqrt(width * height) of the picture; `FINISH` has their ranges.
    shadow: where it darkens the picture at the beginning of the clip. The shadow moves with it.
    fill_from: the area of the picture to copy from when filling behind it and its shadow; anywhere if empty.
    edit, delay: as a track's; for an object in a clip.
    at: the fraction of the clip at whose frame the outline and the areas were drawn; 0 for a picture.
    followed: its outline in further frames of a clip, with ascending times, where the one found there was corrected.
    distance: from the camera, where 1 is the ground at the picture's lower edge; None for where it stands. For a camera
        that moves through a picture whose depth is drawn by hand (`dragnuwa.carry.depth.readers`).
    stiffness: with which its pins bend it, from 0, soft, to 1.
    stiff: where it hardly bends.
    pins: tracks that pull at places of it, where it is in the picture, or in the frame at `at`; its own motion comes
        after the bend. A single point holds its place. Disabled ones have no effect.
    loop: whether and how often its motion repeats.
    sway: how it swings, in waves that run along it from what holds it: its pins that rest, else the picture's edge,
        else its lowest part. None if it does not.
    text: what it is, in the words of a prompt, for models that read a text for each region; the name if empty.
    """

    outline: Outline
    pivot: Place
    motion: DrawnPath | Keyframes
    id: str = "o1"
    name: str = ""
    color: str = PALETTE[0]
    enabled: bool = True
    start: float = 0.0
    end: float = 1.0
    visible: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    group: str = ""
    edge: str = OUTLINE_EDGES[0]
    grow: float = 0.0
    feather: float = 0.0
    shutter: float = 0.0
    shadow: Outline = ()
    fill_from: Outline = ()
    edit: str = EDITS[0]
    delay: float = 0.0
    at: float = 0.0
    followed: tuple[OutlineKey, ...] = ()
    distance: float | None = None
    stiffness: float = 0.5
    stiff: Outline = ()
    pins: tuple[Track, ...] = ()
    loop: Loop = ONCE
    sway: Sway | None = None
    text: str = ""

    @property
    def words(self) -> str:
        """What it is, in words; empty if nobody has said it."""
        return self.text.strip() or self.name.strip()

    @property
    def bends(self) -> bool:
        """Whether it changes its shape: by its enabled pins, or as it sways."""
        return self.sway is not None or any(pin.enabled for pin in self.pins)


def default_id(index: int) -> str:
    """The default id of the object at `index` (from 0)."""
    return f"o{index + 1}"


def middle(outline: Outline) -> Place:
    """The centre of an outline's bounding box: the default pivot."""
    xs, ys = zip(*(place for ring in outline for place in ring), strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
