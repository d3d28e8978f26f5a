"""Looks closer where nothing was found: what is small in a picture, such as a car in a street, is searched in enlarged
parts around a click."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...common.interrupt import checkpoint
from ...common.masks import overlap
from ...geometry.grids import Box
from .pick import estimated_overlaps, first_pick, soft_mask
from .prepared import HALF, SearchImage, search_image

SHARES = 0.18, 0.14, 0.22  # of the picture's sides: the parts that are looked at
LEAST = 72  # px, longer side of a part, below which it shows no more than the whole did
ENLARGED = 256  # px, to which the longer side is enlarged, if it is smaller
MAY_BE_THING = 0.5  # probability of a thing, below which a part shows none
SURE_THING, SURE = 0.9, 0.7  # the same, and the estimated overlap, that the surest of the answers has at least
SAME = 0.7  # overlap of two parts' answers, from which one confirms the other


@dataclass(frozen=True)
class Look:
    """What one part shows.

    Attributes:
        opacity: `[H, W]` float32 from 0 to 1, of what is there, in the whole picture.
        thing: probability that it is a thing.
        estimate: its estimated overlap with what is meant.
    """

    opacity: np.ndarray
    thing: float
    estimate: float

    def confirms(self, other: Look) -> bool:
        return overlap(self.opacity >= HALF, other.opacity >= HALF) >= SAME


def seen_closer(picture: SearchImage, point: complex) -> Look | None:
    """What is at a point of a picture, if it is small there: parts of different sizes are looked at, and
    what two of them show is believed, since a single answer to so few pixels hangs on how they were sampled.

    Args:
        picture: with networks, without which no answer can be believed.
        point: x + iy in pixels of its image.

    Returns:
        The surest answer; None if nothing is surely there, if it goes on outside of the parts that are looked at, or
        if the picture is too small for a closer look.
    """
    if picture.networks is None:
        return None
    shares = [share for share in SHARES if share * max(picture.image.shape[:2]) >= LEAST]
    looks: list[Look] = []
    for done, share in enumerate(shares):
        if len(looks) + len(shares) - done < 2:  # none could confirm another
            return None
        checkpoint()
        look = _look(picture, point, share)
        looks += [] if look is None else [look]
    confirmed = [one for one in looks if any(one is not other and one.confirms(other) for other in looks)]
    if not confirmed or max(each.thing for each in confirmed) < SURE_THING:
        return None
    best = max(confirmed, key=lambda each: each.estimate)
    return best if best.estimate >= SURE else None


def _look(picture: SearchImage, point: complex, share: float) -> Look | None:
    """What a part of a picture with networks shows; None if that is no thing, or goes on outside of the part."""
    height, width = picture.image.shape[:2]
    box = _around(point, (width, height), share)
    columns, rows = box.right - box.left, box.bottom - box.top
    part = search_image(enlarged(picture.image[box.slices]), picture.networks)
    scale = max(1.0, ENLARGED / max(columns, rows))
    at = (point - complex(box.left, box.top) + (0.5 + 0.5j)) * scale - (0.5 + 0.5j)
    thing = float(part.ask(part.in_small(np.array([at])), np.zeros(0, complex)).answer.thing.sigmoid())
    if thing < MAY_BE_THING:
        return None
    pick = first_pick(part, at)
    mask = soft_mask(part, pick)
    own = mask >= HALF
    if not pick.thing or not own.any() or own[[0, -1]].any() or own[:, [0, -1]].any():
        return None
    opacity = np.zeros((height, width), np.float32)
    opacity[box.slices] = cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA)
    return Look(opacity, thing, float(estimated_overlaps(part, at, [mask])[0]))


def enlarged(image: np.ndarray) -> np.ndarray:
    """An image `[h, w, 3]` whose longer side has at least `ENLARGED` pixels, so that what is on it has superpixels of
    its own. float32 goes a little beyond the range of its values at edges."""
    scale = ENLARGED / max(image.shape[:2])
    if scale <= 1:
        return np.ascontiguousarray(image)
    return cv2.resize(np.ascontiguousarray(image), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)


def _around(point: complex, size: tuple[int, int], share: float) -> Box:
    """A part of a picture of (width, height) `size` around a point; at its border beside it, so that none is
    smaller."""
    columns, rows = (max(1, round(share * side)) for side in size)
    left = int(np.clip(round(point.real - columns / 2), 0, size[0] - columns))
    top = int(np.clip(round(point.imag - rows / 2), 0, size[1] - rows))
    return Box(left, top, left + columns, top + rows)
