"""Looking for the objects on which drags begin."""

from __future__ import annotations

import cv2
import numpy as np

from ...interrupt import InterruptCheck, never
from .bodies import bodies
from .candidates import candidates, seeds_of
from .choice import best
from .outline import opacity, settled
from .superpixels import Superpixels, superpixels

UNIT = 460.0  # px, root of the area of the copy that is searched: what is found does not depend on the picture's size
MOST_DRAGS = 16  # for which objects are looked for: more of them say how a field moves


def find_objects(
    image: np.ndarray, tracks: np.ndarray, pins: np.ndarray, *, check_interrupt: InterruptCheck = never
) -> np.ndarray:
    """Looks for the object under each drag. Drags that move as one body have one object in common.

    Args:
        image: `[H, W, 3]` uint8, best of the picture's full size.
        tracks: `[n, T]` complex, x + iy in pixels of the image: the drags, each of which begins inside it and moves.
        pins: `[k]` complex, places that belong to no object.
        check_interrupt: called for every body and every candidate's beginning.

    Returns:
        `[n, H, W]` float32 from 0 to 1: opacity, soft at the edges; the same for drags of one body; all 0 where no
        object stands out, or there are more than `MOST_DRAGS`.
    """
    height, width = image.shape[:2]
    found = np.zeros((len(tracks), height, width), np.float32)
    if not 0 < len(tracks) <= MOST_DRAGS:
        return found
    small = _shrunk(image)
    places = _scaled(tracks[:, 0], image, small)
    others = _scaled(pins, image, small)
    patches = superpixels(small)
    for body in bodies(tracks):
        check_interrupt()
        outside = np.concatenate([others, np.delete(places, body)])
        mask = _object(small, patches, places[body], outside, check_interrupt)
        if mask is not None:
            found[body] = opacity(image, mask)
    return found


def _object(
    small: np.ndarray, patches: Superpixels, starts: np.ndarray, outside: np.ndarray, check_interrupt: InterruptCheck
) -> np.ndarray | None:
    """`[h, w]` bool."""
    masks = []
    for seeds in seeds_of(patches, starts, outside):
        check_interrupt()
        masks += candidates(patches, seeds)
    mask = best(patches, masks, seeds.distance)
    if mask is None:
        return None
    known = (np.isin(patches.label, part) for part in (patches.at(starts), seeds.outside))
    return settled(small, mask[patches.label], *known)


def _shrunk(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    scale = UNIT / (height * width) ** 0.5
    if scale >= 1:
        return np.ascontiguousarray(image)
    size = max(2, round(width * scale)), max(2, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _scaled(places: np.ndarray, image: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Places of the picture in its small copy. Both count from the middle of the first pixel."""
    (height, width), (rows, columns) = image.shape[:2], small.shape[:2]
    x = (places.real + 0.5) * columns / width - 0.5
    y = (places.imag + 0.5) * rows / height - 0.5
    return x.clip(0, columns - 1) + 1j * y.clip(0, rows - 1)
