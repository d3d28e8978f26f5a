"""Samples objects at the frames of a clip: their translation, rotation and scale relative to the picture.

    f = fraction of the clip
    s = (clip(f, start, end) - start) / (end - start)      fraction of the object's own time
    a drawn path:   displacement = curve(s) - first point, by the path's own timing and ease
    keys k, k + 1:  e = ease of k((s - t of k) / (t of k+1 - t of k)); x, y, rotation and scale are those of
                    k + e * (of k+1 - of k)

An implicit key at time 0 precedes the first one, with the object at its original position. Rotation and scale are about
the pivot, in pixels of the requested size.
"""

from __future__ import annotations

import numpy as np

from .. import sampling, timing
from ..motion.similarity import SimilarityTransform
from ..types import Track
from .types import DrawnPath, Key, Keyframes, MotionObject

AT_PLACE = Key(0.0)
_REACHED = 1e-9  # of the object's own time: tolerance against rounding when a key counts as reached


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
    """The keys, with the one at the time 0."""
    return motion.keys if motion.keys[0].t == 0 else (AT_PLACE, *motion.keys)


def path_track(each: MotionObject, motion: DrawnPath) -> Track:
    """A track that goes where the path was drawn."""
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
    )


def _along(each: MotionObject, motion: DrawnPath, fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """[T] complex: the displacement in pixels."""
    if len(motion.points) == 1:
        return np.zeros(len(fractions), complex)
    (places,) = sampling.positions([path_track(each, motion)], fractions, size)  # [T, 2]
    first = motion.points[0]
    x, y = (places - (first.x * size[0], first.y * size[1])).T
    return x + 1j * y


def _keyed(each: MotionObject, motion: Keyframes, fractions: np.ndarray) -> np.ndarray:
    """[4, T]: x and y in fractions of the picture, rotation in degrees, scale."""
    keys = keys_of(motion)
    times = np.array([key.t for key in keys])
    values = np.array([(key.x, key.y, key.rotation, key.scale) for key in keys])  # [K, 4]
    s = timing.own_time(each.start, each.end, fractions)
    k = np.clip(np.searchsorted(times, s + _REACHED, side="right") - 1, 0, len(keys) - 1)
    after = np.minimum(k + 1, len(keys) - 1)
    between = np.where(after > k, times[after] - times[k], 1.0)
    way = np.clip((s - times[k]) / between, 0.0, 1.0)
    eased = np.array([timing.eased(keys[at].ease, part) for at, part in zip(k, way, strict=True)])
    eased[after == k] = 0.0
    return (values[k] + eased[:, None] * (values[after] - values[k])).T
