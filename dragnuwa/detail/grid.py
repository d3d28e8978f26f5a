"""Two pixel grids on one picture: at full size, and at the size at which the clip is analysed.

Points are complex numbers x + iy, in pixels of either grid; pixel centres lie at whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ..carry.transforms import Box


@dataclass(frozen=True)
class Grid:
    """
    Attributes:
        full: (width, height) of the picture.
        small: (width, height) of the analysed clip.
    """

    full: tuple[int, int]
    small: tuple[int, int]

    @cached_property
    def scale(self) -> tuple[float, float]:
        """Small pixels per full pixel, along x and y."""
        return self.small[0] / self.full[0], self.small[1] / self.full[1]

    @cached_property
    def positions(self) -> np.ndarray:
        """`[h, w]`: the small pixels, in full ones."""
        return self.to_full(Box(0, 0, *self.small).positions())

    def to_small(self, positions: np.ndarray) -> np.ndarray:
        (x, y), small = self.scale, np.empty(positions.shape, complex)
        small.real, small.imag = x * positions.real + 0.5 * (x - 1), y * positions.imag + 0.5 * (y - 1)
        return small

    def to_full(self, positions: np.ndarray) -> np.ndarray:
        (x, y), full = self.scale, np.empty(positions.shape, complex)
        full.real, full.imag = positions.real / x + 0.5 * (1 / x - 1), positions.imag / y + 0.5 * (1 / y - 1)
        return full

    def inside(self, positions: np.ndarray) -> np.ndarray:
        """Which points, in full pixels, lie on the picture; NaN does not."""
        return Box(0, 0, *self.full).holds(positions)


def look_up(picture: np.ndarray, positions: np.ndarray, border: int = cv2.BORDER_REPLICATE) -> np.ndarray:
    """Bilinear lookup in `[h, w]` or `[h, w, C]` float32 at `positions` (complex, in its pixels; NaN is undefined)."""
    x, y = positions.real.astype(np.float32), positions.imag.astype(np.float32)
    for part in (x, y):
        cv2.patchNaNs(part, 0)  # in place
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=border)


def smooth(values: np.ndarray, weight: np.ndarray, sigma: float) -> np.ndarray:
    """The weighted mean around each place of `[h, w]` or `[h, w, C]` float32, by a Gaussian of `sigma` px. (Normalised
    convolution: Knutsson and Westin, CVPR 1993.)"""
    weight = weight + np.float32(1e-4)
    total = cv2.GaussianBlur(weight, (0, 0), sigma)
    if values.ndim == 3:
        return cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma) / total[..., None]
    return cv2.GaussianBlur(values * weight, (0, 0), sigma) / total
