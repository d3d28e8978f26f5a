"""Entities: their centres in each frame, their sizes, and the part of the picture that each covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.errors import InputError
from .resize import resize_mask

MAX_RADIUS = 50  # px, to which the network was trained
LATENT = 8  # px of a latent pixel
PIXEL_DIGITS = 6  # decimals before truncation, since 25 / 576 * 576 is 24.999999999999996


@dataclass(frozen=True, eq=False)
class Entities:
    """N entities at the T frames of a clip, from back to front.

    Attributes:
        size: (width, height) of the clip in pixels.
        centres: `[N, T, 2]` int, x and y in pixels; they may lie outside of the picture.
        shown: `[N, T]` bool.
        radius: `[N]` int from 0 to `MAX_RADIUS`, of the disc drawn around a centre, in pixels.
        latent_masks: `[N, height / 8, width / 8]` bool, the latent pixels of the first frame that show the entity.
    """

    size: tuple[int, int]
    centres: np.ndarray
    shown: np.ndarray
    radius: np.ndarray
    latent_masks: np.ndarray

    @property
    def frames(self) -> int:
        return self.centres.shape[1]


def centres(points: np.ndarray, picture: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Track points in integer pixels of the clip, truncated towards zero as in the original.

    Args:
        points: `[N, T, 2]` x and y in pixels of the picture on which they were drawn.
        picture, size: (width, height) of that picture and of the clip.

    Returns:
        `[N, T, 2]` int.
    """
    scaled = points / np.array(picture, np.float64) * np.array(size, np.float64)
    return np.trunc(scaled if picture != size else np.round(points, PIXEL_DIGITS)).astype(int)


def radius(mask: np.ndarray) -> int:
    """The largest distance in a mask `[H, W]` bool to its background, in whole pixels up to `MAX_RADIUS`.

    Distances use a 5x5 chamfer metric, not the Euclidean one; pixels outside the picture are not background.
    """
    import cv2  # here, so that a server without OpenCV can load the pack

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
