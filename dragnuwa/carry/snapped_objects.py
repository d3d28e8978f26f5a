"""Hand-drawn objects whose outlines are snapped to nearby edges of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..common.interrupt import InterruptCheck, no_interrupt, watched
from ..common.masks import MASKED
from ..trajectory import MotionObject
from ..vision.segmentation.prepared import PreparedPicture
from ..vision.segmentation.snap import snapped
from .object_masks import GivenMasks


def snapped_objects(
    objects: Sequence[MotionObject],
    picture: PreparedPicture,
    given: np.ndarray | None,
    check_interrupt: InterruptCheck = no_interrupt,
) -> list[np.ndarray | None]:
    """For each object, its mask `[h, w]` from 0 to 1 of the prepared picture's image; None if it stays as drawn: a mask
    replaces it, its edge is "exact", or there is no edge nearby.

    Args:
        objects: the enabled ones.
        picture: prepared for the clip.
        given: `[K, ...]` from 0 to 1, masks that replace the outlines; an empty one keeps the outline.
        check_interrupt: called for each object.
    """
    found: list[np.ndarray | None] = []
    for number, each in enumerate(watched(objects, check_interrupt)):
        replaced = given is not None and (given[number] >= MASKED).any()
        found.append(None if replaced or each.edge == "exact" else _snapped(each, picture))
    return found


def with_snapped(
    objects: Sequence[MotionObject],
    picture: PreparedPicture,
    given: GivenMasks | None,
    check_interrupt: InterruptCheck = no_interrupt,
) -> GivenMasks | None:
    """The masks that replace outlines, including those of the objects that `snapped_objects` moves."""
    found = snapped_objects(objects, picture, None if given is None else given.at_clip, check_interrupt)
    if all(mask is None for mask in found):
        return given
    width, height = picture.clip
    at_clip = np.zeros((len(objects), height, width), np.float32) if given is None else given.at_clip.copy()
    snapped_masks = {number: mask for number, mask in enumerate(found) if mask is not None}
    for number, mask in snapped_masks.items():
        at_clip[number] = picture.at_clip(mask)
    return GivenMasks(at_clip, None if given is None else given.as_given, snapped_masks)


def snapped_masks(
    objects: Sequence[MotionObject],
    picture: PreparedPicture,
    masks: np.ndarray | None,
    size: tuple[int, int],
    check_interrupt: InterruptCheck = no_interrupt,
) -> np.ndarray | None:
    """`[K, H, W]` from 0 to 1: the masks that replace outlines, including those of the objects that `snapped_objects`
    moves, at another (width, height) `size` with the clip's aspect ratio; None if all stay as drawn.

    Args:
        masks: `[K, H, W]`, the connected ones, of this size, or None.
    """
    found = snapped_objects(objects, picture, masks, check_interrupt)
    if all(mask is None for mask in found):
        return masks
    whole = np.zeros((len(objects), size[1], size[0]), np.float32) if masks is None else masks.copy()
    for each, mask in zip(whole, found, strict=True):
        if mask is not None:
            each[:] = picture.fitted(mask, size)
    return whole


def _snapped(each: MotionObject, picture: PreparedPicture) -> np.ndarray | None:
    drawn = picture.outlined(each.outline)
    found = snapped(picture.image, drawn)
    return None if found is drawn else found
