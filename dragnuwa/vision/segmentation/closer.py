"""Looks closer where nothing was found: what is small in a picture, such as a car in a street, is searched in an
enlarged part around a click."""

from __future__ import annotations

import cv2
import numpy as np

from ...geometry.grids import Box
from .pick import estimated_overlaps, first_pick, soft_mask
from .prepared import HALF, SearchImage, search_image

SHARE = 0.22  # of the picture's sides, which is looked at
LEAST = 96  # px, longer side of that part of the picture, below which it shows no more than the whole did
ENLARGED = 256  # px, to which the longer side is enlarged, if it is smaller
SURE_THING, SURE = 0.9, 0.7  # probability of a thing and its estimated overlap, from which the answer is believed


def seen_closer(picture: SearchImage, point: complex) -> np.ndarray | None:
    """What is at a point of a picture in which nothing was found there.

    Args:
        picture: with networks, without which no answer can be believed.
        point: x + iy in pixels of its image.

    Returns:
        `[H, W]` float32 from 0 to 1, its opacity in the image; None if nothing is surely there, if it goes on outside
        of the part that is looked at, or if the picture is too small for a closer look.
    """
    height, width = picture.image.shape[:2]
    if picture.networks is None or SHARE * max(width, height) < LEAST:
        return None
    box = _around(point, width, height)
    columns, rows = box.right - box.left, box.bottom - box.top
    closer = search_image(enlarged(picture.image[box.slices]), picture.networks)
    scale = max(1.0, ENLARGED / max(columns, rows))
    at = (point - complex(box.left, box.top) + (0.5 + 0.5j)) * scale - (0.5 + 0.5j)
    asked = closer.ask(closer.in_small(np.array([at])), np.zeros(0, complex))
    if float(asked.answer.thing.sigmoid()) < SURE_THING:
        return None
    pick = first_pick(closer, at)
    mask = soft_mask(closer, pick)
    own = mask >= HALF
    goes_on = own[[0, -1]].any() or own[:, [0, -1]].any()
    if not pick.thing or not own.any() or goes_on or estimated_overlaps(closer, at, [mask])[0] < SURE:
        return None
    found = np.zeros((height, width), np.float32)
    found[box.slices] = cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA)
    return found


def enlarged(image: np.ndarray) -> np.ndarray:
    """An image `[h, w, 3]` whose longer side has at least `ENLARGED` pixels, so that what is on it has superpixels of
    its own. float32 goes a little beyond the range of its values at edges."""
    scale = ENLARGED / max(image.shape[:2])
    if scale <= 1:
        return np.ascontiguousarray(image)
    return cv2.resize(np.ascontiguousarray(image), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)


def _around(point: complex, width: int, height: int) -> Box:
    """The part of a picture around a point; at its border beside it, so that none is smaller."""
    columns, rows = max(1, round(SHARE * width)), max(1, round(SHARE * height))
    left = int(np.clip(round(point.real - columns / 2), 0, width - columns))
    top = int(np.clip(round(point.imag - rows / 2), 0, height - rows))
    return Box(left, top, left + columns, top + rows)
