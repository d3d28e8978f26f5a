"""Objects of a drawing where they are in each frame of a clip, as outlines and as masks."""

from __future__ import annotations

import numpy as np

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory.objects import sampling
from dragnuwa.trajectory.objects.masks import rings_mask
from dragnuwa.trajectory.objects.types import MotionObject


def moved_masks(each: MotionObject, clip: ClipShape) -> np.ndarray:
    """`[T, height, width]` float32 from 0 to 1: the part of each pixel that an object covers in each frame; 0 in the
    frames in which it is hidden."""
    size, fractions = np.array(clip.size, dtype=np.float64), np.arange(clip.frames) / (clip.frames - 1)
    masks = np.zeros((clip.frames, clip.height, clip.width), np.float32)
    rings = [moved_ring(each, ring, fractions, size) for ring in range(len(each.outline))]
    for time in np.flatnonzero(sampling.visibility(each, fractions)):
        masks[time] = rings_mask([ring[time] for ring in rings], *clip.size)
    return masks


def moved_ring(each: MotionObject, ring: int, fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """`[T, n, 2]` pixels of a picture of `size` [2]: a ring of the outline at each fraction of the clip."""
    motion = sampling.transform(each, fractions, size)
    corners = np.array(each.outline[ring], dtype=np.float64) * size
    positions = motion.factor[:, None] * (corners[:, 0] + 1j * corners[:, 1]) + motion.shift[:, None]
    return np.stack([positions.real, positions.imag], -1)
