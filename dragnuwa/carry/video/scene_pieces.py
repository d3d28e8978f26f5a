"""Pieces of a clip's still scene, such as the wall where a drag begins beside all things: they move as the camera moves
them, and everything that moves by itself is before them."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np

from ...common.masks import MASKED
from ...geometry.grids import about_corner
from ...geometry.similarity import SimilarityTransform, closest_similarity
from .moving_clip import MovingClip
from .tracked import ObjectTrack

MOST_MOVING = 0.2  # of a place: with more of it unlike the scene, what is there is none of that
KERNEL_5 = np.ones((5, 5), np.uint8)


def rests(clip: MovingClip, mask: np.ndarray, frame: int) -> bool:
    """Whether what is under a mask `[H, W]` from 0 to 1 of a frame is a piece of the scene: nothing else is seen there
    in that frame, nor in most others."""
    small = clip.scene.small_mask(mask)
    there = [clip.scene.warped_mask(time, frame, small) for time in range(clip.count)]
    shares = [moving[own].mean() for moving, own in zip(clip.parts.moving, there, strict=True) if own.any()]
    return max(clip.parts.moving[frame][small].mean(), np.median(shares)) <= MOST_MOVING


def piece_at(clip: MovingClip, mask: np.ndarray, frame: int) -> ObjectTrack:
    """The piece of the scene under a mask `[H, W]` from 0 to 1 of a frame: where nothing that moves covers it."""
    scene, size = clip.scene, clip.small[1]
    ways = scene.motions @ np.linalg.inv(scene.motions[frame])  # [T, 3, 3]
    shrink = about_corner(size[0] / scene.whole_size[0], size[1] / scene.whole_size[1])
    small, masks = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA), []
    for time, way in enumerate(shrink @ ways @ np.linalg.inv(shrink)):
        there = cv2.warpPerspective(small, way, size, flags=cv2.INTER_LINEAR)
        moving = cv2.dilate(clip.parts.moving[time].astype(np.uint8), KERNEL_5)
        covered = cv2.resize(moving, size, interpolation=cv2.INTER_NEAREST) > 0
        masks.append(np.where(covered & (time != frame), 0, there))
    masks = (255 * np.stack(masks)).astype(np.uint8)
    seen, motion, given = (masks >= 128).any((1, 2)), _closest(ways, mask >= MASKED), frozenset(range(clip.count))
    return ObjectTrack(frame, motion, seen, masks, scene.whole_size, given, is_scene=True).with_shape()


def _closest(ways: np.ndarray, mask: np.ndarray) -> SimilarityTransform:
    """The similarity transforms that come closest to homographies `[T, 3, 3]` at a mask `[H, W]` bool."""
    rows, columns = np.nonzero(mask)
    ends = [(values.min() - 0.5, values.max() + 0.5) for values in (columns, rows)]  # apart, even of a single pixel
    corners = np.array([(x, y, 1) for x, y in product(*ends)]).T
    x, y, w = np.moveaxis(ways @ corners, 1, 0)  # [T, 4] each
    found = [closest_similarity(corners[0] + 1j * corners[1], there) for there in (x + 1j * y) / w]
    factors, shifts = (np.array([getattr(each, part) for each in found], complex) for part in ("factor", "shift"))
    return SimilarityTransform(factors, shifts)
