"""Entities: where each one's centre is in each frame, how large it is, and which part of the picture it covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAX_RADIUS = 50  # px, to which the network was trained
LATENT = 8  # px of a latent pixel
PIXEL_DIGITS = 6  # of a position that are kept: 25 / 576 * 576 is 24.999999999999996, and truncation would lose a pixel


@dataclass(frozen=True, eq=False)
class Entities:
    """N entities at the T frames of a clip, from back to front.

    Attributes:
        size: (width, height) of the clip in pixels.
        centres: `[N, T, 2]` int, x and y in pixels; they may lie outside of the picture.
        shown: `[N, T]` bool.
        radius: `[N]` int from 0 to `MAX_RADIUS`, of what is drawn around a centre, in pixels.
        latent_masks: `[N, height / 8, width / 8]` bool, which latent pixels of the first frame show the entity.
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
    """Points of tracks in whole pixels of the clip, truncated toward zero as in the original.

    Args:
        points: `[N, T, 2]` x and y in pixels of the picture that they were drawn on.
        picture, size: (width, height) of that picture and of the clip.

    Returns:
        `[N, T, 2]` int.
    """
    scaled = points / np.array(picture, np.float64) * np.array(size, np.float64)
    return np.trunc(scaled if picture != size else np.round(points, PIXEL_DIGITS)).astype(int)
