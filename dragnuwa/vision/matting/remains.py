"""Traces that a cut-out object may leave around its cut: a blurred rim, and parts that the outline missed."""

from __future__ import annotations

import cv2
import numpy as np

from .band import FAR_APART, local_colors, widths

NEAR, LEAST_NEAR = 0.004, 2  # of the longer side, and px: within this distance traces are assumed
REACH = 0.01  # of the longer side: within this distance, unless the colours are clearly not the object's
LIKE = 0.3  # least opacity estimated from colour at which a pixel may be the object's
OF_NEAR, OF_REACH = 0.1, 0.2  # of the object's own side: limits of both, so that its neighbours do not count as traces
RIM = np.ones((5, 5), np.uint8)  # smallest piece that certainly is background


def remains(image: np.ndarray, opacity: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`[h, w]` bool: where traces of an object may be visible, inside its opacity or beyond.

    Args:
        image: `[h, w, 3]` float32 from 0 to 1, a part of a picture.
        opacity: `[h, w]` float32 from 0 to 1, of the object.
        size: (width, height) of the whole picture.
    """
    side = float(np.sqrt((opacity > 0.5).sum()))  # of a square as large as the object
    near = min(round(NEAR * max(size)), OF_NEAR * side)
    reach = min(round(REACH * max(size)), OF_REACH * side)
    distance = cv2.distanceTransform((opacity <= 0).astype(np.uint8), cv2.DIST_L2, 5)
    outside = (distance > reach).astype(np.float32)
    colors = local_colors(image, opacity, outside, widths(size)[1])
    ground = (colors.guess < LIKE) & (colors.apart > FAR_APART)
    ground = cv2.morphologyEx(ground.astype(np.uint8), cv2.MORPH_OPEN, RIM) > 0
    return (distance <= max(LEAST_NEAR, near)) | ((distance <= reach) & ~ground)
