"""The area in an outline: its mask, with exact coverage along scan lines, and points inside it.

A few points represent an object, deep inside and far apart. The first is the deepest of a grid over the outline's
bounding box. Each further one maximises the minimum of its distance from the points so far and `REACH` times its depth
(farthest point sampling: Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985). The arithmetic
matches web/core/objects/interior.js operation for operation, so that both find the same points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...common.interrupt import checkpoint
from .types import MotionObject, Outline

LINES = 8
"""Scan lines per row of pixels. Coverage is exact along each."""
DIGITS = 6
"""Decimals of the result, so that rounding errors do not leave traces outside the outline."""
CROSSINGS = 2**20
"""Pairs of edges and scan lines processed at a time."""
PIXELS = 2**22
"""Pixels whose sums are held at a time."""
CELLS = 24
"""Cells of the grid along the longer side of the bounding box."""
REACH = 3.0
MIN_INTERIOR, MAX_INTERIOR = 3, 8
SLOPE = 10.0
"""Points added to the minimum, per sqrt(fraction of the picture covered)."""
RUN = 16
"""Consecutive edges that share a bounding box; a point far from the box skips all of them."""
AT_ONCE = 2**14
"""Pairs of an edge and a point, or a line through points, processed at a time."""
_ROUNDING = 1e-12  # error of a distance, as a fraction of the total extent


def outline_mask(outline: Outline, width: int, height: int) -> np.ndarray:
    """[height, width] float32 from 0 to 1: coverage of each pixel by an outline, by the even-odd rule; all 0 if it is
    outside the picture."""
    size = np.array([width, height], dtype=np.float64)
    return rings_mask([np.array(ring, dtype=np.float64) * size for ring in outline], width, height)


def masks_of(objects: Sequence[MotionObject], width: int, height: int) -> np.ndarray:
    """[K, height, width] float32: the `outline_mask` of each object, in their order."""
    masks = np.empty((len(objects), height, width), np.float32)
    for mask, each in zip(masks, objects, strict=True):
        mask[:] = outline_mask(each.outline, width, height)
    return masks


def rings_mask(rings: Sequence[np.ndarray], width: int, height: int) -> np.ndarray:
    """`outline_mask` of rings [n, 2] in pixels.

    Each scan line crosses the rings an even number of times and is alternately inside and outside between crossings, so
    each crossing adds or subtracts everything to its right.
    """
    beyond = width + 1  # what comes in from the right, and the end of the last pixel
    mask = np.zeros((height, width), np.float32)
    for lines, x in _crossings(rings, height, max(1, PIXELS // width)):
        checkpoint()
        order = np.lexsort((x, lines))
        top = int(lines[order[0]]) // LINES
        rows, x = lines[order] // LINES - top, np.clip(x[order], 0.0, width)
        column = np.minimum(x.astype(np.intp), width - 1)
        sign = np.where(np.arange(len(x)) % 2, -1.0, 1.0) / LINES
        part = x - column  # part of the crossing's pixel to its left
        at, shape = rows * beyond + column, (int(rows[-1]) + 1, beyond)
        added = np.bincount(at, sign * (1 - part), np.prod(shape)) + np.bincount(at + 1, sign * part, np.prod(shape))
        part = np.cumsum(added.reshape(shape), axis=1)[:, :width]
        mask[top : top + shape[0]] = np.clip(np.round(part.astype(np.float32), DIGITS), 0.0, 1.0)
    return mask


def _crossings(rings: Sequence[np.ndarray], height: int, most: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of arrays: the line, from 0 at the top, and the x of each crossing. All crossings of a row of pixels are in
    one pair, and those of at most `most` rows."""
    first = np.concatenate(rings)
    second = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    rising = (first[:, 1] <= second[:, 1])[:, None]
    upper, lower = np.where(rising, first, second), np.where(rising, second, first)
    # Line k lies at (k + 1/2) / LINES; an edge crosses those from its upper end up to, not including, its lower end.
    begin, end = (np.clip(np.ceil(y[:, 1] * LINES - 0.5), 0, height * LINES).astype(np.intp) for y in (upper, lower))
    block = min(most, max(1, CROSSINGS // len(first) // LINES)) * LINES
    for top in range(int(begin.min()) // LINES * LINES, int(end.max()), block):
        start, stop = np.maximum(begin, top), np.minimum(end, top + block)
        count = np.maximum(stop - start, 0)
        if not count.any():
            continue
        edge = np.repeat(np.arange(len(first)), count)
        line = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + start[edge]
        way = ((line + 0.5) / LINES - upper[edge, 1]) / (lower[edge, 1] - upper[edge, 1])
        yield line, upper[edge, 0] + way * (lower[edge, 0] - upper[edge, 0])


def interior_points(outline: Outline, size: np.ndarray) -> np.ndarray:
    """[n, 2] in pixels of a picture of `size` [2], 3 to 8 points; fewer only if the grid has no more inside."""
    rings = [np.array(ring, dtype=np.float64) * size for ring in outline]
    first, second = edges(rings)
    low, high = first.min(0), first.max(0)
    grid, cell = _grid(low, high)
    inside = grid[contains(first, second, grid)]
    if not len(inside):
        return ((low + high) / 2)[None]
    depth = squared_distance(first, second, inside)  # [M]
    share = len(inside) * cell / (size[0] * size[1])
    count = min(MAX_INTERIOR, MIN_INTERIOR + int(np.floor(SLOPE * np.sqrt(share) + 0.5)))
    chosen = [int(np.argmax(depth))]
    apart = _squared(inside - inside[chosen[0]])
    while len(chosen) < min(count, len(inside)):
        score = np.minimum(apart, REACH * REACH * depth)
        score[chosen] = -1.0
        chosen.append(int(np.argmax(score)))
        apart = np.minimum(apart, _squared(inside - inside[chosen[-1]]))
    return inside[chosen]


def edges(rings: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The start and end points [E, 2] of all edges of rings [n, 2], including the closing ones."""
    return np.concatenate(rings), np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])


def contains(first: np.ndarray, second: np.ndarray, points: np.ndarray) -> np.ndarray:
    """[M] bool: which points [M, 2] lie inside the edges [E, 2], by the even-odd rule.

    Points at the same height, such as a row of a grid, share one scan line, which only some of the edges cross.
    """
    lines, line = np.unique(points[:, 1], return_inverse=True)
    order = np.argsort(line, kind="stable")
    starts = np.searchsorted(line[order], np.arange(len(lines) + 1))
    inside = np.zeros(len(points), bool)
    for number, crossings in _crossings_at(first, second, lines):
        checkpoint()
        mine = order[starts[number] : starts[number + 1]]
        right = len(crossings) - np.searchsorted(np.sort(crossings), points[mine, 0], side="right")
        inside[mine] = right % 2 == 1
    return inside


def _crossings_at(first: np.ndarray, second: np.ndarray, lines: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """The index of each scan line, at the heights `lines`, and the x of each edge crossing, in any order."""
    (x0, y0), (x1, y1) = first.T, second.T
    for number, y in enumerate(lines):
        at = np.flatnonzero((y0 > y) != (y1 > y))
        yield number, x0[at] + ((y - y0[at]) * (x1[at] - x0[at])) / (y1[at] - y0[at])


def _grid(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, float]:
    """The centres of the cells [M, 2], row by row, and the area of a cell."""
    width, height = high - low
    step = max(width, height) / CELLS
    columns, rows = (max(1, int(np.floor(side / step + 0.5))) for side in (width, height))
    x = low[0] + ((np.arange(columns) + 0.5) / columns) * width
    y = low[1] + ((np.arange(rows) + 0.5) / rows) * height
    return np.stack(np.meshgrid(x, y), -1).reshape(-1, 2), (width / columns) * (height / rows)


def squared_distance(first: np.ndarray, second: np.ndarray, points: np.ndarray) -> np.ndarray:
    """[M]: squared distance of points [M, 2] to the nearest of the edges [E, 2].

    Consecutive edges have a small bounding box; if it is farther from a point than the end of some edge, they are
    skipped.
    """
    runs = _Runs.of(first, second)
    least = np.full(len(points), np.inf)
    for near, run in _near_runs(runs, points):
        checkpoint()
        x, y = points[near, :, None].swapaxes(0, 1)  # [P, 1] each
        np.minimum.at(least, near, runs.squared_distance(run, x, y).min(1))
    return least


@dataclass(frozen=True)
class _Runs:
    """Runs of `RUN` consecutive edges: their starts and extents, [R, RUN] each."""

    x: np.ndarray
    y: np.ndarray
    along_x: np.ndarray
    along_y: np.ndarray
    length: np.ndarray  # squared; 1 for a zero-length edge

    @classmethod
    def of(cls, first: np.ndarray, second: np.ndarray) -> _Runs:
        """Groups edges [E, 2] into runs; the last run is padded with the last edge."""
        edge = np.minimum(np.arange(-(-len(first) // RUN) * RUN), len(first) - 1).reshape(-1, RUN)
        (x, y), (along_x, along_y) = first[edge].transpose(2, 0, 1), (second - first)[edge].transpose(2, 0, 1)
        length = along_x * along_x + along_y * along_y
        parts = x, y, along_x, along_y, np.where(length > 0, length, 1.0)
        return cls(*(np.ascontiguousarray(part) for part in parts))

    def away(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For points x, y [m, 1]: squared distances to the bounding box of each run [m, R], a lower bound, and to the
        nearest start of a run [m]. Both up to rounding."""
        least, sides = [], []
        for at, starts, along in ((x, self.x, self.along_x), (y, self.y, self.along_y)):
            ends = starts + along
            low, high = np.minimum(starts, ends).min(1), np.maximum(starts, ends).max(1)  # [R]
            least.append(np.square(np.maximum(np.maximum(low - at, at - high), 0.0)))
            sides.append(np.square(at - starts[:, 0]))
        return least[0] + least[1], (sides[0] + sides[1]).min(1)

    def squared_distance(self, run: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """[P, RUN]: squared distances of the points x, y [P, 1] to each edge of the runs [P]."""
        arm_x, arm_y = x - self.x[run], y - self.y[run]
        along_x, along_y = self.along_x[run], self.along_y[run]
        way = np.clip((arm_x * along_x + arm_y * along_y) / self.length[run], 0.0, 1.0)
        arm_x, arm_y = arm_x - way * along_x, arm_y - way * along_y
        return arm_x * arm_x + arm_y * arm_y


def _near_runs(runs: _Runs, points: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of a point [M, 2] and a run of edges that may be nearest to it, as index arrays [P]; each pair once,
    `AT_ONCE` edges at a time."""
    extent = max(np.ptp(np.append(points[:, 0], runs.x)), np.ptp(np.append(points[:, 1], runs.y)))
    count = max(1, AT_ONCE // len(runs.x))
    for begin in range(0, len(points), count):
        away, reached = runs.away(*points[begin : begin + count, :, None].swapaxes(0, 1))
        limit = np.square(np.sqrt(reached) + _ROUNDING * extent)
        near, run = np.nonzero(away <= limit[:, None])
        for at in range(0, len(near), AT_ONCE // RUN):
            yield begin + near[at : at + AT_ONCE // RUN], run[at : at + AT_ONCE // RUN]


def _squared(arms: np.ndarray) -> np.ndarray:
    return arms[..., 0] * arms[..., 0] + arms[..., 1] * arms[..., 1]
