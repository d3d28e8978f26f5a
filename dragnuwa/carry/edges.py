"""Edges of whole things: how opaque each of their pixels is, and its own colour, so that hair and soft focus go along
with them and the old ground does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from ..common.interrupt import InterruptCheck, no_interrupt, watched
from ..vision.matting import matte, remains
from .layers import Layer, Stack
from .transforms import Box


def with_edges(stack: Stack, image: Tensor, check_interrupt: InterruptCheck = no_interrupt) -> Stack:
    """The stack with the edges that a picture shows (`dragnuwa.vision.matting`): whole things that move get the
    opacity, the colours and the hole that belong to them, also beyond their masks. What rests stays as it is.

    Args:
        stack: the layers, with opacities as masks or searches have given them.
        image: `[3, H, W]` from 0 to 1, of the stack's size.
        check_interrupt: called for every thing.
    """
    if not any(_concerns(layer) for layer in stack.things):
        return stack
    pixels = np.ascontiguousarray(image.detach().movedim(0, -1).cpu().float().numpy())
    things = (
        _with_edge(layer, pixels, stack.size) if _concerns(layer) else layer
        for layer in watched(stack.things, check_interrupt)
    )
    return replace(stack, things=tuple(things))


def _concerns(layer: Layer) -> bool:
    return layer.whole and layer.warp is not None and not layer.is_shadow


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


def own_pixels(image: Tensor, layer: Layer) -> Tensor:
    """`[3, h, w]`: the colours of a layer in its box, from the picture `[3, H, W]`; exactly the picture's where nothing
    of the ground shows through."""
    shown = image[(slice(None), *layer.box.slices)]
    if layer.colors is None:
        return shown
    edge = torch.from_numpy(layer.opacity < 1).to(image.device)
    return torch.where(edge, torch.from_numpy(layer.colors).to(image).movedim(-1, 0), shown)
