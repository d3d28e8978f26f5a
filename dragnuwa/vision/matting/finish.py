"""How the cut of a thing is finished: an opacity that grows or shrinks, and one whose edge is feathered."""

from __future__ import annotations

import math

import cv2
import numpy as np

LEVELS = 32  # of opacity, each of which grows by itself, so that soft edges and hair stay soft
OBLIQUE = 0.1  # px: an edge along the pixels is half a pixel from their centres, an oblique one about 0.3, in the mean
DIGITS = 5  # decimals of what is feathered, so that rounding errors leave no traces


def grown(opacity: np.ndarray, by: float) -> np.ndarray:
    """An opacity whose edge has moved outwards, or inwards where `by` is below 0, by that many pixels, in parts of them
    too. The soft parts keep their profile. A thing that goes beyond the picture's edge does not shrink there.

    An opacity is the mean of its level sets, and grows as these do: by their distance transforms.

    Args:
        opacity: `[h, w]` float32 from 0 to 1.
        by: px, any finite number.

    Returns:
        `[h, w]` float32 from 0 to 1.
    """
    if by < 0:
        return 1 - grown(1 - opacity, -by)
    total = np.zeros_like(opacity)
    for level in (np.arange(LEVELS, dtype=np.float32) + 0.5) / LEVELS:
        beyond = (opacity < level).astype(np.uint8)
        if beyond.all():  # as are all levels above
            break
        away = cv2.distanceTransform(beyond, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        total += (1 + by - OBLIQUE * min(by, 1) - away).clip(0, 1)  # the edge is half a pixel before the nearest
    return total / LEVELS


def feathered(opacity: np.ndarray, width: float) -> np.ndarray:
    """An opacity blurred so that a hard edge becomes one over `width` pixels, half of them to either side, as the mask
    feather of compositing programs does it. A thing that goes beyond the picture's edge is not feathered there.

    Args:
        opacity: `[h, w]` float32 from 0 to 1.
        width: px, at least 0; one pixel and less change nothing.

    Returns:
        `[h, w]` float32 from 0 to 1.
    """
    kernel = _raised_cosine(width)
    blurred = cv2.sepFilter2D(opacity, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.round(blurred, DIGITS).clip(0, 1)


def _raised_cosine(width: float) -> np.ndarray:
    """`[n]` float64: a raised cosine of `width` px, integrated over pixels. Its sum is 1."""
    reach = math.ceil(max(0.0, width - 1) / 2)
    bounds = np.arange(-reach, reach + 2) - 0.5
    part = (bounds / max(width, 1.0)).clip(-0.5, 0.5)
    return np.diff(part + np.sin(2 * np.pi * part) / (2 * np.pi))
