"""Converts objects to tracks, for everything that only supports tracks: drag maps, other models, other formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import InterruptCheck, no_interrupt
from ..types import MAX_NAME, Point, Track
from . import sampling
from .places import MOST, places
from .types import DrawnPath, Keyframes, MotionObject

STEPS = 64
"""Segments of a path that is defined by keys."""
_REST = 1e-9  # tolerance, in pixels and as a factor, for an object that does not move


def tracks_of(each: MotionObject, clip: ClipShape, check_interrupt: InterruptCheck = no_interrupt) -> tuple[Track, ...]:
    """The tracks of one object, one for each of its `places`, with its visibility.

    For a drawn path they are the same curve. For keys they have one point per frame of the clip, where they are exact,
    and are "linear" in between. Those of a static object are anchors. They have the object's name. `check_interrupt` is
    called as in `places`.
    """
    size = np.array(clip.size, dtype=np.float64)
    spots = places(each.outline, size, check_interrupt)
    return tuple(
        replace(track, id=f"{each.id[: MAX_NAME - 4]}.{k + 1}", name=each.name, color=each.color, enabled=each.enabled)
        for k, track in enumerate(_moved(each, spots, size, clip.frames))
    )


def most_points(each: MotionObject, clip: ClipShape) -> int:
    """How many points the tracks of an object have together at most."""
    return MOST * (clip.frames if isinstance(each.motion, Keyframes) else len(each.motion.points))


def pivot_track(each: MotionObject) -> Track:
    """The path of an object without rotation and scale: a track that follows its pivot."""
    if isinstance(each.motion, DrawnPath):
        return sampling.path_track(each, each.motion)
    moments = each.start + np.arange(STEPS + 1) / STEPS * (each.end - each.start)
    motion = sampling.transform(each, moments, np.ones(2))
    way = motion.factor * complex(*each.pivot) + motion.shift
    points = tuple(Point(x, y) for x, y in zip(way.real.tolist(), way.imag.tolist(), strict=True))
    return sampling.path_track(each, DrawnPath(points, spline="linear"))


def unique_ids(items: Sequence) -> list:
    """Tracks or objects in order. Duplicate ids get a number appended."""
    taken: set[str] = set()
    named = []
    tries: dict[str, int] = {}
    for item in items:
        name = item.id
        while name in taken:
            tries[item.id] = tries.get(item.id, 1) + 1
            name = f"{item.id[:200]}-{tries[item.id]}"
        taken.add(name)
        named.append(item if name == item.id else replace(item, id=name))
    return named


def _moved(each: MotionObject, spots: np.ndarray, size: np.ndarray, frames: int) -> list[Track]:
    if isinstance(each.motion, DrawnPath):
        path = sampling.path_track(each, each.motion)
        first = path.points[0]
        shifts = (spots / size - (first.x, first.y)).tolist()
        return [
            replace(path, points=tuple(replace(p, x=p.x + dx, y=p.y + dy) for p in path.points)) for dx, dy in shifts
        ]
    motion = sampling.transform(each, np.arange(frames) / (frames - 1), size)
    ways = motion.apply((spots[:, 0] + 1j * spots[:, 1])[:, None])  # [n, T]
    rests = max(np.abs(motion.factor - 1).max(), np.abs(motion.shift).max()) < _REST
    ways = ways[:, :1] if rests else ways
    points = np.stack([ways.real, ways.imag], -1) / size
    return [Track(tuple(Point(x, y) for x, y in way), spline="linear", visible=each.visible) for way in points.tolist()]
