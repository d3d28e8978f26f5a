"""Checks whether a video shows an object of a named colour, by naming its pixels' colours; needs no trained model."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from ..scenes.textures import PALETTE, color_name

COLORS = tuple(PALETTE)
SMALLEST, LARGEST = 0.5, 2.0  # area of a patch that counts as the object, as a multiple of the true object's
LEVELS = 32  # quantisation of each channel


def shows_color(frames: np.ndarray, color: str, area: int) -> bool:
    """Whether more than half of the frames show an object of this colour.

    A frame does if the largest connected patch of pixels whose colour has this name is half to twice as large as the
    true object: smaller patches are specks, larger ones are background. Undecidable on a background of the object's own
    colour.

    Args:
        frames: `[T, H, W, 3]` uint8.
        color: one of `COLORS`.
        area: of the true object, px.

    Raises:
        ValueError: if the colour is unknown.
    """
    if color not in COLORS:
        raise ValueError(f"The colours are {', '.join(COLORS)}; found {color!r}.")
    red, green, blue = np.moveaxis(frames // (256 // LEVELS), -1, 0)
    named = _names()[red, green, blue] == COLORS.index(color)  # [T, H, W]
    shown = [SMALLEST * area <= _largest_patch(frame) <= LARGEST * area for frame in named]
    return bool(np.mean(shown) > 0.5)


def _largest_patch(mask: np.ndarray) -> int:
    count, _, parts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return int(parts[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0


@cache
def _names() -> np.ndarray:
    """The index into `COLORS` of every colour, `[LEVELS, LEVELS, LEVELS]` by red, green and blue."""
    levels = (np.arange(LEVELS) + 0.5) * (256 / LEVELS)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(-1, 3)
    return np.array([COLORS.index(color_name(rgb)) for rgb in grid], np.uint8).reshape((LEVELS,) * 3)
