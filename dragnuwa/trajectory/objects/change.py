"""Objects that are changed as tracks are: in the plane, backwards in time, and sampled at frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..arrays import intervals
from ..motion.similarity import SimilarityTransform
from ..types import Point, TrajectoryError
from . import sampling
from .types import MAX_SCALE, MIN_SCALE, DrawnPath, Key, Keyframes, MotionObject, Place

REVERSED_EASE = {"ease_in": "ease_out", "ease_out": "ease_in"}
"""The eases that go the same way backwards; of the others it is the same one."""
_SOON = 1e-6  # of the object's own time: how much after the moment of a jump it comes, where it must not come at it


def in_plane(
    each: MotionObject, point: Callable[[Point], Point], turned: Callable[[Place], Place], mirrored: bool
) -> MotionObject:
    """An object in a plane that is moved, turned, scaled or mirrored.

    Args:
        point: what becomes of a point.
        turned: what becomes of an offset.
        mirrored: whether left and right change sides, and with them the sense of each turn.
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
    outline = tuple(tuple(place(at) for at in ring) for ring in each.outline)
    return replace(each, outline=outline, pivot=place(each.pivot), motion=motion)


def backwards(each: MotionObject, motion: DrawnPath | None, span: dict, size: tuple[int, int]) -> MotionObject:
    """An object where it is at the end, going back: at the fraction f of the clip it is where it was at 1 - f.

    Args:
        motion: a drawn path backwards; None for an object that moves by keys.
        span: start, end and visible, backwards.
        size: (width, height) in pixels, in which the object has turned until the end.
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
        if ease == "constant" and k:  # forwards it jumps as it comes to this key; backwards just after it leaves
            soon = min(made[-1].t + _SOON, (made[-1].t + 1 - keys[k - 1].t) / 2)
            made[-1] = replace(made[-1], ease="linear")
            made.append(_seen_from(last, keys[k - 1], soon, "linear"))
    return made


def _seen_from(last: Key, key: Key, t: float, ease: str) -> Key:
    """A key as it is from where the object was last."""
    return Key(t, key.x - last.x, key.y - last.y, key.rotation - last.rotation, key.scale / last.scale, ease)


def moved_outline(each: MotionObject, motion: SimilarityTransform, time: int, size: np.ndarray) -> MotionObject:
    """The object with its outline and its pivot where they are at a frame of its motion."""

    def place(at: Place) -> Place:
        moved = complex(motion.factor[time] * complex(at[0] * size[0], at[1] * size[1]) + motion.shift[time])
        return moved.real / float(size[0]), moved.imag / float(size[1])

    outline = tuple(tuple(place(at) for at in ring) for ring in each.outline)
    return replace(each, outline=outline, pivot=place(each.pivot))


def at_frames(
    each: MotionObject, motion: SimilarityTransform, seen: np.ndarray, size: np.ndarray, where: str
) -> MotionObject:
    """An object with a key for each frame, over the whole clip, from where it is in the first of them.

    Args:
        motion: of T frames, in pixels of a picture of `size` [2].
        seen: [T] bool.
        where: what is being done, for the message.

    Raises:
        TrajectoryError: it would become larger or smaller than the format allows.
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
