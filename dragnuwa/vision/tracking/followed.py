"""A thing that was followed through a clip."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...geometry.grids import about_corner
from ...geometry.similarity import SimilarityTransform


@dataclass(frozen=True)
class Followed:
    """
    Attributes:
        frame: the number of the frame in which it was given.
        motion: factor and shift `[T]`: from pixels of that frame to pixels of each frame. Where it is hidden, they say
            where it may be.
        visible: `[T]` bool, whether a frame shows it.
        masks: `[T, h, w]` uint8 from 0 to 255, what each frame shows of it, at the size in which it was followed.
        size: (width, height) of the clip.
        given: the numbers of the frames whose masks were given, rather than found.
    """

    frame: int
    motion: SimilarityTransform
    visible: np.ndarray
    masks: np.ndarray
    size: tuple[int, int]
    given: frozenset[int] = frozenset()

    @property
    def is_given(self) -> bool:
        """Whether its masks are known in each frame, so that its motion says nothing about them."""
        return len(self.given) == len(self.masks)

    @property
    def placed(self) -> np.ndarray:
        """`[T]` bool: the frames in which its motion is known: those that show it, and all between the first and the
        last of them."""
        times = np.flatnonzero(self.visible)
        numbers = np.arange(len(self.visible))
        return (numbers >= times[0]) & (numbers <= times[-1]) if len(times) else self.visible

    def mask_at(self, time: int) -> np.ndarray:
        """`[H, W]` float32 from 0 to 1: what a frame shows of it, at the clip's size."""
        mask = self.masks[time].astype(np.float32) / 255
        return mask if mask.shape == self.size[::-1] else cv2.resize(mask, self.size, interpolation=cv2.INTER_LINEAR)

    def between(self, time: int, other: int) -> SimilarityTransform:
        """From pixels of one frame to pixels of another."""
        factor, shift = self.motion.factor, self.motion.shift
        ratio = complex(factor[other] / factor[time])
        return SimilarityTransform(ratio, complex(shift[other] - ratio * shift[time]))

    def matrix(self, time: int, other: int, size: tuple[int, int]) -> np.ndarray:
        """`[3, 3]`: as `between`, of frames that were scaled to (width, height) `size`."""
        shrink = about_corner(size[0] / self.size[0], size[1] / self.size[1])
        return shrink @ self.between(time, other).matrix() @ np.linalg.inv(shrink)
