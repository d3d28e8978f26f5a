"""Bilinear resizing of 8-bit pictures, bit-identical on every machine.

It follows OpenCV's `resize` (INTER_LINEAR on uint8), whose results differ between builds that use vendors' libraries.
There is no anti-aliasing, so thin parts of a mask can vanish.
"""

from __future__ import annotations

import numpy as np

ONE = 2048  # fixed-point weight of 1


def resize_bytes(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """
    Args:
        image: `[H, W]` uint8.
        width, height: of the result in pixels, at least 1.

    Returns:
        `[height, width]` uint8.
    """
    if image.shape == (height, width):
        return image.copy()
    values = image.astype(np.int64)
    if image.shape == (2 * height, 2 * width):
        return ((values.reshape(height, 2, width, 2).sum((1, 3)) + 2) >> 2).astype(np.uint8)
    left, fraction = _positions(image.shape[1], width)
    inside = (left >= 0) & (left < image.shape[1] - 1)
    near, far = _weights(np.where(inside, fraction, np.float32(0)))
    left = left.clip(0, image.shape[1] - 1)
    rows = values[:, left] * near + values[:, (left + 1).clip(max=image.shape[1] - 1)] * far  # [H, width]
    top, fraction = _positions(image.shape[0], height)
    near, far = (weight[:, None] for weight in _weights(fraction))
    upper, lower = (rows[row.clip(0, image.shape[0] - 1)] >> 4 for row in (top, top + 1))  # [height, width]
    return ((((near * upper) >> 16) + ((far * lower) >> 16) + 2) >> 2).astype(np.uint8)


def resize_mask(mask: np.ndarray, width: int, height: int) -> np.ndarray:
    """A mask `[H, W]` bool at another size, `[height, width]` bool."""
    return resize_bytes(mask.astype(np.uint8), width, height).astype(bool)


def _positions(length: int, wanted: int) -> tuple[np.ndarray, np.ndarray]:
    """For each output pixel, the input pixel before its position, `[wanted]` int, and the fraction beyond, float32."""
    place = ((np.arange(wanted) + 0.5) * (1 / (wanted / length)) - 0.5).astype(np.float32)
    before = np.floor(place)
    return before.astype(int), place - before


def _weights(fraction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.rint((1 - fraction) * ONE).astype(np.int64), np.rint(fraction * ONE).astype(np.int64)
