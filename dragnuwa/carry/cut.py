"""Cuts layers out of a picture: the opacity and foreground colour of each pixel along the edges of whole objects, so
that hair and soft focus move with the object and the old background does not; and the strength of shadows."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from ..common.interrupt import watched
from ..common.masks import MASKED
from ..geometry.grids import Box
from ..vision.matting import matte, remains
from ..vision.matting.finish import feathered, grown
from ..vision.matting.foreground import AROUND, own_colors
from .layers import Layer, Stack, gone, holes

FINISHED_MARGIN = 3  # px around a grown and feathered cut: one for its edge, two for the rim of the hole
LEAST = 0.02  # background below this is too dark to measure a shadow on
DARKEST = 0.95  # largest opacity
WINDOW, LEAST_WINDOW, MOST_WINDOW = 0.05, 5, 31  # median filter: of sqrt(area of the shadow), and limits in px
GRAIN = 1.0  # px, sigma of the blur before picture and background are compared
LEVELS = 255


def with_edges(stack: Stack, image: Tensor) -> Stack:
    """The stack with edges from the picture (`dragnuwa.vision.matting`): whole objects that move get their true
    opacity, colours and hole, also beyond their masks. Resting layers only get the finish that they ask for.

    Args:
        stack: the layers, with opacities from masks or segmentation.
        image: `[3, H, W]` from 0 to 1, of the stack's size.
    """
    if not any(_concerns(layer) or _is_unfinished(layer) for layer in stack.things):
        return stack
    pixels = np.ascontiguousarray(image.detach().movedim(0, -1).cpu().float().numpy())
    things = []
    for layer in watched(stack.things):
        found = _with_edge(layer, pixels, stack.size) if _concerns(layer) else layer
        things.append(_finished(found, pixels, stack.size) if _is_unfinished(layer) else found)
    return replace(stack, things=tuple(things))


def _concerns(layer: Layer) -> bool:
    moves = layer.whole and layer.warp is not None and not layer.is_shadow
    return moves and bool((layer.opacity >= MASKED).any())  # what a clip's motion shows may lie beyond the picture


def _with_edge(layer: Layer, pixels: np.ndarray, size: tuple[int, int]) -> Layer:
    found = matte(pixels, layer.opacity_in(size))
    height, width = found.opacity.shape
    part = Box(found.left, found.top, found.left + width, found.top + height)
    hole = np.zeros(size[::-1], bool)
    hole[layer.box.slices] = layer.hole
    hole[part.slices] |= remains(pixels[part.slices], found.opacity, size)
    hole = hole[part.slices]
    return replace(
        layer, box=part, opacity=found.opacity, weight=hole.astype(np.float32), hole=hole, colors=found.colors
    )


def _is_unfinished(layer: Layer) -> bool:
    return layer.whole and (layer.grow != 0 or layer.feather != 0)


def _finished(layer: Layer, pixels: np.ndarray, size: tuple[int, int]) -> Layer:
    """A layer with the finish (grow, feather) that it asks for.

    It is applied after matting, which would snap a cut that has grown or shrunk by a few pixels back to the edge. The
    area that the object covered before stays in its hole; otherwise a shrunk cut would leave its old rim behind. The
    outer half of a feather extends the object's own colours, not the background's; a grown area shows the picture, as
    if the outline had been drawn further out.
    """
    beyond = max(layer.grow, 0) + layer.feather / 2
    box = layer.box.grown(math.ceil(beyond) + FINISHED_MARGIN).within(*size)
    whole = layer.opacity_in(size)[box.slices]
    cut = grown(whole, layer.grow) if layer.grow else whole
    colors = None  # a resting layer shows the picture's own pixels
    if layer.colors is not None:
        colors = own_colors(np.ascontiguousarray(pixels[box.slices]), cut, AROUND + math.ceil(layer.feather / 2))
    opacity = feathered(cut, layer.feather) if layer.feather else cut
    hole = holes([layer], size)[box.slices] | gone(opacity, 0)
    done = replace(layer, grow=0.0, feather=0.0)
    return replace(done, box=box, opacity=opacity, weight=hole.astype(np.float32), hole=hole, colors=colors)


def own_pixels(image: Tensor, layer: Layer) -> Tensor:
    """`[3, h, w]`: the colours of a layer in its box, from the picture `[3, H, W]`; exactly the picture's where the
    layer is opaque."""
    shown = image[(slice(None), *layer.box.slices)]
    if layer.colors is None:
        return shown
    edge = torch.from_numpy(layer.opacity < 1).to(image.device)
    return torch.where(edge, torch.from_numpy(layer.colors).to(image).movedim(-1, 0), shown)


def with_shadows(stack: Stack, image: Tensor, plate: Tensor) -> Stack:
    """The stack with the measured strength of its shadows: they darken what they fall on, instead of covering it.

    A shadow is a layer of one dark colour c whose opacity a says how much of the background's light it blocks: where
    the picture p shows it over the background g, p = (1 - a) g + a c. g is the filled background, so the strength of a
    shadow is measured after filling; texture is averaged out, since that of the fill differs.

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
