"""Snaps hand-drawn outlines to the picture's edges: within a narrow band, and only to an edge that is much clearer than
what the drawn outline follows."""

from __future__ import annotations

import cv2
import numpy as np

from .outline import cut_in_band

BAND = 0.05  # of sqrt(area): how far an outline may move
LEAST_BAND, MOST_BAND = 5, 12  # px of the downsampled copy
SIDE = 420  # px, maximum longer side of the copy
CONTEXT = 3  # in band widths around the object: where the background's colours are learned
CLEAR = 0.06  # least mean slope along an accepted edge, in colours from 0 to 1 per px
BETTER = 1.6  # required ratio to the mean slope along the drawn outline
AT_END, MOST_AT_END = 1.0, 0.5  # px from the band's border, and the largest part of a stretch that may lie there
BESIDE = np.ones((3, 3), np.uint8)


def snapped(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`[H, W]` float32 from 0 to 1: a mask with its outline snapped to the picture's edges; the same array if there is
    none nearby. Each stretch of the outline snaps independently.

    Args:
        image: `[H, W, 3]` uint8.
        mask: `[H, W]` float32 from 0 to 1.
    """
    drawn = mask >= 0.5
    if not drawn.any():
        return mask
    size = float(drawn.sum()) ** 0.5
    window = _around(drawn, round(CONTEXT * BAND * size) + CONTEXT * LEAST_BAND)
    rows, columns = drawn[window].shape
    scale = min(1.0, SIDE / max(rows, columns))
    small = max(2, round(columns * scale)), max(2, round(rows * scale))
    picture = cv2.resize(np.ascontiguousarray(image[window]), small, interpolation=cv2.INTER_AREA)
    before = cv2.resize(mask[window], small, interpolation=cv2.INTER_AREA) >= 0.5
    if not before.any():
        return mask
    band = int(np.clip(round(BAND * size * scale), LEAST_BAND, MOST_BAND))
    moved = _clearer(picture, before, cut_in_band(picture, before, band), band)
    if (moved == before).all():
        return mask
    changed = cv2.dilate((moved != before).astype(np.uint8), BESIDE).astype(np.float32)
    changed, moved = (
        cv2.resize(each.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
        for each in (changed, moved)
    )
    result = mask.copy()
    result[window] = np.where(changed > 0, moved, mask[window])
    return result


def _clearer(picture: np.ndarray, before: np.ndarray, after: np.ndarray, band: int) -> np.ndarray:
    """`[h, w]` bool: the mask `before` with those stretches of `after` whose edges are much clearer, and which do not
    run along the band's border (which would mean that the edge lies beyond it)."""
    slope = _slope(picture)
    outlines = [cv2.morphologyEx(each.astype(np.uint8), cv2.MORPH_GRADIENT, BESIDE) > 0 for each in (before, after)]
    far = cv2.distanceTransform((~outlines[0]).astype(np.uint8), cv2.DIST_L2, 5) >= band - AT_END
    count, label = cv2.connectedComponents((before != after).astype(np.uint8), connectivity=8)
    result = before.copy()
    for number in range(1, count):
        part = label == number
        if part[0].any() or part[-1].any() or part[:, 0].any() or part[:, -1].any():
            continue  # the picture's border is not an object's edge
        near = cv2.dilate(part.astype(np.uint8), BESIDE) > 0
        old, new = (slope[outline & near] for outline in outlines)
        at_end = far[outlines[1] & near]
        clear = len(new) and new.mean() >= max(CLEAR, BETTER * (old.mean() if len(old) else 0))
        if clear and at_end.mean() <= MOST_AT_END:
            result[part] = after[part]
    return result


def _slope(picture: np.ndarray) -> np.ndarray:
    """`[h, w]` float32: the largest slope of a colour per px, of colours from 0 to 1."""
    colors = cv2.GaussianBlur(picture.astype(np.float32) / 255, (0, 0), 1)
    down, right = (cv2.Sobel(colors, cv2.CV_32F, *of, scale=1 / 8) for of in ((0, 1), (1, 0)))
    return np.hypot(down, right).max(-1)


def _around(mask: np.ndarray, margin: int) -> tuple[slice, slice]:
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return tuple(slice(max(line[0] - margin, 0), line[-1] + margin + 1) for line in (rows, columns))
