"""Edges of whole objects: the opacity and foreground colour of each pixel, so that hair and soft focus move with the
object and the old background does not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..common.interrupt import InterruptCheck, no_interrupt, watched
from ..common.masks import MASKED
from ..geometry.grids import Box
from ..vision.matting import matte, remains
from ..vision.matting.finish import feathered, grown
from ..vision.matting.foreground import AROUND, own_colors
from .layers import Layer, Stack, gone, holes

FINISHED_MARGIN = 3  # px around a grown and feathered cut: one for its edge, two for the rim of the hole


def with_edges(stack: Stack, image: Tensor, check_interrupt: InterruptCheck = no_interrupt) -> Stack:
    """The stack with edges from the picture (`dragnuwa.vision.matting`): whole objects that move get their true
    opacity, colours and hole, also beyond their masks. Resting layers only get the finish that they ask for.

    Args:
        stack: the layers, with opacities from masks or segmentation.
        image: `[3, H, W]` from 0 to 1, of the stack's size.
        check_interrupt: called for every object.
    """
    if not any(_concerns(layer) or _is_unfinished(layer) for layer in stack.things):
        return stack
    pixels = np.ascontiguousarray(image.detach().movedim(0, -1).cpu().float().numpy())
    things = []
    for layer in watched(stack.things, check_interrupt):
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
