"""Cuts an object out of a picture: opacity and foreground colours around its edge, from a mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .alpha import own_colors, solve_opacity
from .band import band, local_colors, predicts, signed_distance, widths

HALF = 0.5
SOFT = 0.05, 0.95  # a mask is soft between these opacities
ALPHA_AT, ALPHA_LEAST = 0.008, 4.0  # of the longer side, and px: beyond this distance a hard mask has no soft pixels
ALPHA_SHARE = 0.06  # fraction of soft pixels beyond it from which a mask counts as an opacity
CLEAR, OPAQUE = 0.05, 0.98  # opacities below and above which a pixel is background, or the object alone
SURENESS, LEAST_SURE = 0.1, 0.02  # weight of the colour estimate relative to the Laplacian, and its least fraction
THIN = 0.02  # weight of pixels of thin parts in the colours inside
MARGIN = 3  # px beyond the band


@dataclass(frozen=True)
class Matte:
    """
    Attributes:
        top, left: of this part in the picture.
        opacity: `[h, w]` float32 from 0 to 1; 0 outside this part.
        colors: `[h, w, 3]` float32 from 0 to 1, of the foreground; exactly the picture's where opacity is 1.
    """

    top: int
    left: int
    opacity: np.ndarray
    colors: np.ndarray


def is_opacity(mask: np.ndarray) -> bool:
    """Whether a mask `[H, W]` from 0 to 1 is already an opacity: soft far beyond an antialiased or smoothed outline."""
    soft = (mask > SOFT[0]) & (mask < SOFT[1])
    if not soft.any():
        return False
    far = np.abs(signed_distance(mask >= HALF)) > max(ALPHA_LEAST, ALPHA_AT * max(mask.shape))
    return float(far[soft].mean()) > ALPHA_SHARE


def matte(image: np.ndarray, mask: np.ndarray) -> Matte:
    """
    Args:
        image: `[H, W, 3]` float32 from 0 to 1.
        mask: `[H, W]` float32 from 0 to 1, somewhere at least 0.5. If it is an opacity (`is_opacity`) it is kept, and
            only the colours are solved for.
    """
    height, width = mask.shape
    narrow, wide = widths((width, height))
    rows, columns = (np.flatnonzero((mask > 0).any(axis)) for axis in (1, 0))
    around = 2 * wide + MARGIN
    window = tuple(slice(max(line[0] - around, 0), line[-1] + around + 1) for line in (rows, columns))
    image, mask = np.ascontiguousarray(image[window]), np.ascontiguousarray(mask[window])
    opacity = mask if is_opacity(mask) else _opacity(image, mask, narrow, wide)
    return Matte(window[0].start, window[1].start, opacity, own_colors(image, opacity))


def _opacity(image: np.ndarray, mask: np.ndarray, narrow: int, wide: int) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1. Colours far from the cut are used to find the band, then colours up to the band."""
    cut = mask >= HALF
    distance = signed_distance(cut)
    thin = THIN * (distance / narrow).clip(0, 1) ** 2  # so that thin parts contribute colours, too
    inside, outside = np.where(distance > narrow, 1, thin), distance < -wide
    colors = local_colors(image, inside.astype(np.float32), outside.astype(np.float32), wide)
    unknown = band(image, cut, colors, narrow, wide)
    inside, outside = np.where(unknown, thin, cut), ~cut & ~unknown
    colors = local_colors(image, inside.astype(np.float32), outside.astype(np.float32), narrow + wide / 2)
    ring = cv2.dilate(unknown.astype(np.uint8), np.ones((2 * narrow + 1,) * 2, np.uint8)).astype(bool) & ~unknown
    trust = colors.trust * predicts(colors.guess, cut, ring, 2 * narrow)
    guess = (mask + trust * (colors.guess - mask)).astype(np.float32)
    solved = solve_opacity(image, unknown, cut.astype(np.float32), guess, SURENESS * np.maximum(trust, LEAST_SURE))
    solved = ((solved - CLEAR) / (OPAQUE - CLEAR)).clip(0, 1)
    solved = np.where(trust > 0, np.where(unknown, mask + trust * (solved - mask), cut), mask).astype(np.float32)
    _, label = cv2.connectedComponents((solved > 0).astype(np.uint8), connectivity=8)
    return np.where(np.isin(label, np.unique(label[cut])), solved, 0)
