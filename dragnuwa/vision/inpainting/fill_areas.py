"""Which parts of a hole are filled from which parts of the picture around it.

What lies among things is filled from what is close to it, which may be things; and the rest from the ground alone.
Areas with colours that do not occur near the hole are not used as sources.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from scipy import ndimage

from .patch_match import SIDE, Area

LEAST_NEAR = 32  # px: see NEAR_HOLE
BINS = 12  # of lightness; the same bin width in a and b of CIE Lab
GRAIN = 1.5  # px, sigma of the blur before colours are compared
NEAR_HOLE = 0.35  # in sqrt(area of the hole): within this distance a colour is near the hole
RARE = 0.0005  # fraction of the pixels near the hole below which a colour is ignored
MOST_FOREIGN = 0.6  # if more than this fraction of the known pixels is foreign, all are kept
AMONG = 0.7  # of the rim of a part of a hole: with more of it in things, that part lies among them
CLOSE = 0.5  # in sqrt(area) of such a part: from so far away things are copied into it; from farther, an eye might be
FRINGE, LEAST_FRINGE = 0.04, 3  # of sqrt(area of the hole), and px: half the width of a band that is an edge
GAP = 0.1  # in sqrt(area of the hole): a thing that is found up to so far beside it ends at it, such as a collar
LEAST_BEFORE = 0.06  # of a hole: the smallest thing that it may be before, and the smallest part that is before it
ALIKE = 0.5  # of the pixels of two things have colours that both have: they are one, such as both sides of a shirt
ALIKE_BINS = (8, 16, 16)  # of lightness, a and b, in which they are compared
BEYOND = -1  # the picture's edge, in place of a thing's number


def areas(picture: np.ndarray, hole: np.ndarray, others: np.ndarray, things: np.ndarray | None) -> list[Area]:
    """What is filled, one after the other: what lies among things, from what is close to it, which may be things; and
    then the rest from the ground alone."""
    ground = ~(foreign_to(picture, hole | others) | others)
    if things is None:
        return [Area(hole, others, ground)]
    among = _among(picture, hole | others, things) & hole
    left = hole & ~among
    rest = Area(left, others | among, ground & ~(things | among))
    if not among.any():
        return [rest]
    close = cv2.distanceTransform((~among).astype(np.uint8), cv2.DIST_L2, 5) <= SIDE + CLOSE * math.sqrt(among.sum())
    return [Area(among, others | left, ground & close & ~left), rest]


def fringe(hole: np.ndarray, things: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: what is found of things in a narrow band around a hole is the edge of what was there, no thing
    beside it."""
    around = things & ~hole
    radius = max(LEAST_FRINGE, round(FRINGE * math.sqrt(hole.sum())))
    disc = _disc(radius)
    wide = cv2.morphologyEx(around.astype(np.uint8), cv2.MORPH_OPEN, disc) > 0
    return around & ~wide & (cv2.dilate(hole.astype(np.uint8), disc) > 0)


def _among(picture: np.ndarray, hole: np.ndarray, things: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: the connected parts of a hole that lie mostly among things, and what is before a single one."""
    found = _before_one(picture, hole, things)
    count, parts = cv2.connectedComponents(hole.astype(np.uint8))
    for number in range(1, count):
        part = parts == number
        rim = cv2.dilate(part.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~hole
        if (things & rim).sum() > AMONG * rim.sum():
            found |= part
    return found


def _before_one(picture: np.ndarray, hole: np.ndarray, things: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: where the same thing is on the left of a hole, on its right and below, such as a shirt around what
    was behind a chin. With the ground below, what is on both sides is two things more often."""
    reach = round(GAP * math.sqrt(hole.sum()))
    number = _numbered(picture, hole, things, reach)
    left, below, right = (np.rot90(_last(np.rot90(number, turn), np.rot90(hole, turn)), -turn) for turn in (0, 3, 2))
    found = hole & (left > 0) & (left == right) & ((below == left) | (below == BEYOND))
    side = reach // 2 * 2 + 1
    for way in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN):  # without streaks
        found = cv2.morphologyEx(found.astype(np.uint8), way, np.ones((side, side), np.uint8))
    found = hole & (found > 0)
    return found if found.sum() > LEAST_BEFORE * hole.sum() else np.zeros_like(hole)


def _numbered(picture: np.ndarray, hole: np.ndarray, things: np.ndarray, reach: int) -> np.ndarray:
    """`[h, w]`: the connected things around a hole that are not small, grown by a reach in px, from 1 on; with
    the same number where they have the same colours."""
    _, number, stats, _ = cv2.connectedComponentsWithStats((things & ~hole).astype(np.uint8))
    large = stats[:, cv2.CC_STAT_AREA] > LEAST_BEFORE * hole.sum()
    large[0] = False
    shown = large[number].astype(np.uint8)
    count, number = cv2.connectedComponents(cv2.dilate(shown, _disc(reach)) * ~hole)
    colors = cv2.cvtColor((picture * 255).astype(np.uint8), cv2.COLOR_RGB2Lab)
    kinds: dict[int, np.ndarray] = {}
    for each in range(1, count):
        own = shown * (number == each)
        counts = cv2.calcHist([colors], [0, 1, 2], own, ALIKE_BINS, [0, 256] * 3) / max(1, own.sum())
        alike = [kind for kind, theirs in kinds.items() if np.minimum(theirs, counts).sum() > ALIKE]
        if alike:
            number[number == each] = alike[0]
        else:
            kinds[each] = counts
    return number


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _last(values: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """`[h, w]`: for each position the value of the last one to its left that is in no hole; `BEYOND` without one."""
    column = np.maximum.accumulate(np.where(hole, -1, np.arange(hole.shape[1])), axis=1)
    return np.where(column < 0, BEYOND, np.take_along_axis(values, column.clip(0), axis=1))


def foreign_to(picture: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: pixels with colours that do not occur near the hole. They belong to other objects, whose copy in
    the hole would be obvious. None, if that would leave too little to copy."""
    known = (~hole).astype(np.float32)
    colors = cv2.GaussianBlur(picture * known[..., None], (0, 0), GRAIN)
    colors /= np.maximum(cv2.GaussianBlur(known, (0, 0), GRAIN), 1e-3)[..., None]
    colors = cv2.cvtColor(colors, cv2.COLOR_RGB2Lab) * (BINS / 100)
    shape = (BINS + 1, 3 * BINS + 1, 3 * BINS + 1)  # a and b lie between -127 and 127
    cells = colors.round().astype(np.int64) + np.array((0, 3 * BINS // 2, 3 * BINS // 2))  # [H, W, 3]
    cell = np.ravel_multi_index(np.moveaxis(cells, -1, 0), shape, mode="clip")
    distance = cv2.distanceTransform((~hole).astype(np.uint8), cv2.DIST_L2, 5)
    beside = ~hole & (distance <= max(LEAST_NEAR, NEAR_HOLE * math.sqrt(hole.sum())))
    counts = np.bincount(cell[beside], minlength=math.prod(shape)).reshape(shape)
    near = ndimage.binary_dilation(counts >= RARE * beside.sum(), np.ones((3, 3, 3)))
    foreign = (~near.ravel()[cell] & ~hole).astype(np.uint8)
    foreign = cv2.morphologyEx(foreign, cv2.MORPH_OPEN, np.ones((SIDE, SIDE), np.uint8)).astype(bool)
    return foreign if foreign.sum() <= MOST_FOREIGN * (~hole).sum() else np.zeros_like(foreign)
