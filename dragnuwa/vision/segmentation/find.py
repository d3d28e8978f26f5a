"""Looking for the objects on which drags begin."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...common.interrupt import InterruptCheck, no_interrupt
from .candidates import candidates, seeds_of
from .choice import best
from .motion_groups import motion_groups
from .outline import opacity, refine_mask
from .search_image import SearchImage

SEVERAL, INSIDE = 3, 0.12  # drags of a body, half of which lie inside of it: that deep, as part of its deepest place
MOST_DRAGS = 16  # for which objects are looked for: more of them say how a field moves


@dataclass(frozen=True)
class MotionGroup:
    """Drags that move as one, and what may be their object.

    Attributes:
        drags: `[m]` int, which of the drags.
        starts: `[m]` complex, where they begin, in pixels of the small picture.
        masks: candidates, `[S]` bool each.
        distance: `[S]`, of each superpixel from the drags, as `Seeds` has it.
        outside: superpixels that belong to no candidate.
    """

    drags: np.ndarray
    starts: np.ndarray
    masks: list[np.ndarray]
    distance: np.ndarray
    outside: np.ndarray


@dataclass(frozen=True)
class FoundObject:
    """
    Attributes:
        tracks: `[m]` int, rising: which of the tracks carry it.
        mask: `[H, W]` float32 from 0 to 1, opacity, soft at the edges.
    """

    tracks: np.ndarray
    mask: np.ndarray


def find_objects(
    picture: SearchImage, tracks: np.ndarray, pins: np.ndarray, check_interrupt: InterruptCheck = no_interrupt
) -> list[FoundObject]:
    """Looks for the object under each drag. Drags that move as one body have one object in common.

    Args:
        picture: best of the picture's full size.
        tracks: `[n, T]` complex, x + iy in pixels of its image: the drags, each of which begins inside it and moves.
        pins: `[k]` complex, places that belong to no object.
        check_interrupt: called for every body and every candidate's beginning.

    Returns:
        The objects, each once, in the order of their first drags; none where no object stands out, or there are more
        than `MOST_DRAGS`.
    """
    if not 0 < len(tracks) <= MOST_DRAGS:
        return []
    patches, found = picture.patches, {}
    for body in search(picture, tracks, pins, check_interrupt):
        check_interrupt()
        mask = best(patches, body.masks, body.distance)
        if mask is not None:
            known = (np.isin(patches.label, part) for part in (patches.at(body.starts), body.outside))
            mask = refine_mask(picture.small, mask[patches.label], *known)
            if _holds(mask, body.starts):
                _add(found, FoundObject(body.drags, opacity(picture.image, mask)))
    return sorted(found.values(), key=lambda each: each.tracks[0])


def _add(found: dict[bytes, FoundObject], new: FoundObject) -> None:
    """Bodies of which the same was found carry one object."""
    if not new.mask.any():
        return
    key = new.mask.tobytes()
    before = found[key].tracks if key in found else new.tracks
    found[key] = FoundObject(np.union1d(before, new.tracks), new.mask)


def _holds(mask: np.ndarray, starts: np.ndarray) -> bool:
    """Whether most of several drags begin inside of a mask, and not at its very rim, as they do where patches of the
    ground have been strung together from drag to drag."""
    if len(starts) < SEVERAL:
        return True
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    own = depth[np.rint(starts.imag).astype(int), np.rint(starts.real).astype(int)]
    return float(np.median(own)) >= INSIDE * depth.max()


def search(
    picture: SearchImage, tracks: np.ndarray, pins: np.ndarray, check_interrupt: InterruptCheck = no_interrupt
) -> list[MotionGroup]:
    """All drags, by what moves as one, with their candidates. Arguments as for `find_objects`."""
    places, others = picture.in_small(tracks[:, 0]), picture.in_small(pins)
    found = []
    for drags in motion_groups(tracks):
        masks = []
        for seeds in seeds_of(picture.patches, places[drags], np.concatenate([others, np.delete(places, drags)])):
            check_interrupt()
            masks += candidates(picture.patches, seeds)
        found.append(MotionGroup(drags, places[drags], masks, seeds.distance, seeds.outside))
    return found
