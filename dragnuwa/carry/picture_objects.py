"""The objects of a picture at its full size, and their masks at the clip's size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..clip_shape import ClipShape
from ..images import fit, fit_mask, masks_for, placement, to_bytes, unfit_mask
from ..interrupt import InterruptCheck
from ..trajectory import MotionObject
from ..trajectory.objects import Outline
from ..trajectory.objects.masks import outline_mask
from .objects import find_objects
from .outlined import object_regions
from .regions import MASKED, Region, owners

LONGEST = 1024  # px, longer side of the picture in which objects are looked for


class PictureObjects:
    """What each track carries, as a mask of the picture that was fitted to the clip.

    Attributes:
        found: the objects that were looked for and found, each with the tracks that carry it `[m]` int, and as a mask
            `[h, w]` from 0 to 1 of what the clip shows of the picture.
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
            mode: how the picture was fitted, as `dragnuwa.images.fit` says.
        """
        self.picture, self.clip, self.check_interrupt, self.mode = picture, clip, check_interrupt, mode
        self.shown, self.place = placement((picture.shape[1], picture.shape[0]), clip, mode)
        self.tracks = points[..., 0] + 1j * points[..., 1]  # [N, T]
        self.found: list[tuple[np.ndarray, np.ndarray]] = []
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
        for of, mask in self.found:
            masks[torch.from_numpy(of).to(masks.device)] = self._uncut(mask)
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

    def find(self, tracks: np.ndarray, pins: np.ndarray) -> np.ndarray:
        """`[n, h, w]` of the clip's size, as `divide` asks for them: `tracks` are some of this picture's. One that
        begins beside the picture, on the bars of a padded one, has no object."""
        scale = min(1.0, LONGEST / max(self.shown.rows, self.shown.columns))
        size = max(2, round(self.shown.columns * scale)), max(2, round(self.shown.rows * scale))
        image = to_bytes(fit(self.picture[self.shown.slices][None], *size, "stretch")[0])
        asked = np.flatnonzero(self._inside(tracks[:, 0]))
        starts, others = self._scaled(tracks[asked], size), self._scaled(pins[self._inside(pins)], size)
        masks = find_objects(image, starts, others, check_interrupt=self.check_interrupt)
        width, height = self.clip
        at_clip = np.zeros((len(tracks), height, width), np.float32)
        for numbers in _alike(masks):
            self.check_interrupt()
            mask, of = masks[numbers[0]], asked[numbers]
            at_clip[of] = fit_mask(self._uncut(mask), width, height, self.mode)[0].cpu().numpy()
            if (at_clip[of[0]] >= MASKED).any():
                self.found.append((np.flatnonzero((self.tracks[:, None] == tracks[of]).all(2).any(1)), mask))
        return at_clip

    def _inside(self, places: np.ndarray) -> np.ndarray:
        """Of places in the clip `[n]`, whether they show the picture."""
        x, y = places.real - self.place.left + 0.5, places.imag - self.place.top + 0.5
        return (x >= 0) & (x <= self.place.columns) & (y >= 0) & (y <= self.place.rows)

    def _scaled(self, places: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Places in the clip in what it shows of the picture, at (width, height)."""
        x = (places.real - self.place.left + 0.5) * size[0] / self.place.columns - 0.5
        y = (places.imag - self.place.top + 0.5) * size[1] / self.place.rows - 0.5
        return x.clip(0, size[0] - 1) + 1j * y.clip(0, size[1] - 1)

    def _uncut(self, mask: np.ndarray) -> Tensor:
        """`[1, H, W]` of the picture, from a mask of what the clip shows of it."""
        height, width = self.picture.shape[:2]
        mask = torch.from_numpy(mask).to(self.picture)[None]
        return self.shown.framed(fit_mask(mask, self.shown.columns, self.shown.rows, "stretch"), width, height)


def _alike(masks: np.ndarray) -> list[list[int]]:
    """The numbers of equal masks, of those that are not empty."""
    numbers: dict[bytes, list[int]] = {}
    for number in np.flatnonzero(masks.any((1, 2))).tolist():
        numbers.setdefault(masks[number].tobytes(), []).append(number)
    return list(numbers.values())
