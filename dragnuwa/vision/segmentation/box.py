"""Picks the object in a box that someone has drawn around it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .candidates import candidates_of_click, distinct, seeds_of
from .choice import describe
from .learned import HALF
from .outline import depth_inside
from .pick import Pick, scores_of
from .prepared import SearchImage
from .superpixels import Superpixels

FILLS = 0.5  # bonus to the score of a candidate whose bounding box is the box


def boxed_pick(picture: SearchImage, first: complex, last: complex) -> Pick:
    """The object whose bounding box is closest to a box. It contains the box's centre, and nothing outside the box.

    Args:
        first, last: opposite corners, x + iy in pixels of the image.
    """
    patches = picture.patches
    corners = picture.in_small(np.array([first, last]))
    left, right = np.rint(np.sort(corners.real)).astype(int)
    top, bottom = np.rint(np.sort(corners.imag)).astype(int)
    box = np.zeros(patches.label.shape, bool)
    box[top : bottom + 1, left : right + 1] = True
    (seeds,) = seeds_of(patches, corners.mean(keepdims=True), np.zeros(0, complex))
    outside = np.setdiff1d(np.flatnonzero(patches.mean(box) < HALF), seeds.inside)
    nothing = np.zeros(0, complex)
    asked = picture.ask(nothing, nothing, box=(corners[0], corners[1]))
    masks = candidates_of_click(patches, replace(seeds, outside=outside))
    masks = distinct([*([] if asked is None else asked.masks()), *masks])
    described = describe(patches, masks, seeds.distance)
    scores = {
        number: value + FILLS * _fill(patches, masks[number], box)
        for number, value in scores_of(masks, described, asked).items()
    }
    if not scores:
        return Pick(nothing, nothing, np.zeros(patches.count, bool), masks)
    mask = masks[max(scores, key=scores.__getitem__)]
    return Pick(np.array([_deepest(mask[patches.label])]), nothing, mask, masks)


def _fill(patches: Superpixels, mask: np.ndarray, box: np.ndarray) -> float:
    """Intersection over union of a box `[h, w]` bool and the bounding box of a mask `[S]` bool."""
    shown = mask[patches.label]
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    around = np.zeros_like(box)
    around[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    return float((around & box).sum() / (around | box).sum())


def _deepest(mask: np.ndarray) -> complex:
    """The pixel of a mask `[h, w]` bool that is farthest from its outline, as x + iy."""
    depth = depth_inside(mask)
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    return complex(x, y)
