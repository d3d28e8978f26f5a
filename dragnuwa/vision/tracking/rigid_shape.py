"""The shape of a followed thing from all frames together: what moves as it does, and keeps its colours as it moves."""

from __future__ import annotations

import cv2
import numpy as np

from .followed import Followed
from .mask_parts import touching
from .moving_parts import MovingParts, StillScene, median

FEWEST = 3  # frames that have to show a place
SHARE = 0.6  # of them, in which it has to move along
ALIKE = 28.0  # of 255: how much its colour may differ from what it usually is
SMOOTH = np.ones((3, 3), np.uint8)
AROUND = 0.5  # of its longer side: how far its shape may reach beyond what is known


def rigid_shape(
    scene: StillScene, thing: Followed, parts: MovingParts, covered: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """
    Args:
        scene: the clip's still scene.
        thing: its motion has to be right; of its masks that of the frame in which it was given is used.
        parts: what moves.
        covered: `[T, h, w]` bool, what each small frame shows of other things.

    Returns:
        `[h, w]` bool in the small frame in which it was given: what moves as it does; and where enough frames say so.
    """
    size = scene.size
    colors, votes, seen = [], [], []
    for time in scene.sampled[thing.visible[scene.sampled]]:
        back = thing.matrix(thing.frame, int(time), size)[:2]
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        colors.append(cv2.warpAffine(scene.frames[time], back, size, flags=way, borderMode=cv2.BORDER_REPLICATE))
        usable = (parts.known[time] & ~covered[time]).astype(np.float32)
        seen.append(cv2.warpAffine(usable, back, size, flags=way) > 0.99)
        votes.append(cv2.warpAffine(parts.moving[time].astype(np.float32), back, size, flags=way) >= 0.5)
    if len(colors) < FEWEST:
        return np.zeros(size[::-1], bool), np.zeros(size[::-1], bool)
    colors, votes, seen = (np.stack(each) for each in (colors, votes, seen))
    count = seen.sum(0)
    usual = median(colors, seen & votes)
    alike = np.abs(colors.astype(np.int16) - usual).max(-1) <= ALIKE
    share = (votes & alike & seen).sum(0) / np.maximum(count, 1)
    found = cv2.morphologyEx((share >= SHARE).astype(np.uint8), cv2.MORPH_OPEN, SMOOTH) > 0
    return found & (count >= FEWEST), count >= FEWEST


def attached(found: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: those parts of what was found that touch a mask, not too far away."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return np.zeros(mask.shape, bool)
    reach = max(3, round(AROUND * max(np.ptp(rows), np.ptp(columns))))
    near = np.zeros(mask.shape, bool)
    beside = slice(max(0, rows.min() - reach), rows.max() + reach + 1)
    near[beside, max(0, columns.min() - reach) : columns.max() + reach + 1] = True
    closed = cv2.morphologyEx(((found & near) | mask).astype(np.uint8), cv2.MORPH_CLOSE, SMOOTH)
    return touching(closed, mask) & found & near
