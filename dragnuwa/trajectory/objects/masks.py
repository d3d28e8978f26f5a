"""Rasterises outlines to masks of any size with exact coverage along scan lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
