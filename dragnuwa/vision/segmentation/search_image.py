"""The downscaled copy of a picture in which objects are searched, and its superpixels; shared by drags and clicks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .superpixels import Superpixels, superpixels

UNIT = 400.0  # px, square root of the copy's area; fixed, so that results do not depend on the picture's size


@dataclass(frozen=True)
class SearchImage:
    """
    Attributes:
        image: `[H, W, 3]` uint8.
        small: `[h, w, 3]` uint8, the copy that is searched.
        patches: its superpixels.
    """

    image: np.ndarray
    small: np.ndarray
    patches: Superpixels

    def in_small(self, points: np.ndarray) -> np.ndarray:
        """Points of the image (complex, in pixels) in the small copy. In both, 0 is the centre of the first pixel."""
        (height, width), (rows, columns) = self.image.shape[:2], self.small.shape[:2]
        x = (points.real + 0.5) * columns / width - 0.5
        y = (points.imag + 0.5) * rows / height - 0.5
        return x.clip(0, columns - 1) + 1j * y.clip(0, rows - 1)


def search_image(image: np.ndarray) -> SearchImage:
    """An image `[H, W, 3]` uint8, prepared for any number of drags and clicks."""
    small = _reduced(image)
    return SearchImage(image, small, superpixels(small))


def _reduced(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    scale = UNIT / (height * width) ** 0.5
    if scale >= 1:
        return np.ascontiguousarray(image)
    size = max(2, round(width * scale)), max(2, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
