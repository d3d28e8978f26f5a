"""Shadows that move with objects: they darken what they fall on, instead of covering it.

A shadow is a layer of one dark colour c whose opacity a says how much of the background's light it blocks: where the
picture p shows it over the background g, p = (1 - a) g + a c. g is the filled background, so the strength of a shadow
is measured after filling; texture is averaged out, since that of the fill differs.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from scipy import ndimage
from torch import Tensor

from .layers import Layer, Stack, holes

LEAST = 0.02  # background below this is too dark to measure a shadow on
DARKEST = 0.95  # largest opacity
WINDOW, LEAST_WINDOW, MOST_WINDOW = 0.05, 5, 31  # median filter: of sqrt(area of the shadow), and limits in px
GRAIN = 1.0  # px, sigma of the blur before picture and background are compared
LEVELS = 255


def with_shadows(stack: Stack, image: Tensor, plate: Tensor) -> Stack:
    """The stack with the measured strength of its shadows.

    Args:
        stack: with shadows as drawn, opaque in their outlines.
        image: `[3, H, W]` from 0 to 1, of the stack's size.
        plate: the same without the moving objects and their shadows.
    """
    if not any(layer.is_shadow for layer in stack.things):
        return stack
    pixels, ground = (np.ascontiguousarray(each.detach().movedim(0, -1).cpu().float()) for each in (image, plate))
    covered = holes([layer for layer in stack.things if not layer.is_shadow], stack.size)
    things = (
        measured(layer, pixels[layer.box.slices], ground[layer.box.slices], covered[layer.box.slices])
        if layer.is_shadow
        else layer
        for layer in stack.things
    )
    return replace(stack, things=tuple(things))


def measured(layer: Layer, shown: np.ndarray, ground: np.ndarray, covered: np.ndarray) -> Layer:
    """A shadow with its opacity and colour, from the picture and the background `[h, w, 3]`, and `[h, w]` bool, where
    objects cover it."""
    seen = layer.hole & ~covered
    opacity, color = np.zeros(layer.hole.shape, np.float32), np.zeros(3, np.float32)
    if seen.any():
        light = [cv2.GaussianBlur(each, (0, 0), GRAIN) for each in (shown, ground)]  # [h, w, 3]
        channel = int(np.argmin(light[0][seen].sum(0) / np.maximum(light[1][seen].sum(0), LEAST)))
        taken = 1 - light[0][..., channel] / np.maximum(light[1][..., channel], LEAST)
        opacity = _smoothed(taken.clip(0, DARKEST).astype(np.float32), seen, layer.hole)
        left = light[0] - (1 - opacity[..., None]) * light[1]
        color = left[seen].sum(0) / max(opacity[seen].sum(), LEAST)
    colors = np.broadcast_to(color.clip(0, 1).astype(np.float32), shown.shape).copy()
    return replace(layer, opacity=opacity, colors=colors)


def _smoothed(opacity: np.ndarray, seen: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """`[h, w]`: the opacity without the background's texture; extended under objects from beside them, and 0 outside
    the shadow."""
    nearest = ndimage.distance_transform_edt(~seen, return_distances=False, return_indices=True)
    opacity = np.where(inside, opacity[tuple(nearest)], 0)
    size = int(np.clip(WINDOW * np.sqrt(inside.sum()), LEAST_WINDOW, MOST_WINDOW)) | 1
    median = cv2.medianBlur((opacity * LEVELS).round().astype(np.uint8), size).astype(np.float32) / LEVELS
    return np.where(inside, cv2.GaussianBlur(median, (0, 0), size / 4), 0).astype(np.float32)
