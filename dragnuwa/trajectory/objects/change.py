"""Transforms objects like tracks: in the plane, reversed in time, and sampled at frames."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..motion.similarity import SimilarityTransform
from ..sampling import intervals
from ..types import Point, TrajectoryError
from . import sampling
from .types import FINISH, MAX_SCALE, MIN_SCALE, OBJECT_AREAS, DrawnPath, Key, Keyframes, MotionObject, Outline, Place

REVERSED_EASE = {"ease_in": "ease_out", "ease_out": "ease_in"}
"""Each ease's reverse; those not listed are their own reverse."""
_SOON = 1e-6  # delay of a jump that must happen just after a given moment, as a fraction of the object's own time


def in_plane(
    each: MotionObject, point: Callable[[Point], Point], turned: Callable[[Place], Place], mirrored: bool
) -> MotionObject:
    """An object in a plane that is moved, rotated, scaled or mirrored.

    Args:
        point: maps a point.
        turned: maps an offset.
        mirrored: whether the plane is mirrored, which reverses the sense of rotations.
    """

    def place(at: Place) -> Place:
        moved = point(Point(*at))
        return moved.x, moved.y

    def key(at: Key) -> Key:
        x, y = turned((at.x, at.y))
        return replace(at, x=x, y=y, rotation=-at.rotation if mirrored else at.rotation)

    motion = each.motion
    if isinstance(motion, DrawnPath):
        motion = replace(motion, points=tuple(point(p) for p in motion.points))
    else:
        motion = Keyframes(tuple(key(at) for at in motion.keys))
    areas = {name: _mapped(getattr(each, name), place) for name in ("outline", *OBJECT_AREAS)}
    (xx, yx), (xy, yy) = turned((1.0, 0.0)), turned((0.0, 1.0))
    larger = _with_lengths(each, math.sqrt(abs(xx * yy - xy * yx)))
    followed = tuple(replace(key, outline=_mapped(key.outline, place)) for key in each.followed)
    return replace(larger, pivot=place(each.pivot), motion=motion, followed=followed, **areas)


def _mapped(outline: Outline, place: Callable[[Place], Place]) -> Outline:
    return tuple(tuple(place(at) for at in ring) for ring in outline)


def _with_lengths(each: MotionObject, factor: float) -> MotionObject:
    """The object with grow and feather scaled by `factor`, within their limits. These lengths belong to its shape and
    scale with the outline, so that they keep their size in picture pixels when a drawing is fitted to another clip."""
    lengths = {name: float(np.clip(getattr(each, name) * factor, *FINISH[name])) for name in ("grow", "feather")}
    return replace(each, **lengths)


def backwards(each: MotionObject, motion: DrawnPath | None, span: dict, size: tuple[int, int]) -> MotionObject:
    """An object reversed in time: at the fraction f of the clip it is where it was at 1 - f.

    Args:
        motion: the reversed drawn path; None for an object that moves by keys.
        span: start, end and visible, reversed.
        size: (width, height) in pixels, for the rotation of the outline at the end.
    """
    pixels = np.array(size, dtype=np.float64)
    there = moved_outline(each, sampling.transform(each, np.ones(1), pixels), 0, pixels)
    if motion is not None:
        return replace(there, motion=motion, **span)
    return replace(there, motion=Keyframes(tuple(_backwards(sampling.keys_of(each.motion)))), **span)


def _backwards(keys: tuple[Key, ...]) -> list[Key]:
    last = keys[-1]
    made: list[Key] = []
    for k in range(len(keys) - 1, -1, -1):
        ease = keys[k - 1].ease if k else "linear"
        made.append(_seen_from(last, keys[k], 1 - keys[k].t, REVERSED_EASE.get(ease, ease)))
        if ease == "constant" and k:  # forwards it jumps on reaching this key; in reverse just after leaving it
            soon = min(made[-1].t + _SOON, (made[-1].t + 1 - keys[k - 1].t) / 2)
            made[-1] = replace(made[-1], ease="linear")
            made.append(_seen_from(last, keys[k - 1], soon, "linear"))
    return made


def _seen_from(last: Key, key: Key, t: float, ease: str) -> Key:
    """A key relative to the object's final state."""
    return Key(t, key.x - last.x, key.y - last.y, key.rotation - last.rotation, key.scale / last.scale, ease)


def moved_outline(each: MotionObject, motion: SimilarityTransform, time: int, size: np.ndarray) -> MotionObject:
    """The object with its outline, shadow and pivot at a frame of its motion."""

    def place(at: Place) -> Place:
        moved = complex(motion.factor[time] * complex(at[0] * size[0], at[1] * size[1]) + motion.shift[time])
        return moved.real / float(size[0]), moved.imag / float(size[1])

    areas = {name: _mapped(getattr(each, name), place) for name in ("outline", "shadow")}
    larger = _with_lengths(each, abs(complex(motion.factor[time])))
    return replace(larger, pivot=place(each.pivot), **areas)


def at_frames(
    each: MotionObject, motion: SimilarityTransform, seen: np.ndarray, size: np.ndarray, where: str
) -> MotionObject:
    """An object with one key per frame over the whole clip, relative to the first frame.

    Args:
        motion: of T frames, in pixels of a picture of `size` [2].
        seen: [T] bool.
        where: the operation, for messages.

    Raises:
        TrajectoryError: if it would become larger or smaller than the format allows.
    """
    begun = moved_outline(each, motion, 0, size)
    pivot = each.pivot[0] * size[0] + 1j * each.pivot[1] * size[1]
    ways = motion.factor * pivot + motion.shift
    ways, factor = ways - ways[0], motion.factor / motion.factor[0]
    scale, rotation = np.abs(factor), np.degrees(np.unwrap(np.angle(factor)))
    if not (scale.min() >= MIN_SCALE and scale.max() <= MAX_SCALE):
        raise TrajectoryError(
            f"{where}: an object should stay between {MIN_SCALE:g} and {MAX_SCALE:g} times its size, but one would be "
            f"{scale.min():g} to {scale.max():g} times as large. Use a smaller zoom."
        )
    times = np.arange(len(ways)) / (len(ways) - 1)
    rows = np.stack([times, ways.real / size[0], ways.imag / size[1], rotation, scale], -1)
    rows[0, 1:] = 0, 0, 0, 1
    keys = tuple(Key(*row) for row in rows.tolist())
    return replace(begun, motion=Keyframes(keys), start=0.0, end=1.0, visible=intervals(seen))
