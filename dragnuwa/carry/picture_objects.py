"""The objects of a picture at its full size, and their masks at the clip's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from ..common.clip_shape import ClipShape
from ..common.images import masks_for, placement, unfit_mask
from ..common.interrupt import InterruptCheck, never
from ..trajectory import MotionObject
from ..trajectory.objects import Outline
from ..trajectory.objects.masks import outline_mask
from ..vision.segmentation import FoundObject, find_objects
from ..vision.segmentation.prepared import PreparedPicture, prepare
from .outlined import object_regions
from .regions import MASKED, Region, owners


def found_in(
    picture: PreparedPicture,
    tracks: np.ndarray,
    asked: np.ndarray,
    pins: np.ndarray,
    check_interrupt: InterruptCheck = never,
) -> list[FoundObject]:
    """The objects on which tracks begin, with masks of the prepared picture's image.

    Args:
        tracks: `[N, T]` complex, in pixels of the clip.
        asked: the numbers of the tracks that are asked for. One that begins beside the picture, on the bars of a padded
            one, has no object.
        pins: the numbers of tracks whose beginnings belong to none of the objects.
        check_interrupt: as `find_objects` takes it.

    Returns:
        Those that the clip shows, with the numbers of their tracks.
    """
    asked = asked[picture.shows(tracks[asked, 0])]
    starts = tracks[pins, 0]
    others = picture.in_image(starts[picture.shows(starts)])
    found = find_objects(picture.image, picture.in_image(tracks[asked]), others, check_interrupt=check_interrupt)
    shown = []
    for each in found:
        check_interrupt()
        if (picture.at_clip(each.mask) >= MASKED).any():
            shown.append(replace(each, tracks=asked[each.tracks]))
    return shown


class PictureObjects:
    """What each track carries, as a mask of the picture that was fitted to the clip.

    Attributes:
        found: the objects that were looked for and found, with masks of the prepared picture.
    """

    def __init__(
        self,
        picture: Tensor,
        clip: tuple[int, int],
        points: np.ndarray,
        check_interrupt: InterruptCheck,
        mode: str = "crop",
    ) -> None:
        """
        Args:
            picture: `[H, W, 3]` from 0 to 1.
            clip: (width, height) in pixels.
            points: `[N, T, 2]` x and y in pixels of the clip.
            check_interrupt: as `find_objects` takes it.
            mode: how the picture was fitted, as `dragnuwa.common.images.fit` says.
        """
        self.picture, self.clip, self.check_interrupt, self.mode = picture, clip, check_interrupt, mode
        self.shown, self.place = placement((picture.shape[1], picture.shape[0]), clip, mode)
        self.tracks = points[..., 0] + 1j * points[..., 1]  # [N, T]
        self.found: list[FoundObject] = []
        self._given: tuple[np.ndarray, Tensor] | None = None

    @property
    def masks(self) -> Tensor:
        """`[N, H, W]` of the picture, from 0 to 1; empty for tracks that have no object, or none yet."""
        # One zero for all, since a picture is large and there may be hundreds of tracks.
        masks = self.picture.new_zeros(1, 1, 1).expand(len(self.tracks), *self.picture.shape[:2])
        if self._given is None and not self.found:
            return masks
        masks = masks.contiguous()
        if self._given is not None:
            which, given = self._given
            masks[torch.from_numpy(which).to(masks.device)] = given
        for each in self.found:
            masks[torch.from_numpy(each.tracks).to(masks.device)] = self._prepared.at_picture(each.mask).to(masks)
        return masks

    def given(self, masks: Tensor) -> np.ndarray:
        """`[M, h, w]` of the clip's size, from masks `[M, ...]` of that size or the picture's.

        Raises:
            ValueError: if they have another size, and as `owners`.
        """
        height, width = self.picture.shape[:2]
        masks = masks.to(self.picture)
        at_clip = masks_for(self.clip, masks, (width, height), self.clip, self.mode).cpu().numpy()
        owner = owners(self.tracks[:, 0], at_clip)
        owned = owner[owner >= 0]
        large = masks.shape[1:] == (height, width)
        at_full = masks[owned] if large else unfit_mask(torch.from_numpy(at_clip[owned]), width, height, self.mode)
        self._given = owner >= 0, at_full.to(self.picture)
        return at_clip

    def outlined(
        self, objects: Sequence[MotionObject], masks: Tensor | None, frames: int
    ) -> tuple[list[Region], Tensor]:
        """The regions of objects in the clip, and their masks `[K, H, W]` in the picture.

        Args:
            objects: of the trajectories, from back to front.
            masks: `[K, ...]` of the clip's size or the picture's, each of which replaces an outline unless it is empty.
            frames: of the clip.

        Raises:
            ValueError: if the masks have another size.
        """
        height, width = self.picture.shape[:2]
        at_full = self.picture.new_zeros(len(objects), height, width)
        for mask, each in zip(at_full, objects, strict=True):
            self.check_interrupt()
            outline = self._in_picture(each.outline)
            mask[:] = torch.from_numpy(outline_mask(outline, width, height, self.check_interrupt))
        at_clip = None
        if masks is not None:
            masks = masks.to(self.picture)
            fitted = masks_for(self.clip, masks, (width, height), self.clip, self.mode)
            at_clip = fitted.cpu().numpy()
            large = masks if masks.shape[1:] == (height, width) else unfit_mask(fitted, width, height, self.mode)
            filled = (fitted >= MASKED).any(2).any(1)
            at_full[filled] = large[filled]
        return object_regions(objects, ClipShape(*self.clip, frames), at_clip, self.check_interrupt), at_full

    def _in_picture(self, outline: Outline) -> Outline:
        """An outline in fractions of the clip, in those of the picture."""
        height, width = self.picture.shape[:2]
        x = self.place.left, self.place.columns, self.shown.columns, self.shown.left, self.clip[0], width
        y = self.place.top, self.place.rows, self.shown.rows, self.shown.top, self.clip[1], height

        def moved(value: float, of: tuple[int, ...]) -> float:
            first, part, shown, begins, clip, picture = of
            return ((value * clip - first) / part * shown + begins) / picture

        return tuple(tuple((moved(a, x), moved(b, y)) for a, b in ring) for ring in outline)

    def find(self, asked: np.ndarray, pins: np.ndarray) -> list[FoundObject]:
        """As `divide` asks for them, with masks of the clip."""
        self.found = found_in(self._prepared, self.tracks, asked, pins, self.check_interrupt)
        return [replace(each, mask=self._prepared.at_clip(each.mask)) for each in self.found]

    @cached_property
    def _prepared(self) -> PreparedPicture:
        return prepare(self.picture, self.clip, self.mode)
