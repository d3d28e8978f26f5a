"""Where a thing that bends rests in a frame: there the frame is the picture itself, since nothing was uncovered."""

from __future__ import annotations

from functools import reduce

import cv2
import numpy as np

from .bend_warp import BendWarp
from .layers import Stack
from .transforms import Box


def resting(stack: Stack, time: int) -> tuple[Box, np.ndarray] | None:
    """How much of each pixel of a frame is as in the picture, because what bends there rests.

    A thing that bends is cut out as a whole, and the ground behind it is filled as a whole. Around the part that stays,
    the picture still knows what the fill would have to invent.

    Returns:
        A box, and `[h, w]` float32 from 0 to 1 in it, less than 1 near what moves; 0 outside. None if nothing bends or
        the camera moves.
    """
    bending = [layer for layer in stack.things if isinstance(layer.warp, BendWarp)]
    if not bending or stack.background.warp is not None or not all(layer.shown[time] for layer in bending):
        return None
    reach = max(layer.warp.rest.margin for layer in bending)
    box = reduce(Box.joined, (layer.box for layer in bending)).grown(reach).within(*stack.size)
    stays, busy = (np.zeros((box.bottom - box.top, box.right - box.left), bool) for _ in range(2))
    for layer in stack.things:
        if isinstance(layer.warp, BendWarp):
            _mark(stays, box, layer.box, layer.hole)
            for warp in layer.instants(time):
                for place, area in warp.moving(time):
                    _mark(busy, box, place, area)
        elif layer.warp is not None:
            _mark(busy, box, layer.box, layer.hole)
            there = layer.reach(time)
            _mark(busy, box, there, np.ones((there.bottom - there.top, there.right - there.left), bool))
    if not busy.any():
        return box, stays.astype(np.float32)
    way = cv2.distanceTransform((~busy).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    return box, np.where(stays, np.minimum(way / reach, 1), 0).astype(np.float32)


def _mark(whole: np.ndarray, box: Box, place: Box, area: np.ndarray) -> None:
    """Adds an area `[h, w]` bool of a place to that of a box."""
    common = place.common(box)
    if not common.empty:
        whole[common.shifted(-box.left, -box.top).slices] |= area[common.shifted(-place.left, -place.top).slices]
