"""The masks of what is carried, in the picture itself: to look at, to use in other nodes, or to connect again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ..common.interrupt import InterruptCheck, no_interrupt, watched
from ..common.masks import MASKED, masks_for, unfit_mask
from ..trajectory import MotionObject
from ..trajectory.objects import Outline
from ..trajectory.objects.masks import outline_mask
from ..vision.segmentation.prepared import PreparedPicture
from .from_tracks import Assigned

MOST_NUMBERS = 2**28
"""Values in all masks at the picture's full size, 1 GiB: if there would be more, they have the clip's size."""


@dataclass(frozen=True)
class GivenMasks:
    """The connected masks.

    Attributes:
        at_clip: `[M, h, w]` from 0 to 1, of the clip's size.
        as_given: `[M, ...]` as connected, of the clip's size or the picture's; None without masks.
        of_image: masks `[H, W]` of the prepared picture's image by number, replacing the connected ones.
    """

    at_clip: np.ndarray
    as_given: Tensor | None
    of_image: dict[int, np.ndarray] = field(default_factory=dict)

    def at_picture(self, number: int, picture: PreparedPicture) -> Tensor:
        """`[H, W]` of the picture."""
        width, height = picture.picture
        if number in self.of_image:
            return picture.at_picture(self.of_image[number])
        if self.as_given is not None and self.as_given.shape[1:] == (height, width):
            return self.as_given[number]
        return unfit_mask(torch.from_numpy(self.at_clip[number : number + 1]), width, height, picture.mode)[0]


def given_masks(masks: Tensor | None, picture: PreparedPicture) -> GivenMasks | None:
    """
    Raises:
        InputError: if they have neither the picture's size nor the clip's.
    """
    if masks is None:
        return None
    masks = masks.float().cpu()
    at_clip = masks_for(picture.clip, masks, picture.picture, picture.clip, picture.mode)
    return GivenMasks(at_clip.numpy(), masks)


def object_masks(
    picture: PreparedPicture,
    assigned: Assigned,
    objects: Sequence[MotionObject],
    of_tracks: GivenMasks | None,
    of_objects: GivenMasks | None,
    check_interrupt: InterruptCheck = no_interrupt,
) -> Tensor:
    """`[N + K, H, W]` from 0 to 1: for each track, its mask or the object found for it, empty if it carries something
    else; then for each object of the trajectories, its mask or the area in its outline.

    They have the picture's size, or the clip's if that would take more than `MOST_NUMBERS`.

    Args:
        picture: prepared for the clip.
        assigned: what each track carries.
        objects: of the trajectories.
        of_tracks, of_objects: the connected masks.
        check_interrupt: called for every mask.
    """
    count = len(assigned.owner) + len(objects)
    width, height = picture.picture
    full = count * width * height <= MOST_NUMBERS
    width, height = (width, height) if full else picture.clip
    if not objects and (assigned.owner < 0).all():
        return torch.zeros(1, 1, 1).expand(count, height, width)  # one zero for all
    masks = torch.zeros(count, height, width)
    number_given = 0 if of_tracks is None else len(of_tracks.at_clip)
    for number in watched(np.unique(assigned.owner[assigned.owner >= 0]), check_interrupt):
        if not full:
            mask = torch.from_numpy(assigned.masks[number])
        elif number < number_given:
            mask = of_tracks.at_picture(number, picture)
        else:
            mask = picture.at_picture(assigned.found[number - number_given].mask)
        masks[np.flatnonzero(assigned.owner == number)] = mask
    for number, (mask, each) in enumerate(zip(masks[len(assigned.owner) :], objects, strict=True)):
        check_interrupt()
        if of_objects is not None and (of_objects.at_clip[number] >= MASKED).any():
            at_clip = torch.from_numpy(of_objects.at_clip[number])
            mask[:] = of_objects.at_picture(number, picture) if full else at_clip
        else:
            outline = in_picture(each.outline, picture) if full else each.outline
            mask[:] = torch.from_numpy(outline_mask(outline, width, height, check_interrupt))
    return masks


def in_picture(outline: Outline, picture: PreparedPicture) -> Outline:
    """Converts an outline from fractions of the clip to fractions of the picture."""
    shown, place = picture.shown, picture.place
    x = place.left, place.columns, shown.columns, shown.left, picture.clip[0], picture.picture[0]
    y = place.top, place.rows, shown.rows, shown.top, picture.clip[1], picture.picture[1]

    def moved(value: float, of: tuple[int, ...]) -> float:
        first, part, shown, begins, clip, size = of
        return ((value * clip - first) / part * shown + begins) / size

    return tuple(tuple((moved(a, x), moved(b, y)) for a, b in ring) for ring in outline)
