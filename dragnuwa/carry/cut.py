"""Cuts regions out of a picture: the opacity and foreground colour of each pixel along the edges of whole objects, so
that hair and soft focus move with the object and the old background does not; and the strength of shadows."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
from ..vision.matting.alpha import AROUND, own_colors
from ..vision.matting.finish import feathered, grown
from .layers import OBJECT, SHADOW, SURROUNDINGS, Layer, Region, hole_of, union_of_holes

FINISHED_MARGIN = 3  # px around a grown and feathered cut: one for its edge, two for the rim of the hole
LEAST = 0.02  # background below this is too dark to measure a shadow on
DARKEST = 0.95  # largest opacity
WINDOW, LEAST_WINDOW, MOST_WINDOW = 0.05, 5, 31  # median filter: of sqrt(area of the shadow), and limits in px
GRAIN = 1.0  # px, sigma of the blur before picture and background are compared
LEVELS = 255
Size = tuple[int, int]


def cut(regions: Sequence[Region], image: Tensor) -> tuple[Layer, ...]:
    """Layers with edges from the picture (`dragnuwa.vision.matting`): whole objects that move get their true opacity,
    colours and hole, also beyond their masks. Resting ones only get the finish that they ask for.

    Args:
        regions: with opacities from masks or segmentation. A shadow keeps its area until `with_shadows` measures it.
        image: `[3, H, W]` from 0 to 1.
    """
    pixels = None
    layers = []
    for region in watched(regions):
        colors = None
        if _has_edge(region) or _is_unfinished(region):
            if pixels is None:
                pixels = as_array(image)
            region, colors = cut_region(region, pixels)
        layers.append(layer_of(region, image, colors))
    return tuple(layers)


def cut_region(region: Region, pixels: np.ndarray) -> tuple[Region, np.ndarray | None]:
    """A region with its edge from the picture `[H, W, 3]` float32, and its colours `[h, w, 3]` there; None for the
    picture's own."""
    size, colors = pixels.shape[1::-1], None
    if _has_edge(region):
        region, colors = _with_edge(region, pixels, size)
    if _is_unfinished(region):
        region, colors = _finished(region, colors, pixels, size)
    return region, colors


def as_array(image: Tensor) -> np.ndarray:
    """`[H, W, 3]` float32 of a picture `[3, H, W]`."""
    return np.ascontiguousarray(image.detach().movedim(0, -1).cpu().float().numpy())


def _has_edge(region: Region) -> bool:
    moves = region.role == OBJECT and region.moves
    return moves and bool((region.opacity >= MASKED).any())  # what a clip's motion shows may lie beyond the picture


def _with_edge(region: Region, pixels: np.ndarray, size: Size) -> tuple[Region, np.ndarray]:
    found = matte(pixels, region.opacity_in(size))
    height, width = found.opacity.shape
    part = Box(found.left, found.top, found.left + width, found.top + height)
    hole = np.zeros(size[::-1], bool)
    hole[region.box.slices] = region.hole
    hole[part.slices] |= remains(pixels[part.slices], found.opacity, size)
    hole = hole[part.slices]
    weight = hole.astype(np.float32)
    return replace(region, box=part, opacity=found.opacity, weight=weight, hole=hole, soft=True), found.colors


def _is_unfinished(region: Region) -> bool:
    return region.role != SURROUNDINGS and (region.grow != 0 or region.feather != 0)


def _finished(
    region: Region, colors: np.ndarray | None, pixels: np.ndarray, size: Size
) -> tuple[Region, np.ndarray | None]:
    """A region with the finish (grow, feather) that it asks for.

    It is applied after matting, which would snap a cut that has grown or shrunk by a few pixels back to the edge. The
    area that the object covered before stays in its hole; otherwise a shrunk cut would leave its old rim behind. The
    outer half of a feather extends the object's own colours, not the background's; a grown area shows the picture, as
    if the outline had been drawn further out.
    """
    beyond = max(region.grow, 0) + region.feather / 2
    box = region.box.grown(math.ceil(beyond) + FINISHED_MARGIN).within(*size)
    whole = region.opacity_in(size)[box.slices]
    shape = grown(whole, region.grow) if region.grow else whole
    if colors is not None:  # a resting layer shows the picture's own pixels
        colors = own_colors(np.ascontiguousarray(pixels[box.slices]), shape, AROUND + math.ceil(region.feather / 2))
    opacity = feathered(shape, region.feather) if region.feather else shape
    hole = union_of_holes([region], size)[box.slices] | hole_of(opacity, 0)
    done = replace(region, grow=0.0, feather=0.0)
    return replace(done, box=box, opacity=opacity, weight=hole.astype(np.float32), hole=hole), colors


def layer_of(region: Region, image: Tensor, colors: np.ndarray | None) -> Layer:
    """A region with its pixels of a picture `[3, H, W]`: exactly the picture's where it is opaque, and `colors`
    `[h, w, 3]` elsewhere, if there are any."""
    shown = image[(slice(None), *region.box.slices)]
    if colors is not None:
        edge = torch.from_numpy(region.opacity < 1).to(image.device)
        shown = torch.where(edge, torch.from_numpy(colors).to(image).movedim(-1, 0), shown)
    own = torch.from_numpy(np.stack([region.weight, region.opacity])).to(image)
    height, width = image.shape[1:]
    return Layer(region, torch.cat([shown, own]), Box(0, 0, width, height))


def with_shadows(layers: tuple[Layer, ...], image: Tensor, plate: Tensor) -> tuple[Layer, ...]:
    """Layers with the measured strength of their shadows: they darken what they fall on, instead of covering it.

    A shadow is a layer of one dark colour c whose opacity a says how much of the background's light it blocks: where
    the picture p shows it over the background g, p = (1 - a) g + a c. g is the filled background, so the strength of a
    shadow is measured after filling; texture is averaged out, since that of the fill differs.

    Args:
        layers: with shadows as drawn, opaque in their outlines.
        image: `[3, H, W]` from 0 to 1.
        plate: the same without the moving objects and their shadows.
    """
    if not any(layer.region.role == SHADOW for layer in layers):
        return layers
    pixels, ground = as_array(image), as_array(plate)
    objects = (layer.region for layer in layers if layer.region.role != SHADOW)
    covered = union_of_holes(objects, pixels.shape[1::-1])

    def measured_layer(layer: Layer) -> Layer:
        box = layer.region.box.slices
        region, colors = measured(layer.region, pixels[box], ground[box], covered[box])
        return layer_of(region, image, colors)

    return tuple(measured_layer(layer) if layer.region.role == SHADOW else layer for layer in layers)


def measured(region: Region, shown: np.ndarray, ground: np.ndarray, covered: np.ndarray) -> tuple[Region, np.ndarray]:
    """A shadow with its opacity, and its colours `[h, w, 3]`.

    Args:
        shown, ground: `[h, w, 3]` in its box, the picture and the background.
        covered: `[h, w]` bool, where objects cover it.
    """
    seen = region.hole & ~covered
    opacity, color = np.zeros(region.hole.shape, np.float32), np.zeros(3, np.float32)
    if seen.any():
        light = [cv2.GaussianBlur(each, (0, 0), GRAIN) for each in (shown, ground)]  # [h, w, 3]
        channel = int(np.argmin(light[0][seen].sum(0) / np.maximum(light[1][seen].sum(0), LEAST)))
        taken = 1 - light[0][..., channel] / np.maximum(light[1][..., channel], LEAST)
        opacity = _smoothed(taken.clip(0, DARKEST).astype(np.float32), seen, region.hole)
        left = light[0] - (1 - opacity[..., None]) * light[1]
        color = left[seen].sum(0) / max(opacity[seen].sum(), LEAST)
    colors = np.broadcast_to(color.clip(0, 1).astype(np.float32), shown.shape).copy()
    return replace(region, opacity=opacity, soft=True), colors


def _smoothed(opacity: np.ndarray, seen: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """`[h, w]`: the opacity without the background's texture; extended under objects from beside them, and 0 outside
    the shadow."""
    nearest = ndimage.distance_transform_edt(~seen, return_distances=False, return_indices=True)
    opacity = np.where(inside, opacity[tuple(nearest)], 0)
    size = int(np.clip(WINDOW * np.sqrt(inside.sum()), LEAST_WINDOW, MOST_WINDOW)) | 1
    median = cv2.medianBlur((opacity * LEVELS).round().astype(np.uint8), size).astype(np.float32) / LEVELS
    return np.where(inside, cv2.GaussianBlur(median, (0, 0), size / 4), 0).astype(np.float32)
