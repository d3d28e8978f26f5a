"""Direct alignment of two frames: the similarity transform under which their colours agree, without features.

Robust regression of the brightness constancy equation, coarse to fine (Odobez and Bouthemy, "Robust multiresolution
estimation of parametric motion models", 1995). It serves where a scene has edges but hardly any corners.
"""

from __future__ import annotations

import cv2
import numpy as np

LEVELS = (48, 96, 192)  # px, longer side
ITERATIONS = 12
ENOUGH = 0.005  # px of a level: smaller corrections end it
WIDEST, NARROWEST = 24.0, 2.0  # of 255: bounds of the scale of differences beyond which pixels are outliers
LEAST = 64  # pixels that have to agree


def align_directly(now: np.ndarray, then: np.ndarray, free: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """
    Args:
        now, then: `[H, W]` uint8.
        free: `[H, W]` uint8, 1 where `now` counts.
        guess: `[3, 3]`, of which the part that is a similarity transform is used.

    Returns:
        `[3, 3]`: from pixels of `now` to pixels of `then`; the guess if too little agrees.
    """
    values = np.array([guess[0, 0] - 1, guess[1, 0], guess[0, 2], guess[1, 2]])
    for side in LEVELS:
        scale = min(1.0, side / max(now.shape))
        size = tuple(max(8, round(length * scale)) for length in now.shape[::-1])
        pair = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (now, then))
        first, second = (each.astype(np.float32) for each in pair)
        counts = cv2.resize(free, size, interpolation=cv2.INTER_NEAREST) > 0
        found = _at_level(first, second, counts, values * [1, 1, scale, scale])
        if found is None:
            return guess
        values = found / [1, 1, scale, scale]
    return _matrix(values)


def _matrix(values: np.ndarray) -> np.ndarray:
    growth, turn, x, y = values
    return np.array([[1 + growth, -turn, x], [turn, 1 + growth, y], [0, 0, 1]])


def _at_level(now: np.ndarray, then: np.ndarray, free: np.ndarray, values: np.ndarray) -> np.ndarray | None:
    height, width = now.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    now, then = cv2.GaussianBlur(now, (0, 0), 0.8), cv2.GaussianBlur(then, (0, 0), 0.8)
    seen = np.ones_like(then)
    reach = max(width, height)
    for _ in range(ITERATIONS):
        motion = _matrix(values)[:2]
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        onto = cv2.warpAffine(then, motion, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE)
        inside = (cv2.warpAffine(seen, motion, (width, height), flags=way) > 0.99) & free
        if inside.sum() < LEAST:
            return None
        dx, dy = (cv2.Scharr(onto, cv2.CV_32F, *order, scale=1 / 32)[inside] for order in ((1, 0), (0, 1)))
        rest = (now - onto)[inside]
        spread = np.clip(1.4826 * np.median(np.abs(rest)), NARROWEST, WIDEST)
        weight = np.clip(1 - (rest / (4.685 * spread)) ** 2, 0, None) ** 2  # Tukey's biweight
        if (weight > 0).sum() < LEAST:
            return None
        px, py = x[inside], y[inside]
        columns = np.stack([(dx * px + dy * py) / reach, (dy * px - dx * py) / reach, dx, dy])  # [4, P]
        normal = (columns * weight) @ columns.T + 1e-2 * np.eye(4)
        change = np.linalg.solve(normal, (columns * weight) @ rest) / [reach, reach, 1, 1]
        # The gradient is that of the warped frame, so the change acts before the motion.
        values = _values(_matrix(values) @ _matrix(change))
        if np.abs(change * [reach, reach, 1, 1]).max() < ENOUGH:
            break
    return values


def _values(matrix: np.ndarray) -> np.ndarray:
    return np.array([matrix[0, 0] - 1, matrix[1, 0], matrix[0, 2], matrix[1, 2]])
