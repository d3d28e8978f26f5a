"""Shadows that go along with things: they darken what they fall on, instead of covering it.

A shadow is a layer of one dark colour c whose opacity a says how much of the ground's light it takes. Where the picture
p shows it over the ground g, p = (1 - a) g + a c. The ground is the filled background, so the strength of a shadow is
measured once the background is filled; texture of the ground is averaged away, since the fill has another one.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from scipy import ndimage
from torch import Tensor

from .layers import Layer, Stack, holes

LEAST = 0.02  # light of the ground below which nothing can be darkened
DARKEST = 0.95  # largest opacity
WINDOW, LEAST_WINDOW, MOST_WINDOW = 0.05, 5, 31  # of the root of the shadow's area, and px: of the median
GRAIN = 1.0  # px, sigma by which picture and ground are blurred before they are compared
LEVELS = 255


def with_shadows(stack: Stack, image: Tensor, plate: Tensor) -> Stack:
    """The stack with the strength of the shadows that it has.

    Args:
        stack: whose shadows are as they were drawn, opaque in their outlines.
        image: `[3, H, W]` from 0 to 1, of the stack's size.
        plate: the same without the things that move, and without their shadows.
    """
    if not any(layer.is_shadow for layer in stack.things):
        return stack
    pixels, ground = (np.ascontiguousarray(each.detach().movedim(0, -1).cpu().float()) for each in (image, plate))
    covered = holes([layer for layer in stack.things if not layer.is_shadow], stack.size)
    things = (
        _measured(layer, pixels[layer.box.slices], ground[layer.box.slices], covered[layer.box.slices])
        if layer.is_shadow
        else layer
        for layer in stack.things
    )
    return replace(stack, things=tuple(things))


def _measured(layer: Layer, shown: np.ndarray, ground: np.ndarray, covered: np.ndarray) -> Layer:
    """A shadow with its opacity and colour; `[h, w, 3]` of the picture and of the ground, and `[h, w]` bool, where
    things cover it."""
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
    """`[h, w]`: the opacity without the texture of the ground; under things as where it is seen beside them, and
    nothing outside."""
    nearest = ndimage.distance_transform_edt(~seen, return_distances=False, return_indices=True)
    opacity = np.where(inside, opacity[tuple(nearest)], 0)
    size = int(np.clip(WINDOW * np.sqrt(inside.sum()), LEAST_WINDOW, MOST_WINDOW)) | 1
    median = cv2.medianBlur((opacity * LEVELS).round().astype(np.uint8), size).astype(np.float32) / LEVELS
    return np.where(inside, cv2.GaussianBlur(median, (0, 0), size / 4), 0).astype(np.float32)
