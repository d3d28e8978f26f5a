"""Whether a video shows a thing of a named colour: by the names of its pixels' colours, without anything trained."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from ..scenes.textures import PALETTE, color_name

COLORS = tuple(PALETTE)
SMALLEST, LARGEST = 0.5, 2.0  # area of the patch that counts as the thing, as a multiple of the true thing's
LEVELS = 32  # of each channel, that are told apart


def shows_color(frames: np.ndarray, color: str, area: int) -> bool:
    """Whether more than half of the frames have a thing of this colour.

    In a frame that is so where the largest connected patch of pixels whose colour has this name is half to twice as
    large as the true thing: what is smaller are specks, what is larger is the ground. On a ground of the thing's own
    colour nobody can say.

    Args:
        frames: `[T, H, W, 3]` uint8.
        color: of `COLORS`.
        area: of the true thing, px.

    Raises:
        ValueError: if there is no such colour.
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
