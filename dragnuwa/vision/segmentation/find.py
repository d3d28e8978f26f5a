"""Finds the objects on which drags begin."""

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

SEVERAL, INSIDE = 3, 0.12  # from this many drags on, their median depth inside the mask, as a fraction of its maximum
MOST_DRAGS = 16  # with more of them, the drags describe a motion field rather than objects


@dataclass(frozen=True)
class MotionGroup:
    """Drags that move rigidly together, and the candidates for their object.

    Attributes:
        drags: `[m]` int, indices of the drags.
        starts: `[m]` complex, where they begin, in pixels of the small picture.
        masks: candidates, `[S]` bool each.
        distance: `[S]`, of each superpixel from the drags, as in `Seeds`.
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
        tracks: `[m]` int, ascending: indices of the tracks that move it.
        mask: `[H, W]` float32 from 0 to 1, opacity, soft at the edges.
    """

    tracks: np.ndarray
    mask: np.ndarray


def find_objects(
    picture: SearchImage, tracks: np.ndarray, pins: np.ndarray, check_interrupt: InterruptCheck = no_interrupt
) -> list[FoundObject]:
    """Finds the object under each drag. Drags that move rigidly together share one object.

    Args:
        picture: preferably made from the picture at full size.
        tracks: `[n, T]` complex, x + iy in pixels of its image: the drags, each of which begins inside it and moves.
        pins: `[k]` complex, points that belong to no object.
        check_interrupt: called for every group and every set of seeds.

    Returns:
        The objects without duplicates, in the order of their first drags; empty if no object stands out, or there are
        more than `MOST_DRAGS`.
    """
    if not 0 < len(tracks) <= MOST_DRAGS:
        return []
    patches, found = picture.patches, {}
    for group in search(picture, tracks, pins, check_interrupt):
        check_interrupt()
        mask = best(patches, group.masks, group.distance)
        if mask is not None:
            known = (np.isin(patches.label, part) for part in (patches.at(group.starts), group.outside))
            mask = refine_mask(picture.small, mask[patches.label], *known)
            if _holds(mask, group.starts):
                _add(found, FoundObject(group.drags, opacity(picture.image, mask)))
    return sorted(found.values(), key=lambda each: each.tracks[0])


def _add(found: dict[bytes, FoundObject], new: FoundObject) -> None:
    """Groups for which the same mask was found share one object."""
    if not new.mask.any():
        return
    key = new.mask.tobytes()
    before = found[key].tracks if key in found else new.tracks
    found[key] = FoundObject(np.union1d(before, new.tracks), new.mask)


def _holds(mask: np.ndarray, starts: np.ndarray) -> bool:
    """Whether most drags begin well inside the mask. They lie close to its outline where background patches have been
    strung together from drag to drag."""
    if len(starts) < SEVERAL:
        return True
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    own = depth[np.rint(starts.imag).astype(int), np.rint(starts.real).astype(int)]
    return float(np.median(own)) >= INSIDE * depth.max()


def search(
    picture: SearchImage, tracks: np.ndarray, pins: np.ndarray, check_interrupt: InterruptCheck = no_interrupt
) -> list[MotionGroup]:
    """All drags by motion group, with their candidates. Same arguments as `find_objects`."""
    starts, pinned = picture.in_small(tracks[:, 0]), picture.in_small(pins)
    found = []
    for drags in motion_groups(tracks):
        masks = []
        for seeds in seeds_of(picture.patches, starts[drags], np.concatenate([pinned, np.delete(starts, drags)])):
            check_interrupt()
            masks += candidates(picture.patches, seeds)
        found.append(MotionGroup(drags, starts[drags], masks, seeds.distance, seeds.outside))
    return found
