"""Finishes a cut-out: grows or shrinks its opacity, and feathers its edge."""

from __future__ import annotations

import math

import cv2
import numpy as np

from .band import FAR_APART, local_colors, widths

LEVELS = 32  # level sets of opacity, each grown separately, so that soft edges and hair stay soft
OBLIQUE = 0.1  # px: an axis-aligned edge is 0.5 px from the nearest centres, an oblique one about 0.3 on average
DIGITS = 5  # decimals of a feathered opacity, to remove rounding errors
NEAR, LEAST_NEAR = 0.004, 2  # of the longer side, and px: within this distance traces are assumed
REACH = 0.01  # of the longer side: within this distance, unless the colours are clearly not the object's
LIKE = 0.3  # least opacity estimated from colour at which a pixel may be the object's
OF_NEAR, OF_REACH = 0.1, 0.2  # of the object's own side: limits of both, so that its neighbours do not count as traces
RIM = np.ones((5, 5), np.uint8)  # smallest piece that certainly is background


def grown(opacity: np.ndarray, by: float) -> np.ndarray:
    """An opacity whose edge is moved outwards by `by` pixels (inwards if negative), with subpixel accuracy. Soft parts
    keep their profile. An object that extends beyond the picture's edge does not shrink there.

    An opacity is the mean of its level sets, which are grown by their distance transforms.

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
        if beyond.all():  # and so are all levels above
            break
        away = cv2.distanceTransform(beyond, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        total += (1 + by - OBLIQUE * min(by, 1) - away).clip(0, 1)  # the edge is half a pixel before the nearest centre
    return total / LEVELS


def feathered(opacity: np.ndarray, width: float) -> np.ndarray:
    """An opacity blurred so that a hard edge becomes a ramp of `width` pixels, half of it to either side, like the mask
    feather of compositing programs. An object that extends beyond the picture's edge is not feathered there.

    Args:
        opacity: `[h, w]` float32 from 0 to 1.
        width: px, at least 0; up to one pixel changes nothing.

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
