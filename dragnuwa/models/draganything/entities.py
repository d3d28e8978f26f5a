"""Entities: their centres in each frame, their sizes, and the part of the picture that each covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
