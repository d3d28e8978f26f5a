"""Looks closer where nothing was found: what is small in a picture, such as a car in a street, is searched in enlarged
parts around a click."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...common.interrupt import checkpoint
from ...common.masks import overlap, reaches_border
from ...geometry.grids import Box
from .pick import Pick, estimated_overlaps, first_pick, outlined, seems_ground, soft_mask
from .prepared import HALF, SearchImage, search_image

SHARES = 0.18, 0.14, 0.22  # of the picture's sides: the parts that are looked at
LEAST = 72  # px, longer side of a part, below which it shows no more than the whole did
ENLARGED = 256  # px, to which the longer side is enlarged, if it is smaller
MAY_BE_THING = 0.5  # probability of a thing, below which a part shows none
SURE_THING, SURE = 0.9, 0.7  # the same, and the estimated overlap, that the surest of the answers has at least
LARGEST = 0.03  # of the picture: what was found and is larger has an outline of its own there
DOUBTED = 0.5  # estimated overlap of what is larger, below which it may be anything
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
    """What is at a point of a picture, if it is small: parts of different sizes are looked at, and what two of them
    show is believed, since a single answer to so few pixels hangs on how they were sampled.

    Args:
        picture: if it has no networks, no answer can be believed.
        point: x + iy in pixels of its image.

    Returns:
        The surest answer; None if nothing is surely there, if it goes on outside of the parts that are looked at, or
        if the picture is too small for a closer look.
    """
    if picture.networks is None:
        return None
    (look,) = picture.looks.made(point, lambda: (_best_look(picture, point),))  # None is kept, too
    return look


def _best_look(picture: SearchImage, point: complex) -> Look | None:
    """As `seen_closer`, of a picture with networks."""
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


def better_seen_closer(picture: SearchImage, point: complex, mask: np.ndarray | None) -> np.ndarray | None:
    """What a closer look shows at a point where nothing was found, nothing that is large, or nothing that is sure: what
    is as small as a few superpixels is easily found with something else.

    Args:
        mask: `[S]` bool, what was found; None for nothing.

    Returns:
        `[H, W]` float32 from 0 to 1; None if that is nothing better.
    """
    if picture.networks is None:
        return None
    estimate = 0.0  # of nothing
    if mask is not None:
        area = picture.patches.area
        estimate = picture.ask(picture.in_small(np.array([point])), np.zeros(0, complex)).overlaps([mask])[0]
        if area[mask].sum() > LARGEST * area.sum() and estimate >= DOUBTED:
            return None
    look = seen_closer(picture, point)
    return look.opacity if look is not None and look.estimate > estimate else None


def pick_at(picture: SearchImage, point: complex) -> Pick:
    """The object under a click, as of `first_pick`; or, if a closer look shows a smaller one there, that."""
    pick = first_pick(picture, point)
    opacity = better_seen_closer(picture, point, None if seems_ground(picture, pick) else pick.mask)
    if opacity is None:
        return pick
    mask = outlined(picture, opacity).mask
    mask[picture.patches.at(pick.inside)] = True  # of something smaller than superpixels there may be none
    return replace(pick, mask=mask, thing=True, opacity=opacity)


def _look(picture: SearchImage, point: complex, share: float) -> Look | None:
    """What a part of a picture with networks shows; None if that is no thing, or goes on outside of the part."""
    box = _around(point, picture.image.shape[1::-1], share)
    part, at = _part(picture, point, box)
    thing = float(part.ask(part.in_small(np.array([at])), np.zeros(0, complex)).answer.thing.sigmoid())
    if thing < MAY_BE_THING:
        return None
    pick = first_pick(part, at)
    mask = soft_mask(part, pick)
    own = mask >= HALF
    if not pick.thing or not own.any() or reaches_border(own):
        return None
    opacity = np.zeros(picture.image.shape[:2], np.float32)
    opacity[box.slices] = cv2.resize(mask, opacity[box.slices].shape[::-1], interpolation=cv2.INTER_AREA)
    return Look(opacity, thing, float(estimated_overlaps(part, at, [mask])[0]))


def estimated_closer(picture: SearchImage, point: complex, masks: Sequence[np.ndarray]) -> np.ndarray | None:
    """As `estimated_overlaps`, in an enlarged part if all of the masks are so small that they lie in it: there they
    have superpixels of their own."""
    if picture.networks is None or SHARES[-1] * max(picture.image.shape[:2]) < LEAST:
        return estimated_overlaps(picture, point, masks)
    box = _around(point, picture.image.shape[1::-1], SHARES[-1])
    if any((mask >= HALF).sum() > (mask[box.slices] >= HALF).sum() for mask in masks):
        return estimated_overlaps(picture, point, masks)
    part, at = _part(picture, point, box)
    size = part.image.shape[1::-1]
    parts = [cv2.resize(mask[box.slices].astype(np.float32), size, interpolation=cv2.INTER_LINEAR) for mask in masks]
    return estimated_overlaps(part, at, parts)


def _part(picture: SearchImage, point: complex, box: Box) -> tuple[SearchImage, complex]:
    """A part of a picture with networks, enlarged, and a point in it."""
    part = search_image(enlarged(picture.image[box.slices]), picture.networks)
    scale = part.image.shape[1] / (box.right - box.left)
    return part, (point - complex(box.left, box.top) + (0.5 + 0.5j)) * scale - (0.5 + 0.5j)


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
