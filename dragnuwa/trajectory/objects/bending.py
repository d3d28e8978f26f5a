"""Objects that their pins bend: the shape in each frame of a clip, before the object's own motion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...common.interrupt import checkpoint
from ...common.packages import need_opencv
from ..pins import ways_of
from ..types import Track
from .masks import outline_mask
from .types import MotionObject

if TYPE_CHECKING:
    from ..bending import BentShape

CENTRE = 0.5 + 0.5j
"""The centre of the first pixel (0 in masks) in the format's coordinates, whose origin is the picture's corner."""


def pins_of(each: MotionObject) -> tuple[Track, ...]:
    """The enabled pins of an object."""
    return tuple(pin for pin in each.pins if pin.enabled)


def bent_object(
    each: MotionObject, fractions: np.ndarray, size: tuple[int, int], mask: np.ndarray | None = None
) -> BentShape | None:
    """The shape of an object at `fractions` [T] of the clip, in px of a picture of (width, height) `size`, 0 being the
    centre of a pixel. None if it has no pins, or lies outside of the picture.

    Args:
        mask: `[H, W]` from 0 to 1, of that size; the area in its outline if None.
    """
    pins = pins_of(each)
    if not pins:
        return None
    if mask is None:
        mask = outline_mask(each.outline, *size)
    if not mask.any():
        return None
    stiff = outline_mask(each.stiff, *size) if each.stiff else None
    checkpoint()
    ways = ways_of(pins, fractions, np.array(size, dtype=np.float64)) - CENTRE
    need_opencv()
    from ..bending import bent_shape  # here, since the pack can be imported without OpenCV

    return bent_shape(mask, pins, ways, fractions, each.stiffness, stiff)
