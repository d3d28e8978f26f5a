"""How well a dragged picture follows its drags, as DragGAN counts it: how far the points are from where they were
dragged to, and how much of the rest has changed.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

MAX_DB = 100.0  # of two equal pictures
PATCH = 16  # px of a picture 512 wide: the half side of the square around a point without a mask

Features = Callable[[np.ndarray], np.ndarray]
"""From a picture `[H, W, 3]` uint8 to `[H, W, C]` float32, a vector for each pixel."""


def matched(source: np.ndarray, result: np.ndarray, mask: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Where a point of a thing is in the dragged picture: (x, y) in pixels, to a fraction of one.

    What the mask shows of the source is laid over every place of the result; the place of the smallest squared
    difference is refined by a parabola in x and in y. It finds a thing that was moved without being turned or scaled.

    Args:
        source, result: `[H, W, 3]` uint8 of one size.
        mask: `[H, W]` bool, the thing in the source, or as much of it as is still to be seen after the drag.
        point: (x, y) of the source in pixels.

    Raises:
        ValueError: if the pictures or the mask differ in size, or the mask is empty.
    """
    _check(source, result, mask)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        raise ValueError("The mask of the thing is empty, so it cannot be found again.")
    top, left = int(rows[0]), int(columns[0])
    part = slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1)
    weight = np.repeat(mask[part].astype(np.float32)[..., None], 3, -1)
    cost = cv2.matchTemplate(
        result.astype(np.float32), source[part].astype(np.float32), cv2.TM_SQDIFF, mask=weight
    )  # [H - h + 1, W - w + 1]
    row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
    place = np.array([column + _lowest(cost[row], column), row + _lowest(cost[:, column], row)])
    return np.asarray(point, np.float64) + place - (left, top)


def _lowest(costs: np.ndarray, index: int) -> float:
    """The offset, from -0.5 to 0.5, of the lowest place of the parabola through three neighbouring costs."""
    if not 0 < index < len(costs) - 1:
        return 0.0
    before, here, after = costs[index - 1 : index + 2].astype(np.float64)
    bend = before - 2 * here + after
    return float(np.clip((before - after) / (2 * bend), -0.5, 0.5)) if bend > 0 else 0.0


def likest(features: Features, source: np.ndarray, result: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Where points are in the dragged picture, as DragBench finds them: the pixel whose feature vector has the largest
    cosine with that of the point in the source (DragDiffusion, arXiv 2306.14435, which takes DIFT's features).

    Args:
        source, result: `[H, W, 3]` uint8 of one size.
        points: `[N, 2]` (x, y) in pixels of the source.

    Returns:
        `[N, 2]` (x, y) in whole pixels.
    """
    before, after = (_unit(features(picture)) for picture in (source, result))
    found = []
    for x, y in np.rint(points).astype(int):
        row, column = np.unravel_index(int((after @ before[y, x]).argmax()), after.shape[:2])
        found.append((column, row))
    return np.array(found, np.float64).reshape(-1, 2)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def mean_distance(found: np.ndarray, wanted: np.ndarray) -> float:
    """The mean Euclidean distance in pixels of points `[N, 2]` from where they were dragged to (DragGAN, arXiv
    2305.10973, "mean distance"; DragBench's "MD").

    Raises:
        ValueError: if the shapes differ, there is no point, or one is not finite.
    """
    found, wanted = np.asarray(found, np.float64), np.asarray(wanted, np.float64)
    if found.shape != wanted.shape or found.ndim != 2 or found.shape[1] != 2 or not len(found):
        raise ValueError(f"Points should be two [N, 2] of one size; found {list(found.shape)}, {list(wanted.shape)}.")
    if not (np.isfinite(found).all() and np.isfinite(wanted).all()):
        raise ValueError("A point is NaN or infinite.")
    return float(np.linalg.norm(found - wanted, axis=1).mean())


def fidelity(source: np.ndarray, result: np.ndarray, changed: np.ndarray) -> float:
    """How well the rest of the picture is kept: PSNR in dB of the pixels that the drag should not change.

    Args:
        source, result: `[H, W, 3]` uint8 of one size.
        changed: `[H, W]` bool, what may change: where things were, and where they are.

    Returns:
        At most 100, which stands for no difference.

    Raises:
        ValueError: if the sizes differ, or everything may change.
    """
    _check(source, result, changed)
    if changed.all():
        raise ValueError("Everything may change, so nothing can have been kept. Give a smaller mask.")
    error = np.square(source[~changed].astype(np.float64) - result[~changed]).mean()
    return float(min(MAX_DB, 10 * np.log10(255**2 / error))) if error else MAX_DB


def _check(source: np.ndarray, result: np.ndarray, mask: np.ndarray) -> None:
    if source.shape != result.shape or source.ndim != 3 or source.shape[:2] != mask.shape:
        raise ValueError(
            f"Pictures and mask should be of one size; found {list(source.shape)}, {list(result.shape)} and "
            f"{list(mask.shape)}."
        )
    if source.dtype != np.uint8 or result.dtype != np.uint8 or mask.dtype != bool:
        raise ValueError("Pictures should be uint8, and the mask bool.")
