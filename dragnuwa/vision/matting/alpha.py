"""Opacity in a band around an edge: the matting Laplacian and a local colour model, solved together.

The Laplacian is that of Levin, Lischinski and Weiss ("A closed-form solution to natural image matting", 2008): in each
window of 3x3 pixels opacity is a linear function of colour. The opacity estimated from a pixel's colour alone is added
as a weighted data term, as in Wang and Cohen ("Optimized color sampling for robust matting", 2007).
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import cg

FLAT = 1e-5  # variance of colours (0 to 1) in a window that counts as noise
STEPS = 60  # maximum number of conjugate gradient iterations
CLOSE_ENOUGH = 3e-3  # relative residual at which they stop
WINDOW = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
SPAN = 5  # px, size of the neighbourhood that shares a window with a pixel
WINDOWS = 2**16  # processed at a time
AROUND = 3  # px around the non-transparent part, into which its colours are extended
SMOOTH, SLOPE = 1e-5, 1.0  # weight of smoothness, and its increase per change of opacity
SMALL, MANY, FEW = 32, 10, 2  # levels smaller than this (px) take many iterations, others few


def solve_opacity(
    image: np.ndarray, unknown: np.ndarray, known: np.ndarray, guess: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """
    Args:
        image: `[h, w, 3]` float32 from 0 to 1.
        unknown: `[h, w]` bool, where opacity is solved for.
        known: `[h, w]` float32, opacity elsewhere.
        guess: `[h, w]` float32 from 0 to 1, opacity estimated from colour.
        weight: `[h, w]` float32, at least 0, weight of the guess relative to the Laplacian.

    Returns:
        `[h, w]` float32 from 0 to 1; `known` outside the unknown part.
    """
    padded = np.pad(unknown, 2)  # so that every window lies inside
    numbers = np.full(padded.shape, -1)
    indices = np.flatnonzero(padded)
    numbers.flat[indices] = np.arange(len(indices))
    count, width = len(indices), padded.shape[1]
    if not count:
        return known
    values = np.pad(known, 2, mode="edge")
    diagonals = _laplacian(np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="edge"), padded, numbers)
    offsets = np.array([row * width + column for row in range(-2, 3) for column in range(-2, 3)])
    beside = indices[:, None] + offsets  # [n, 25]
    columns, rest = numbers.flat[beside], values.flat[beside]
    outside = columns < 0
    right = -(diagonals * np.where(outside, rest, 0)).sum(1)
    entries = np.where(outside, 0, diagonals)
    ends = np.arange(count + 1) * SPAN**2
    matrix = csr_array((entries.ravel(), np.where(outside, 0, columns).ravel(), ends), shape=(count, count))
    matrix.eliminate_zeros()
    own, expected = weight[unknown] + np.float32(1e-6), guess[unknown]
    matrix = (matrix + diags_array(own)).astype(np.float32)
    right = (right + own * expected).astype(np.float32)
    scale = 1 / matrix.diagonal()
    solved, _ = cg(matrix, right, expected, rtol=CLOSE_ENOUGH, maxiter=STEPS, M=diags_array(scale))
    result = known.copy()
    result[unknown] = solved.clip(0, 1)
    return result


def _laplacian(image: np.ndarray, unknown: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """`[n, 25]` float64: for each unknown pixel, in the order of `numbers`, its row of the Laplacian, restricted to the
    5x5 pixels around it."""
    width = unknown.shape[1]
    touched = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    centres = np.flatnonzero(touched)
    around = np.array([row * width + column for row, column in WINDOW])
    slots = np.array([[(c - a) * SPAN + (d - b) + 12 for c, d in WINDOW] for a, b in WINDOW])  # [9, 9]
    count = int(unknown.sum())
    sums = np.zeros(count * SPAN**2)
    pixels = torch.from_numpy(np.ascontiguousarray(image.reshape(-1, 3)))
    for first in range(0, len(centres), WINDOWS):
        indices = centres[first : first + WINDOWS, None] + around  # [K, 9]
        part = _of_windows(pixels[torch.from_numpy(indices)]).numpy()  # [K, 9, 9]
        rows = numbers.flat[indices]
        inside = rows >= 0
        index = rows[inside][:, None] * SPAN**2 + slots[np.nonzero(inside)[1]]  # [m, 9]
        sums += np.bincount(index.ravel(), part[inside].ravel(), len(sums))
    return sums.reshape(count, SPAN**2)


def _of_windows(colors: torch.Tensor) -> torch.Tensor:
    """The contribution of each window to the Laplacian, `[K, 9, 9]`, from its colours `[K, 9, 3]`."""
    centred = colors - colors.mean(1, keepdim=True)
    covariance = centred.mT @ centred / 9 + torch.eye(3) * (FLAT / 9)
    share = centred @ torch.linalg.inv(covariance) @ centred.mT  # [K, 9, 9]
    return torch.eye(9) - (1 + share) / 9


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
