"""One pyramid level of a picture with a hole, as `patches` fills it: what may be copied, and what is to be filled.

Pictures are padded by `RADIUS` and flattened: a place is an index row * stride + column, an offset the difference of
two positions.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

RADIUS = 3
SIDE = 2 * RADIUS + 1  # px, of a patch
TRUST = 0.85  # weight of the hole's pixels in a patch: TRUST ** distance from the border


@dataclass(frozen=True)
class Level:
    """A picture at one size, with a hole.

    Attributes:
        picture: `[h, w, C]` float32, colours and other features.
        hole: `[h, w]` bool.
        known: `[h, w]` bool, what may be copied.
        stride: of the padded rows.
        pixels: `[P, C]`, the padded picture.
        is_source: `[P]` bool, centres of patches that may be copied.
        sources: `[S]`, the same as positions.
        targets: `[N]` positions: centres of patches that touch the hole.
        number: `[P]`, the index of a place in `targets`, or -1.
        in_hole: `[N]` bool, which of them lie in the hole; the others are the border around it.
        trust: `[P]` from 0 to 1, the weight of a place in the patches around it.
        far: cost of a source at a distance of sqrt(area of the hole).
    """

    picture: np.ndarray
    hole: np.ndarray
    known: np.ndarray
    stride: int
    pixels: Tensor
    is_source: Tensor
    sources: Tensor
    targets: Tensor
    number: Tensor
    in_hole: Tensor
    trust: Tensor
    far: float

    @classmethod
    def of(cls, picture: np.ndarray, hole: np.ndarray, known: np.ndarray, far: float, device: torch.device) -> Level:
        """With the tensors on a device."""
        patch = np.ones((SIDE, SIDE), np.uint8)
        inside = np.pad(np.ones(hole.shape, bool), RADIUS)
        padded = np.pad(hole, RADIUS)
        touched = cv2.dilate(padded.astype(np.uint8), patch).astype(bool) & inside
        whole = cv2.erode(np.pad(known, RADIUS).astype(np.uint8), patch, borderValue=0).astype(bool)
        depth = cv2.distanceTransform(padded.astype(np.uint8), cv2.DIST_L2, 5)
        pixels = np.pad(picture, ((RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)), mode="edge")
        number = np.full(touched.shape, -1)
        number[touched] = np.arange(touched.sum())
        is_source, sources, targets, number, in_hole, trust = (
            torch.from_numpy(np.ascontiguousarray(each)).to(device)
            for each in (
                whole.ravel(),
                np.flatnonzero(whole),
                np.flatnonzero(touched),
                number.ravel(),
                padded[touched],
                (TRUST**depth * inside).astype(np.float32).ravel(),
            )
        )
        flat = torch.from_numpy(pixels.reshape(-1, picture.shape[-1])).to(device)
        return cls(
            picture, hole, known, padded.shape[1], flat, is_source, sources, targets, number, in_hole, trust, far
        )

    @property
    def size(self) -> float:
        """px, sqrt of the hole's area."""
        return float(self.hole.sum()) ** 0.5

    @property
    def coverage(self) -> float:
        """The fraction of the copyable pixels that lie in a complete patch of such pixels."""
        height, width = self.hole.shape
        middles = self.is_source.view(-1, self.stride)[RADIUS : RADIUS + height, RADIUS : RADIUS + width]
        covered = cv2.dilate(middles.cpu().numpy().astype(np.uint8), np.ones((SIDE, SIDE), np.uint8))
        return float((covered * self.known).sum() / max(1, self.known.sum()))

    def windows(self, values: Tensor, middles: Tensor) -> Tensor:
        """The patches of `values` `[P, C]` around positions `[N]` -> `[N, SIDE * SIDE * C]`."""
        channels = values.shape[1]
        rows = values.view(-1).as_strided((len(values) - SIDE + 1, SIDE * channels), (channels, 1))
        down = torch.arange(-RADIUS, RADIUS + 1, device=values.device) * self.stride - RADIUS
        return rows.index_select(0, (middles[:, None] + down).flatten()).view(len(middles), -1)
