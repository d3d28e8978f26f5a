"""Tracks as pins of a shape: where they are, how what is around them turns and scales, and what they bend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..common.errors import need_opencv
from ..common.interrupt import checkpoint
from ..geometry.similarity import REST
from . import sampling
from .objects.masks import outline_mask
from .objects.types import MotionObject
from .types import BACK, PinKey, Track

if TYPE_CHECKING:
    from .bending import BentShape

CENTRE = 0.5 + 0.5j
"""The centre of the first pixel (0 in masks) in the format's coordinates, whose origin is the picture's corner."""


def stiffness_of(pins: Sequence[Track]) -> float:
    """That of the shape that several pins bend: their mean."""
    return float(np.mean([pin.stiffness for pin in pins]))


def turns(pins: Sequence[Track], fractions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`[k, T]` each: by how many radians what is around each pin turns at the fractions of the clip, NaN for one
    without keys; and how it scales."""
    turned, scaled = np.full((len(pins), len(fractions)), np.nan), np.ones((len(pins), len(fractions)))
    for k, pin in enumerate(pins):
        if pin.pin:
            at, turn, scale = np.array([(key.at, key.turn, key.scale) for key in keys_of(pin)]).T
            s = sampling.progress(pin, fractions)
            turned[k], scaled[k] = np.radians(np.interp(s, at, turn)), np.interp(s, at, scale)
    return turned, scaled


def keys_of(pin: Track) -> tuple[PinKey, ...]:
    """The keys of a pin that has some, including the implicit ones: at time 0, and where a closed motion leads back to
    its beginning, unless it ends there."""
    keys = pin.pin if pin.pin[0].at == 0 else (PinKey(0.0), *pin.pin)
    if pin.loop.mode != "closed" or (keys[-1].turn, keys[-1].scale) == (0, 1):
        return keys
    return (*(replace(key, at=key.at * (1 - BACK)) for key in keys), PinKey(1.0))


def ways_of(pins: Sequence[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """`[k, T]` complex: where pins are, in px of a picture of `size` [2]; one of a single point rests."""
    points = sampling.positions(pins, fractions, size)  # [k, T, 2]
    points = np.where(sampling.anchored(pins)[:, None, None], points[:, :1], points)
    return points[..., 0] + 1j * points[..., 1]


def at_rest(pins: Sequence[Track], ways: np.ndarray) -> np.ndarray:
    """`[k]` bool: which of the pins on `ways` [k, T] neither move nor turn anything."""
    return (np.abs(ways - ways[:, :1]) < REST).all(1) & np.array([not pin.pin for pin in pins], dtype=bool)


def pins_of(each: MotionObject) -> tuple[Track, ...]:
    """The enabled pins of an object."""
    return tuple(pin for pin in each.pins if pin.enabled)


def bent_object(
    each: MotionObject, fractions: np.ndarray, size: tuple[int, int], mask: np.ndarray | None = None
) -> BentShape | None:
    """The shape of an object at `fractions` [T] of the clip, in px of a picture of (width, height) `size`, 0 being the
    centre of a pixel. None if it has no pins and does not sway, or lies outside of the picture.

    Args:
        mask: `[H, W]` from 0 to 1, of that size; the area in its outline if None.
    """
    if not each.bends:
        return None
    pins = pins_of(each)
    if mask is None:
        mask = outline_mask(each.outline, *size)
    if not mask.any():
        return None
    stiff = outline_mask(each.stiff, *size) if each.stiff else None
    checkpoint()
    ways = ways_of(pins, fractions, np.array(size, dtype=np.float64)) - CENTRE
    need_opencv()
    from .bending import bent_shape, resting_shape  # here, since the pack can be imported without OpenCV

    if not pins:
        shape = resting_shape(mask, len(fractions))
    else:
        shape = bent_shape(mask, pins, ways, fractions, each.stiffness, stiff)
    if each.sway is None:
        return shape
    return shape.swaying(each.sway, sampling.own_time(each.start, each.end, fractions), ways[at_rest(pins, ways), 0])
