"""Objects in the frames of a clip: their moved outlines, the boxes around these, and masks in which what is in front
covers what is behind. Nothing is cut out of a picture here, so outlines are as they were drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...common.clip_shape import ClipShape, Size
from ...common.interrupt import checkpoint, watched
from ..pins import CENTRE, bent_object
from . import sampling
from .masks import rings_mask
from .types import MotionObject


@dataclass(frozen=True)
class Moved:
    """An object in the frames of a clip.

    Attributes:
        rings: [n, T] complex each, x + iy in pixels, in each frame.
        seen: [T] bool, where it is visible.
        bent: whether its shape changes.
    """

    rings: list[np.ndarray]
    seen: np.ndarray
    bent: bool

    @classmethod
    def of(cls, each: MotionObject, clip: ClipShape) -> Moved:
        size, fractions = np.array(clip.size, dtype=np.float64), np.arange(clip.frames) / (clip.frames - 1)
        motion = sampling.transform(each, fractions, size)
        rings = [(np.array(ring, dtype=np.float64) * size @ (1, 1j))[:, None] for ring in each.outline]
        shape = bent_object(each, fractions, clip.size)
        if shape is not None:
            rings = [shape.moved(ring[:, 0] - CENTRE) + CENTRE for ring in rings]
        seen = sampling.visibility(each, fractions)
        return cls([motion.apply(ring) for ring in rings], seen, shape is not None)

    def around(self) -> np.ndarray:
        """[T, 4]: left, top, right and bottom of it, in pixels, seen or not."""
        return np.stack([_box(self.rings, time) for time in range(len(self.seen))])

    def boxes(self, size: Size) -> np.ndarray:
        """[T, 4]: left, top, right and bottom of what is seen of it in a picture of (width, height) `size`, in pixels;
        NaN in frames that show nothing of it."""
        inside = np.clip(self.around(), 0, (*size, *size))
        shown = self.seen & (inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1])
        return np.where(shown[:, None], inside, np.nan)


def _box(rings: Sequence[np.ndarray], time: int) -> tuple[float, float, float, float]:
    corners = np.concatenate([ring[:, time] for ring in rings])
    return corners.real.min(), corners.imag.min(), corners.real.max(), corners.imag.max()


def masks_over_time(
    objects: Sequence[MotionObject],
    clip: ClipShape,
    spans: Sequence[slice],
    size: Size,
    wanted: Callable[[MotionObject], bool] = lambda each: True,
) -> np.ndarray:
    """[K, len(spans), height, width] float32 from 0 to 1: how much of each pixel an object covers, less what those in
    front of it cover; in each of some spans of frames, the most of any of its frames.

    Args:
        objects: from back to front.
        clip: whose shape the masks have.
        spans: of frames.
        size: (width, height) of the masks, such as of a latent.
        wanted: which objects get a mask, K in all. The others only cover what is behind them.
    """
    moved = [Moved.of(each, clip) for each in watched(objects)]
    number = {k: found for found, k in enumerate(k for k, each in enumerate(objects) if wanted(each))}
    masks = np.zeros((len(number), len(spans), size[1], size[0]), np.float32)
    scale = np.array(size, dtype=np.float64) / clip.size
    for at, span in enumerate(spans):
        for time in range(span.start, span.stop):
            free = np.ones(size[::-1], np.float32)
            for k in reversed(range(len(objects))):
                if moved[k].seen[time]:
                    checkpoint()
                    own = [np.stack([ring[:, time].real, ring[:, time].imag], -1) * scale for ring in moved[k].rings]
                    mask = rings_mask(own, *size)
                    if k in number:
                        np.maximum(masks[number[k], at], mask * free, out=masks[number[k], at])
                    free *= 1 - mask
    return masks
