"""Masks as outlines: rings of points, as objects of the trajectory format have them."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from ...common.errors import InputError
from ...common.images import Part
from ...common.masks import as_things, masks_for
from ...trajectory.objects import Outline
from ...trajectory.objects.types import MAX_OBJECTS, MAX_RINGS

FINER = 2  # times the mask's size, at which rings are followed
STRAY = 0.6  # px of the mask, by which a ring may stray from the edge, at first
SMALLEST = 9.0  # px of the mask, area of the smallest ring that is kept
MOST_POINTS = 400  # in all rings


def outline_of(mask: np.ndarray) -> Outline:
    """The outline of a mask `[H, W]` from 0 to 1, where it has at least a half, in fractions of its sides; no ring
    where it has that nowhere. Holes are rings, too. Specks are left out, and details where there would be too many
    points.
    """
    height, width = mask.shape
    around = np.pad(mask.astype(np.float32), 1)
    size = (width + 2) * FINER, (height + 2) * FINER
    sharp = (cv2.resize(around, size, interpolation=cv2.INTER_LINEAR) >= 0.5).astype(np.uint8)
    found, _ = cv2.findContours(sharp, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings = [ring for ring in found if cv2.contourArea(ring) >= SMALLEST * FINER**2]
    rings = sorted(rings, key=cv2.contourArea, reverse=True)[:MAX_RINGS]
    stray = STRAY * FINER
    simple = _simplified(rings, stray)
    while sum(map(len, simple)) > MOST_POINTS and stray < max(size):
        stray *= 1.5
        simple = _simplified(rings, stray)
    places = [((ring[:, 0] + 0.5) / FINER - 1) / (width, height) for ring in simple]
    return tuple(tuple((x, y) for x, y in ring.round(6).tolist()) for ring in places)


def outline_in_clip(mask: np.ndarray, place: Part, clip: tuple[int, int]) -> Outline:
    """The same in fractions of a clip (width, height), of a mask of the picture that the clip shows at a place."""
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
    """The outline of each mask in fractions of the clip, as JSON has it; no ring where a mask is empty.

    Args:
        masks: as `as_masks` takes it, of the picture's size or the clip's.
        picture, clip: (width, height) in pixels.
        mode: how the picture is fitted, as `dragnuwa.common.images.fit` says.

    Raises:
        InputError: of another form or size, or more masks than there can be objects.
    """
    masks = as_things(masks)
    if len(masks) > MAX_OBJECTS:
        raise InputError(f"masks should be at most {MAX_OBJECTS}; found {len(masks)}. Connect fewer of them.")
    fitted = masks_for(clip, masks, picture, clip, mode).cpu().numpy()
    return [[[{"x": x, "y": y} for x, y in ring] for ring in outline_of(mask)] for mask in fitted]
