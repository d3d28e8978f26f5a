"""Objects as tracks, for all that knows tracks only: drag maps, other models, formats of other tools."""

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
"""Pieces of the way that keys make."""
_REST = 1e-9  # pixels and factor by which an object that rests may stray


def tracks_of(each: MotionObject, clip: ClipShape, check_interrupt: InterruptCheck = no_interrupt) -> tuple[Track, ...]:
    """The tracks of one object, one for each of its `places`, with its visibility.

    Along a drawn path they are curves as it is. By keys they have one point for each frame of the clip, at which they
    are exact, and are "linear" between them. Those of an object that never moves are anchors. They are named after the
    object. `check_interrupt` is called as `places` says.
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
    """The way of an object alone, without its turn and its growth: a track that goes as its pivot does."""
    if isinstance(each.motion, DrawnPath):
        return sampling.path_track(each, each.motion)
    moments = each.start + np.arange(STEPS + 1) / STEPS * (each.end - each.start)
    motion = sampling.transform(each, moments, np.ones(2))
    way = motion.factor * complex(*each.pivot) + motion.shift
    points = tuple(Point(x, y) for x, y in zip(way.real.tolist(), way.imag.tolist(), strict=True))
    return sampling.path_track(each, DrawnPath(points, spline="linear"))


def unique_ids(items: Sequence) -> list:
    """Tracks or objects in their order. An id that an earlier one has gets a number behind it."""
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
