"""Where a thing that bends rests in a frame: there the frame is the picture itself, since nothing was uncovered."""

from __future__ import annotations

import cv2
import numpy as np

from .bend_warp import BendWarp
from .layers import Layer, Stack
from .transforms import Box


def resting(stack: Stack, time: int) -> np.ndarray | None:
    """How much of each pixel of a frame is as in the picture, because what bends there rests.

    A thing that bends is cut out as a whole, and the ground behind it is filled as a whole. Around the part that stays,
    the picture still knows what the fill would have to invent.

    Returns:
        `[H, W]` float32 from 0 to 1, less than 1 near what moves; None if nothing bends or the camera moves.
    """
    bending = [layer for layer in stack.things if isinstance(layer.warp, BendWarp)]
    if not bending or stack.background.warp is not None or not all(layer.shown[time] for layer in bending):
        return None
    width, height = stack.size
    stays = np.zeros((height, width), bool)
    busy = np.zeros((height, width), bool)
    reach = 1
    for layer in stack.things:
        if isinstance(layer.warp, BendWarp):
            stays[layer.box.slices] |= layer.hole
            reach = max(reach, layer.warp.rest.margin)
            for warp in layer.instants(time):
                _mark(busy, warp, time)
        elif layer.warp is not None:
            busy[layer.box.slices] |= layer.hole
            busy[_reach(layer, time, stack.size).slices] = True
    if not stays.any():
        return None
    way = cv2.distanceTransform((~busy).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5) if busy.any() else np.inf
    return np.where(stays, np.clip(way / reach, 0, 1), 0).astype(np.float32)


def _mark(busy: np.ndarray, warp: BendWarp, time: int) -> None:
    """Adds where a bent mesh moves, before and now, and what is around it."""
    height, width = busy.shape
    for box, area in warp.moving(time):
        part = box.within(width, height)
        if not part.empty:
            rows, columns = (slice(part.top - box.top, part.bottom - box.top),
                             slice(part.left - box.left, part.right - box.left))  # fmt: skip
            busy[part.slices] |= area[rows, columns]


def _reach(layer: Layer, time: int, size: tuple[int, int]) -> Box:
    return layer.reach(time).within(*size)
