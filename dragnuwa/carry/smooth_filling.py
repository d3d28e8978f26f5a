"""Smooth filling: interpolates a hole from its border by Laplace's equation.

Neighbours in the same row have a larger weight, since behind most objects sky continues beside sky and grass beside
grass. The result has no texture: `filling` uses it as a starting point, for blending, and where there is nothing to
copy.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import spsolve

from ..common.interrupt import InterruptCheck, no_interrupt

BESIDE = 16.0  # weight of the neighbours in the same row, against 1 of those above and below
SOLVED = 6000  # px: larger holes are first filled at half the resolution
SWEEPS = 12  # Jacobi iterations after upsampling
AT_ONCE = 2**18  # px smoothed between two interrupt checks


def smooth_fill(picture: np.ndarray, hole: np.ndarray, check_interrupt: InterruptCheck = no_interrupt) -> np.ndarray:
    """
    Args:
        picture: `[H, W, C]` float32.
        hole: `[H, W]` bool.
        check_interrupt: called every few rows.

    Returns:
        The picture with the hole filled; the picture itself if there is no hole, or nothing but hole.
    """
    check_interrupt()
    if hole.all() or not hole.any():
        return picture
    if picture.shape[-1] == 1:  # OpenCV and SciPy would drop that axis
        return smooth_fill(np.repeat(picture, 2, -1), hole, check_interrupt)[..., :1]
    if hole.sum() <= SOLVED:
        return _solved(picture, hole)
    height, width = hole.shape
    half = (width + 1) // 2, (height + 1) // 2
    known = (~hole).astype(np.float32)
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    small = cv2.resize(picture * known[..., None], half, interpolation=cv2.INTER_AREA)
    small = smooth_fill(small / np.maximum(weight, 1e-6)[..., None], weight <= 0, check_interrupt)
    filled = picture.copy()
    check_interrupt()
    np.copyto(filled, cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), where=hole[..., None])
    around = _around(hole)
    part, inside = filled[around], hole[around]
    for _ in range(SWEEPS):
        _smooth(part, inside, check_interrupt)
    return filled


def _around(hole: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the hole's bounding box, with a border of one pixel."""
    left, top, width, height = cv2.boundingRect(hole.astype(np.uint8))
    return slice(max(0, top - 1), top + height + 1), slice(max(0, left - 1), left + width + 1)


def _smooth(picture: np.ndarray, hole: np.ndarray, check_interrupt: InterruptCheck) -> None:
    """One Jacobi iteration in place: each pixel of the hole becomes the weighted mean of its old neighbours."""
    height, width = hole.shape
    rows = max(1, AT_ONCE // width)
    above = picture[:1].copy()  # the old values of the row above; borders are replicated
    for top in range(0, height, rows):
        check_interrupt()
        own = picture[top : top + rows]
        below = picture[min(top + rows, height - 1) :][:1]
        around = np.pad(np.concatenate([above, own, below]), ((0, 0), (1, 1), (0, 0)), mode="edge")
        above = own[-1:].copy()
        beside = around[1:-1, :-2] + around[1:-1, 2:]
        mean = (BESIDE * beside + around[:-2, 1:-1] + around[2:, 1:-1]) / (2 * BESIDE + 2)
        np.copyto(own, mean, where=hole[top : top + rows, :, None])


def _solved(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """One linear equation for each pixel of the hole."""
    rows, columns = np.nonzero(hole)
    count = len(rows)
    number = np.full(hole.shape, -1)
    number[hole] = np.arange(count)
    total, known = np.zeros(count), np.zeros((count, picture.shape[-1]))
    entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for down, right, weight in ((0, 1, BESIDE), (0, -1, BESIDE), (1, 0, 1.0), (-1, 0, 1.0)):
        y, x = rows + down, columns + right
        (own,) = np.nonzero((y >= 0) & (y < hole.shape[0]) & (x >= 0) & (x < hole.shape[1]))
        total[own] += weight
        other = number[y[own], x[own]]
        open_ = other >= 0
        entries.append((own[open_], other[open_], np.full(open_.sum(), -weight)))
        closed = own[~open_]
        known[closed] += weight * picture[y[closed], x[closed]]
    diagonal = np.arange(count)
    equation, unknown, value = (
        np.concatenate(part) for part in zip(*entries, (diagonal, diagonal, total), strict=True)
    )
    filled = picture.copy()
    filled[hole] = spsolve(csr_array((value, (equation, unknown)), shape=(count, count)).tocsc(), known)
    return filled
