"""Values of pictures between their pixels, and smoothed. (Beside `grids`, which needs no OpenCV.)"""

from __future__ import annotations

import cv2
import numpy as np


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
