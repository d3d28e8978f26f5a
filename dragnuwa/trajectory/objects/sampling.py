"""Samples objects at the frames of a clip: their translation, rotation and scale relative to the picture. Where only
tracks are supported, as in drag maps, other models and other formats, they become tracks.

    f = fraction of the clip
    s = fraction of the object's own time, or of one way to and fro or around (`..sampling`)
    a drawn path:   displacement = curve(s) - first point, by the path's own timing and ease
    keys k, k + 1:  e = ease of k((s - t of k) / (t of k+1 - t of k)); x, y, rotation and scale are those of
                    k + e * (of k+1 - of k)

An implicit key at time 0 precedes the first one, with the object at its original position. In a closed motion one more
follows, with the object there again. Rotation and scale are about the pivot, in pixels of the requested size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...common.clip_shape import ClipShape
from ...geometry.similarity import SimilarityTransform
from .. import sampling
from ..pins import CENTRE, bent_object, pins_of, ways_of
from ..types import BACK, MAX_NAME, MAX_POINTS, ONCE, Point, Track
from .masks import MAX_INTERIOR, interior_points
from .types import DrawnPath, Key, Keyframes, MotionObject

if TYPE_CHECKING:
    from ..bending import BentShape

AT_PLACE = Key(0.0)
_REACHED = 1e-9  # of the object's own time: tolerance against rounding when a key counts as reached
STEPS = 64
"""Segments of a path that is defined by keys."""
_REST = 1e-9  # tolerance, in pixels and as a factor, for an object that does not move


def transform(each: MotionObject, fractions: np.ndarray, size: np.ndarray) -> SimilarityTransform:
    """The transform of an object, enabled or not, at `fractions` [T] of the clip, from points x * width + i * y *
    height of the picture to points of each frame. Neither rounded nor clamped.

    Args:
        size: [2] float64, width and height in pixels.
    """
    if isinstance(each.motion, Keyframes):
        x, y, rotation, scale = _keyed(each, each.motion, fractions)
        moved = x * size[0] + 1j * (y * size[1])
        factor = scale * np.exp(1j * np.radians(rotation))
    else:
        moved, factor = _along(each, each.motion, fractions, size), np.ones(len(fractions), complex)
    pivot = each.pivot[0] * size[0] + 1j * (each.pivot[1] * size[1])
    return SimilarityTransform(factor, pivot + moved - factor * pivot)


def visibility(each: MotionObject, fractions: np.ndarray) -> np.ndarray:
    """[T] bool: whether it is visible."""
    return sampling.in_intervals(each.visible, fractions)


def keys_of(motion: Keyframes) -> tuple[Key, ...]:
    """The keys, including the implicit one at time 0."""
    return motion.keys if motion.keys[0].t == 0 else (AT_PLACE, *motion.keys)


def keys_around(each: MotionObject, motion: Keyframes) -> tuple[Key, ...]:
    """The keys including the implicit ones: at time 0, and where a closed motion leads back to its beginning, unless it
    ends there. The way back is at most half a turn."""
    keys = keys_of(motion)
    last = keys[-1]
    back = Key(1.0, rotation=360.0 * round(last.rotation / 360))
    if each.loop.mode != "closed" or replace(last, t=1.0, ease=back.ease) == back:
        return keys
    return (*(replace(key, t=key.t * (1 - BACK)) for key in keys), back)


def path_track(each: MotionObject, motion: DrawnPath) -> Track:
    """A track along the drawn path."""
    return Track(
        motion.points,
        id=each.id,
        name=each.name,
        color=each.color,
        enabled=each.enabled,
        spline=motion.spline,
        timing=motion.timing,
        start=each.start,
        end=each.end,
        ease=motion.ease,
        visible=each.visible,
        loop=each.loop,
    )


def _along(each: MotionObject, motion: DrawnPath, fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """[T] complex: the displacement in pixels."""
    if len(motion.points) == 1:
        return np.zeros(len(fractions), complex)
    (positions,) = sampling.positions([path_track(each, motion)], fractions, size)  # [T, 2]
    first = motion.points[0]
    x, y = (positions - (first.x * size[0], first.y * size[1])).T
    return x + 1j * y


def _keyed(each: MotionObject, motion: Keyframes, fractions: np.ndarray) -> np.ndarray:
    """[4, T]: x and y in fractions of the picture, rotation in degrees, scale."""
    keys = keys_around(each, motion)
    times = np.array([key.t for key in keys])
    values = np.array([(key.x, key.y, key.rotation, key.scale) for key in keys])  # [K, 4]
    s = sampling.progress(each, fractions)
    k = np.clip(np.searchsorted(times, s + _REACHED, side="right") - 1, 0, len(keys) - 1)
    after = np.minimum(k + 1, len(keys) - 1)
    between = np.where(after > k, times[after] - times[k], 1.0)
    way = np.clip((s - times[k]) / between, 0.0, 1.0)
    eased = np.array([sampling.eased(keys[at].ease, part) for at, part in zip(k, way, strict=True)])
    eased[after == k] = 0.0
    return (values[k] + eased[:, None] * (values[after] - values[k])).T


def tracks_of(each: MotionObject, clip: ClipShape) -> tuple[Track, ...]:
    """The tracks of one object, one for each of its `positions`, with its visibility.

    For a drawn path they are the same curve. For keys they have one point per frame of the clip, where they are exact,
    and are "linear" in between. Those of a static object are anchors. Those of an object that bends have one point per
    frame, too, begin also at its pins, and are hidden while another part of it lies over them. They have the object's
    name.
    """
    size = np.array(clip.size, dtype=np.float64)
    spots = interior_points(each.outline, size)
    fractions = np.arange(clip.frames) / (clip.frames - 1)
    shape = bent_object(each, fractions, clip.size)
    tracks = _moved(each, spots, size, clip.frames) if shape is None else _bent(each, shape, spots, fractions, size)
    return tuple(
        replace(track, id=f"{each.id[: MAX_NAME - 4]}.{k + 1}", name=each.name, color=each.color, enabled=each.enabled)
        for k, track in enumerate(tracks)
    )


def most_points(each: MotionObject, clip: ClipShape) -> int:
    """The maximum number of points of an object's tracks in total."""
    if each.bends:
        return (MAX_INTERIOR + len(pins_of(each))) * clip.frames
    return MAX_INTERIOR * (clip.frames if isinstance(each.motion, Keyframes) else len(each.motion.points))


def pivot_track(each: MotionObject) -> Track:
    """The path of an object without rotation and scale: a track that follows its pivot."""
    if isinstance(each.motion, DrawnPath):
        return path_track(each, each.motion)
    steps = min(STEPS * (2 * each.loop.times if each.loop.mode != "once" else 1), MAX_POINTS - 1)
    moments = each.start + np.arange(steps + 1) / steps * (each.end - each.start)
    motion = transform(each, moments, np.ones(2))
    way = motion.factor * complex(*each.pivot) + motion.shift
    points = tuple(Point(x, y) for x, y in zip(way.real.tolist(), way.imag.tolist(), strict=True))
    return replace(path_track(each, DrawnPath(points, spline="linear")), loop=ONCE)


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
        path = path_track(each, each.motion)
        first = path.points[0]
        shifts = (spots / size - (first.x, first.y)).tolist()
        return [
            replace(path, points=tuple(replace(p, x=p.x + dx, y=p.y + dy) for p in path.points)) for dx, dy in shifts
        ]
    motion = transform(each, np.arange(frames) / (frames - 1), size)
    ways = motion.apply((spots[:, 0] + 1j * spots[:, 1])[:, None])  # [n, T]
    rests = max(np.abs(motion.factor - 1).max(), np.abs(motion.shift).max()) < _REST
    ways = ways[:, :1] if rests else ways
    points = np.stack([ways.real, ways.imag], -1) / size
    return [Track(tuple(Point(x, y) for x, y in way), spline="linear", visible=each.visible) for way in points.tolist()]


def _bent(
    each: MotionObject, shape: BentShape, spots: np.ndarray, fractions: np.ndarray, size: np.ndarray
) -> list[Track]:
    """The tracks of an object that bends, at `fractions` [T] of the clip."""
    starts = ways_of(pins_of(each), fractions[:1], size)[:, 0]
    at = np.concatenate([spots[:, 0] + 1j * spots[:, 1], starts]) - CENTRE
    ways = transform(each, fractions, size).apply(shape.moved(at) + CENTRE)  # [n, T]
    seen = visibility(each, fractions) & ~shape.hidden(at)
    points = np.stack([ways.real, ways.imag], -1) / size
    return [
        Track(tuple(Point(x, y) for x, y in way), spline="linear", visible=sampling.intervals(shown))
        for way, shown in zip(points.tolist(), seen, strict=True)
    ]
