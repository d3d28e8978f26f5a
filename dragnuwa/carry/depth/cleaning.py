"""Depth as networks and pictures give it, made sharp at the edges of objects and smooth within them.

Edges that are blurred over several pixels become sharp again, and planes are fitted around each pixel, to what lies
near the plane (moving least squares, with the weights of a bilateral filter). How much, the depth says itself: what is
exact stays as it is.
"""

from __future__ import annotations

import cv2
import numpy as np

RAMP, AROUND = np.ones((5, 5), np.uint8), np.ones((11, 11), np.uint8)  # px: a blurred edge, and what surrounds it
EDGE = 0.15  # part of the nearer disparity, over the width of a blurred edge
STEEP = 0.6  # of the change around, within a blurred edge; a plane's would be 0.4
SHARP = 0.7  # of the same change, between two pixels: the edge is sharp already
BETWEEN = 0.15  # of the change, by which a pixel of a blurred edge differs from both sides
SIDE = 320  # px, the longer side at which planes are fitted
FITS = ((4, 1, 1.0), (8, 2, 0.8), (14, 2, 0.8), (20, 3, 0.8))  # reach and distance of samples in px, and of the range
MEASURED = 8, 2, 0.08  # reach, distance and range of the planes against which noise is measured
RANGE, NARROWEST, WIDEST = 8.0, 0.005, 0.1  # in noises, and in parts of the disparity: how far from a plane counts
STILL, NOISY = (
    0.007,
    0.012,
)  # parts of the disparity: the relief of real objects, and noise that is smoothed away
OTHER_SIDE = 3.0  # times that: farther from a pixel's own disparity is another object
SPREAD = 1.7  # reach, in sigmas
MIN_WEIGHT = 0.3  # weight of the samples from which a plane is fitted
FIRM = 0.1  # px^2 times the distance of samples, by which slopes are pulled to 0


def cleaned(disparity: np.ndarray) -> np.ndarray:
    """`[H, W]` float32, of the same."""
    found = disparity.astype(np.float32)
    sharp, blurred, edges = _sharpened(found)
    height, width = found.shape
    scale = max(1.0, max(found.shape) / SIDE)
    size = max(2, round(width / scale)), max(2, round(height / scale))
    given, known = (cv2.resize(part, size, interpolation=cv2.INTER_NEAREST) for part in (found, _known(found, blurred)))
    start = np.where(known > 0, given, cv2.resize(sharp, size, interpolation=cv2.INTER_NEAREST))
    noise = _noise(given, known, start)
    part = float(np.clip((noise - STILL) / (NOISY - STILL), 0, 1))
    own = np.where(edges if part > 0 else blurred, sharp, found)
    if part == 0:
        return own
    planes = cv2.resize(own, size, interpolation=cv2.INTER_NEAREST), np.zeros_like(given), np.zeros_like(given)
    sigma = float(np.clip(RANGE * noise, NARROWEST, WIDEST))
    for reach, step, wide in FITS:
        planes = _fitted(given, known, planes, reach, step, wide * sigma)
    smooth = _at_full_size(planes, own, sigma)
    same = np.abs(smooth - own) <= OTHER_SIDE * sigma * own  # otherwise, beside an edge, it is of its other side
    smooth = np.where(same, own + part * (smooth - own), own)
    return np.where(found == 0, 0, smooth).astype(np.float32)


def _sharpened(disparity: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The disparity with sharp edges; `[H, W]` bool, pixels between both sides of a blurred edge; and all close by."""
    low, high = cv2.erode(disparity, RAMP), cv2.dilate(disparity, RAMP)
    change = high - low
    around = cv2.dilate(disparity, AROUND) - cv2.erode(disparity, AROUND)
    pixel = np.ones((2, 2), np.uint8)
    abrupt = cv2.dilate(cv2.dilate(disparity, pixel) - cv2.erode(disparity, pixel), RAMP)
    core = (change > EDGE * high) & (change > STEEP * around) & (abrupt < SHARP * change)
    edges = (cv2.dilate(core.astype(np.uint8), RAMP) > 0) & (change > EDGE / 2 * high)
    sharp = np.where(edges, _nearer_of(disparity, low, high), disparity)
    # In the middle of a wide edge, what is two pixels away is not yet the other side itself.
    low_now, high_now = cv2.erode(sharp, RAMP), cv2.dilate(sharp, RAMP)
    left = edges & (np.minimum(sharp - low_now, high_now - sharp) > BETWEEN * (high_now - low_now))
    sharp = np.where(left, _nearer_of(sharp, low_now, high_now), sharp)
    return sharp, edges & (np.minimum(disparity - low, high - disparity) > BETWEEN * change), edges


def _nearer_of(disparity: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.where(disparity - low < high - disparity, low, high)


def _known(disparity: np.ndarray, blurred: np.ndarray) -> np.ndarray:
    return ((disparity > 0) & ~blurred).astype(np.float32)


def _noise(given: np.ndarray, known: np.ndarray, start: np.ndarray) -> float:
    """The standard deviation of a disparity from planes, in parts of it: the median of the differences, so that edges
    do not count."""
    if not known.any():
        return 0.0
    flat = np.zeros_like(given)
    plane, _, _ = _fitted(given, known, (start, flat, flat), *MEASURED)
    differences = (np.abs(plane - given) / np.maximum(given, 1e-12))[known > 0]
    return 1.4826 * float(np.median(differences))


def _fitted(
    given: np.ndarray,
    known: np.ndarray,
    planes: tuple[np.ndarray, np.ndarray, np.ndarray],
    reach: int,
    step: int,
    sigma: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Planes, better fitted to the disparity around them.

    Args:
        given: `[h, w]`, the disparity, and known, the weight of each.
        planes: `[h, w]` each, their disparity at each pixel, and its change per px across and down.
        reach, step: px, from where and how densely it is sampled.
        sigma: in parts of the disparity, how far from the plane counts.
    """
    (height, width), (value, across, down) = given.shape, planes
    padded, weights = np.pad(given, reach, mode="edge"), np.pad(known, reach)
    sharpness = -0.5 / np.square(sigma * np.maximum(value, 1e-12))
    sums = np.zeros((9, height, width), np.float32)
    for dy in range(-reach, reach + 1, step):
        for dx in range(-reach, reach + 1, step):
            away = dx * dx + dy * dy
            if away > reach * reach + 1:
                continue
            there = slice(reach + dy, reach + dy + height), slice(reach + dx, reach + dx + width)
            change = padded[there] - value
            near = np.square(change - across * dx - down * dy) * sharpness
            weight = np.exp(near - away * 0.5 * (SPREAD / reach) ** 2) * weights[there]
            moved = weight * change
            for number, factor in enumerate((1, dx, dy, dx * dx, dx * dy, dy * dy)):
                sums[number] += factor * weight
            for number, factor in enumerate((1, dx, dy), 6):
                sums[number] += factor * moved
    enough = sums[0] > MIN_WEIGHT
    x, y, xx, xy, yy, d, xd, yd = sums[1:] / np.maximum(sums[0], 1e-6)
    xx, xy, yy = xx - x * x + FIRM * step, xy - x * y, yy - y * y + FIRM * step
    xd, yd = xd - x * d, yd - y * d
    determinant = xx * yy - xy * xy
    across, down = (xd * yy - yd * xy) / determinant, (yd * xx - xd * xy) / determinant
    better = value + d - across * x - down * y
    return np.where(enough, better, value), np.where(enough, across, 0), np.where(enough, down, 0)


def _at_full_size(planes: tuple[np.ndarray, np.ndarray, np.ndarray], own: np.ndarray, sigma: float) -> np.ndarray:
    """The disparity of planes `[h, w]` at each pixel `[H, W]`: of the four around it, those near its own disparity."""
    (height, width), (rows, columns) = own.shape, planes[0].shape
    if (height, width) == (rows, columns):
        return planes[0]
    x = (np.arange(width, dtype=np.float32) + 0.5) * columns / width - 0.5
    y = ((np.arange(height, dtype=np.float32) + 0.5) * rows / height - 0.5)[:, None]
    total, weights = np.zeros_like(own), np.zeros_like(own)
    for down in (0, 1):
        for right in (0, 1):
            column, row = np.floor(x) + right, np.floor(y) + down
            weight = (1 - np.abs(x - column)) * (1 - np.abs(y - row)) + np.float32(1e-6)
            there = row.astype(int).clip(0, rows - 1), column.astype(int).clip(0, columns - 1)
            value, across, fall = (part[there] for part in planes)
            value = value + across * (x - there[1]) + fall * (y - there[0])
            weight = weight * np.exp(-0.5 * np.square((value - own) / (2 * sigma * np.maximum(own, 1e-12))).clip(0, 40))
            total += weight * value
            weights += weight
    return np.where(weights > 1e-5, total / np.maximum(weights, 1e-12), own)
