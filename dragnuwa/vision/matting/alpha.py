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
