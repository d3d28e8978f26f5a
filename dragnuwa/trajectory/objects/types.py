"""What an object is made of: an outline, a pivot, and one motion."""

from __future__ import annotations

from dataclasses import dataclass

from ..types import PALETTE, Point

MAX_OBJECTS = 256
MAX_RINGS = 256
"""Rings in the outline of one object."""
MAX_OUTLINE_POINTS = 4_096
"""Points in all rings of one object."""
MAX_ROTATION = 36_000.0
"""Degrees: a hundred turns."""
MIN_SCALE, MAX_SCALE = 0.01, 100.0

Place = tuple[float, float]
"""x, y as fractions of the picture, from its top left corner."""
Ring = tuple[Place, ...]
Outline = tuple[Ring, ...]
"""Rings of three points or more, the last of which is joined to the first. By the even-odd rule a ring inside of
another is a hole, and a ring may cross itself."""


@dataclass(frozen=True, slots=True)
class DrawnPath:
    """A motion along a curve, as a track's: the object goes as far from its place as the curve from its first point.

    One point alone holds the object where it is. Unlike a track of one point it does not drift.
    """

    points: tuple[Point, ...]
    spline: str = "pchip"
    timing: str = "points"
    ease: str = "linear"


@dataclass(frozen=True, slots=True)
class Key:
    """Where an object is at one time.

    t: a fraction (0..1) of the object's own time.
    x, y: how far the pivot is from its place, in fractions of the picture.
    rotation: degrees about the pivot, above 0 clockwise, in pixels: a picture's aspect ratio does not shear it.
    scale: 1 is the size that the object has in the picture.
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
    """A motion by keys, whose times rise. Before the first one the object comes from its place in the picture, where it
    is at the time 0; after the last one it stays."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class MotionObject:
    """A thing of the picture that moves as one.

    outline: where it is in the picture, which shows it as the clip begins.
    pivot: the place about which it turns and grows.
    start, end: when the motion begins and ends, as fractions of the clip, start < end; outside them it rests.
    visible: closed intervals [a, b] of clip fractions, in any order; no interval means never visible.
    group: objects with one name here are selected and moved together in the editor; empty where it is in no group.
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


def default_id(index: int) -> str:
    """The id of the object at `index` (from 0) when it has none."""
    return f"o{index + 1}"


def middle(outline: Outline) -> Place:
    """The middle of an outline's bounding box: the pivot of an object that names none."""
    xs, ys = zip(*(place for ring in outline for place in ring), strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
