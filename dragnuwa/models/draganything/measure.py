"""Measures an entity's size and extent on its mask."""

from __future__ import annotations

import cv2
import numpy as np

from ...common.errors import InputError
from .entities import LATENT, MAX_RADIUS
from .resize import resize_mask


def radius(mask: np.ndarray) -> int:
    """The largest distance in a mask `[H, W]` bool to its background, in whole pixels up to `MAX_RADIUS`.

    Distances use a 5x5 chamfer metric, not the Euclidean one; pixels outside the picture are not background.
    """
    return int(min(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5).max(), MAX_RADIUS))


def measure(mask: np.ndarray, size: tuple[int, int], what: str) -> tuple[int, np.ndarray]:
    """The radius of an entity, and its mask on the latent grid, both computed from the mask at its original size.

    Args:
        mask: `[H, W]` bool, of the clip's aspect ratio and any size.
        size: (width, height) of the clip in pixels.
        what: how messages refer to the mask.

    Raises:
        InputError: if the mask is empty, or vanishes on the latent grid.
    """
    width, height = size
    if not mask.any():
        raise InputError(f"{what} is empty. Paint the object that the drag moves, or disconnect masks.")
    latent = resize_mask(mask, width // LATENT, height // LATENT)
    if not latent.any():
        raise InputError(
            f"{what} vanishes on the latent grid of {width // LATENT}x{height // LATENT}: it is too small or too thin. "
            "Paint more of the object."
        )
    return radius(resize_mask(mask, width, height)), latent
