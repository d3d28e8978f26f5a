"""Places inside of an outline that stand for all of it: few, deep inside, and far apart.

Of a grid over the outline's bounding box, the first place is the one that lies deepest. Each further one has the
largest score, the lesser of its distance from the places so far and `REACH` times its depth (farthest point sampling:
Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985). The arithmetic is that of
web/core/objects/places.js, operation for operation, so that both find the same places.
"""

from __future__ import annotations

import numpy as np

from .types import Outline

CELLS = 24
"""Of the grid, along the longer side of the bounding box."""
REACH = 3.0
FEWEST, MOST = 3, 8
SLOPE = 10.0
"""Places that are added to the fewest, for the root of the part of the picture that the outline covers."""


def places(outline: Outline, size: np.ndarray) -> np.ndarray:
    """[n, 2] pixels of a picture of `size` [2], 3 to 8 of them; fewer only where the grid finds no more inside."""
    rings = [np.array(ring, dtype=np.float64) * size for ring in outline]
    first, second = edges(rings)
    low, high = first.min(0), first.max(0)
    grid, cell = _grid(low, high)
    inside = grid[contains(first, second, grid)]
    if not len(inside):
        return ((low + high) / 2)[None]
    depth = _squared_distance(first, second, inside)  # [M]
    share = len(inside) * cell / (size[0] * size[1])
    count = min(MOST, FEWEST + int(np.floor(SLOPE * np.sqrt(share) + 0.5)))
    chosen = [int(np.argmax(depth))]
    apart = _squared(inside - inside[chosen[0]])
    while len(chosen) < min(count, len(inside)):
        score = np.minimum(apart, REACH * REACH * depth)
        score[chosen] = -1.0
        chosen.append(int(np.argmax(score)))
        apart = np.minimum(apart, _squared(inside - inside[chosen[-1]]))
    return inside[chosen]


def edges(rings: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rings [n, 2] -> the beginnings and ends [E, 2] of all edges, those that close the rings among them."""
    return np.concatenate(rings), np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])


def contains(first: np.ndarray, second: np.ndarray, points: np.ndarray) -> np.ndarray:
    """[M] bool: which points [M, 2] lie inside of the edges [E, 2], by the even-odd rule."""
    inside = np.zeros(len(points), bool)
    (x0, y0), (x1, y1), (x, y) = first.T, second.T, points.T
    for e in range(len(first)):
        crosses = (y0[e] > y) != (y1[e] > y)
        if crosses.any():
            inside ^= crosses & (x < x0[e] + ((y - y0[e]) * (x1[e] - x0[e])) / (y1[e] - y0[e]))
    return inside


def _grid(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, float]:
    """The middles of the cells [M, 2], row by row, and the area of a cell."""
    width, height = high - low
    step = max(width, height) / CELLS
    columns, rows = (max(1, int(np.floor(side / step + 0.5))) for side in (width, height))
    x = low[0] + ((np.arange(columns) + 0.5) / columns) * width
    y = low[1] + ((np.arange(rows) + 0.5) / rows) * height
    return np.stack(np.meshgrid(x, y), -1).reshape(-1, 2), (width / columns) * (height / rows)


def _squared_distance(first: np.ndarray, second: np.ndarray, points: np.ndarray) -> np.ndarray:
    """[M]: of points [M, 2] from the nearest edge, squared."""
    least = np.full(len(points), np.inf)
    for start, end in zip(first, second, strict=True):
        along = end - start
        length = along[0] * along[0] + along[1] * along[1]
        arm = points - start
        if length > 0:
            way = np.clip((arm[:, 0] * along[0] + arm[:, 1] * along[1]) / length, 0.0, 1.0)
            arm = arm - way[:, None] * along
        least = np.minimum(least, _squared(arm))
    return least


def _squared(arms: np.ndarray) -> np.ndarray:
    return arms[:, 0] * arms[:, 0] + arms[:, 1] * arms[:, 1]
