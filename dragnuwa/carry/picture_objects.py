"""The objects of a picture at its full size, and their masks at the clip's size."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..images import centre_box, fit, fit_mask, masks_for, to_bytes, unfit_mask
from ..interrupt import InterruptCheck
from .objects import find_objects
from .regions import owners

LONGEST = 1024  # px, longer side of the picture in which objects are looked for


class PictureObjects:
    """What each track carries, as a mask of the picture that the clip was cropped and shrunk from.

    Attributes:
        masks: `[N, H, W]` from 0 to 1; empty for tracks that have no object, or none yet.
    """

    def __init__(
        self, picture: Tensor, clip: tuple[int, int], points: np.ndarray, check_interrupt: InterruptCheck
    ) -> None:
        """
        Args:
            picture: `[H, W, 3]` from 0 to 1.
            clip: (width, height) in pixels.
            points: `[N, T, 2]` x and y in pixels of the clip.
            check_interrupt: as `find_objects` takes it.
        """
        self.picture, self.clip, self.check_interrupt = picture, clip, check_interrupt
        self.tracks = points[..., 0] + 1j * points[..., 1]  # [N, T]
        # One zero for all, since a picture is large and there may be hundreds of tracks.
        self.masks = picture.new_zeros(1, 1, 1).expand(len(points), *picture.shape[:2])

    def given(self, masks: Tensor) -> np.ndarray:
        """`[M, h, w]` of the clip's size, from masks `[M, ...]` of that size or the picture's.

        Raises:
            ValueError: if they have another size, and as `owners`.
        """
        height, width = self.picture.shape[:2]
        masks = masks.to(self.picture)
        at_clip = masks_for(self.clip, masks, (width, height), self.clip).cpu().numpy()
        owner = owners(self.tracks[:, 0], at_clip)
        owned = owner[owner >= 0]
        at_full = masks[owned] if masks.shape[1:] == (height, width) else self._enlarged(at_clip[owned])
        self._keep(owner >= 0, at_full)
        return at_clip

    def find(self, tracks: np.ndarray, pins: np.ndarray) -> np.ndarray:
        """`[n, h, w]` of the clip's size, as `divide` asks for them: `tracks` are some of this picture's."""
        width, height = self.clip
        _, _, rows, columns = centre_box(self.picture.shape[1], self.picture.shape[0], width / height)
        scale = min(1.0, LONGEST / max(rows, columns))
        columns, rows = max(2, round(columns * scale)), max(2, round(rows * scale))
        image = to_bytes(fit(self.picture[None], columns, rows)[0])

        def placed(places: np.ndarray) -> np.ndarray:
            x = (places.real + 0.5) * columns / width - 0.5
            y = (places.imag + 0.5) * rows / height - 0.5
            return x.clip(0, columns - 1) + 1j * y.clip(0, rows - 1)

        found = find_objects(image, placed(tracks), placed(pins), check_interrupt=self.check_interrupt)
        if not found.any():
            return np.zeros((len(tracks), height, width), np.float32)
        masks = self._enlarged(found)
        for track, mask in zip(tracks, masks, strict=True):
            self._keep((self.tracks == track).all(1), mask)
        return fit_mask(masks, width, height).cpu().numpy()

    def _enlarged(self, masks: np.ndarray) -> Tensor:
        """Of the picture's size."""
        height, width = self.picture.shape[:2]
        return unfit_mask(torch.from_numpy(masks).to(self.picture), width, height)

    def _keep(self, which: np.ndarray, masks: Tensor) -> None:
        if not self.masks.is_contiguous():
            self.masks = self.masks.contiguous()
        self.masks[torch.from_numpy(which).to(self.masks.device)] = masks
