"""Foreground colours: Germer, Uelwer, Conrad and Harmeling, "Fast Multi-Level Foreground Estimation", 2020.

Solves image = opacity * F + (1 - opacity) * B for smooth colours F and B; smoothness counts more where opacity changes.
A pyramid is solved from a single pixel to full size, each level initialised from the previous one, and only near the
edge.
"""

from __future__ import annotations

import cv2
import numpy as np

AROUND = 3  # px around the non-transparent part, into which its colours are extended
SMOOTH, SLOPE = 1e-5, 1.0  # weight of smoothness, and its increase per change of opacity
SMALL, MANY, FEW = 32, 10, 2  # levels smaller than this (px) take many iterations, others few


def own_colors(image: np.ndarray, opacity: np.ndarray, around: int = AROUND) -> np.ndarray:
    """
    Args:
        image: `[h, w, 3]` float32 from 0 to 1.
        opacity: `[h, w]` float32 from 0 to 1.
        around: px around the non-transparent part, into which its colours are extended.

    Returns:
        `[h, w, 3]` from 0 to 1: exactly the image where opacity is 1.
    """
    height, width = opacity.shape
    levels = int(np.ceil(np.log2(max(height, width))))
    front = behind = None
    for level in range(levels + 1):
        size = tuple(max(1, round(side ** (level / levels))) if levels else side for side in (width, height))
        last = level == levels
        colors = image if last else cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
        share = opacity if last else cv2.resize(opacity, size, interpolation=cv2.INTER_NEAREST)
        colors = colors.reshape(size[1], size[0], 3)
        if front is None:
            front, behind = _mean(image, opacity), _mean(image, 1 - opacity)
        front, behind = (
            cv2.resize(each, size, interpolation=cv2.INTER_NEAREST).reshape(size[1], size[0], 3)
            for each in (front, behind)
        )
        _solve(colors, share, front, behind, MANY if max(size) <= SMALL else FEW, around)
    return np.where((opacity < 1)[..., None], front, image)


def _mean(image: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """`[1, 1, 3]`: the image's weighted mean."""
    return (np.tensordot(weight, image, 2) / max(float(weight.sum()), 1e-6))[None, None].astype(np.float32)


def _solve(
    image: np.ndarray, opacity: np.ndarray, front: np.ndarray, behind: np.ndarray, rounds: int, around: int
) -> None:
    """Improves both colours in place, by Jacobi iterations."""
    height, width = opacity.shape
    opaque, clear = opacity == 1, opacity == 0
    front[opaque], behind[clear] = image[opaque], image[clear]
    reach = np.ones((2 * around + 1, 2 * around + 1), np.uint8)
    near = cv2.dilate((~opaque & ~clear).astype(np.uint8), reach).astype(bool)
    rows, columns = np.nonzero(near)
    if not len(rows):
        return
    beside = [
        np.clip(rows + down, 0, height - 1) * width + np.clip(columns + right, 0, width - 1)
        for down, right in ((0, -1), (0, 1), (-1, 0), (1, 0))
    ]
    own = rows * width + columns
    share, flat = opacity.ravel()[own], opacity.ravel()
    pixels = image.reshape(-1, 3)[own]
    weights = [SMOOTH + SLOPE * np.abs(share - flat[place]) for place in beside]
    total = np.sum(weights, 0)
    a, b, d = share * share + total, share * (1 - share), (1 - share) ** 2 + total
    determinant = a * d - b * b
    fronts, behinds = front.reshape(-1, 3), behind.reshape(-1, 3)
    for _ in range(rounds):
        one = share[:, None] * pixels + sum(w[:, None] * fronts[p] for w, p in zip(weights, beside, strict=True))
        other = (1 - share)[:, None] * pixels + sum(
            w[:, None] * behinds[p] for w, p in zip(weights, beside, strict=True)
        )
        fronts[own] = np.clip((d[:, None] * one - b[:, None] * other) / determinant[:, None], 0, 1)
        behinds[own] = np.clip((a[:, None] * other - b[:, None] * one) / determinant[:, None], 0, 1)
