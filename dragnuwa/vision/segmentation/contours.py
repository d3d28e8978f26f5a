"""Converts masks to outlines: rings of points, as objects in the trajectory format use them."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from ...common.errors import InputError
from ...common.images import Part
from ...common.masks import as_things, masks_for
from ...trajectory.objects import Outline
from ...trajectory.objects.types import MAX_OBJECTS, MAX_RINGS

FINER = 2  # upsampling of the mask before contours are traced
STRAY = 0.6  # px of the mask: initial tolerance when a ring is simplified
SMALLEST = 9.0  # px of the mask: area of the smallest ring that is kept
MOST_POINTS = 400  # in all rings together


def outline_of(mask: np.ndarray) -> Outline:
    """The outline of a mask `[H, W]` from 0 to 1 at the threshold 0.5, in fractions of its sides; empty if the mask
    reaches 0.5 nowhere. Holes are rings, too. Specks are dropped, and detail where there would be too many points.
    """
    height, width = mask.shape
    padded = np.pad(mask.astype(np.float32), 1)
    size = (width + 2) * FINER, (height + 2) * FINER
    sharp = (cv2.resize(padded, size, interpolation=cv2.INTER_LINEAR) >= 0.5).astype(np.uint8)
    found, _ = cv2.findContours(sharp, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings = [ring for ring in found if cv2.contourArea(ring) >= SMALLEST * FINER**2]
    rings = sorted(rings, key=cv2.contourArea, reverse=True)[:MAX_RINGS]
    stray = STRAY * FINER
    simple = _simplified(rings, stray)
    while sum(map(len, simple)) > MOST_POINTS and stray < max(size):
        stray *= 1.5
        simple = _simplified(rings, stray)
    scaled = [((ring[:, 0] + 0.5) / FINER - 1) / (width, height) for ring in simple]
    return tuple(tuple((x, y) for x, y in ring.round(6).tolist()) for ring in scaled)


def outline_in_clip(mask: np.ndarray, place: Part, clip: tuple[int, int]) -> Outline:
    """As `outline_of`, in fractions of a clip (width, height) that shows the picture, and so its mask, at `place`."""
    offset, part = np.array([place.left, place.top]) / clip, np.array([place.columns, place.rows]) / clip
    return tuple(
        tuple((x, y) for x, y in (np.array(ring) * part + offset).round(6).tolist()) for ring in outline_of(mask)
    )


def _simplified(rings: list[np.ndarray], stray: float) -> list[np.ndarray]:
    simple = (cv2.approxPolyDP(ring, stray, closed=True) for ring in rings)
    return [ring for ring in simple if len(ring) >= 3 and cv2.contourArea(ring) > 0]


def outlines_of_masks(
    masks: torch.Tensor, picture: tuple[int, int], clip: tuple[int, int], mode: str
) -> list[list[list[dict[str, float]]]]:
    """The outline of each mask in fractions of the clip, ready for JSON; empty for an empty mask.

    Args:
        masks: same format as `as_masks`, of the picture's size or the clip's.
        picture, clip: (width, height) in pixels.
        mode: how the picture is fitted, as `dragnuwa.common.images.fit` says.

    Raises:
        InputError: if the masks have another shape or size, or there are more than `MAX_OBJECTS`.
    """
    masks = as_things(masks)
    if len(masks) > MAX_OBJECTS:
        raise InputError(f"masks should be at most {MAX_OBJECTS}; found {len(masks)}. Connect fewer of them.")
    fitted = masks_for(clip, masks, picture, clip, mode).cpu().numpy()
    return [[[{"x": x, "y": y} for x, y in ring] for ring in outline_of(mask)] for mask in fitted]
