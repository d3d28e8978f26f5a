"""The batch order of the released pipeline, which mixes up the two halves of guidance, for exact comparisons.

Over time, the row of latent position p in half b is `r = b * HW + p`, but the released code orders the contexts of
these rows position first: row r gets the context of half `r mod 2`. So every other position of the conditional half
attends to the zeros of the unconditional one. This never happens in training, with one clip at a time. The host has the
right order.
"""

from __future__ import annotations

import comfy.hooks
import torch

from ...common.clip_shape import ClipShape
from ...models.draganything.entities import LATENT

LEVELS = 4
UNCONDITIONAL = 1  # in the host's `cond_or_uncond`


def order_contexts(n: torch.Tensor, context: torch.Tensor, value: torch.Tensor, options: dict):
    """A patch of the host's cross attention ("attn2_patch"): temporal contexts in the released order.

    Args:
        n: `[rows, sequence, C]`; in temporal layers, rows are K halves of HW positions, and the sequence is T frames.
        context, value: `[rows, tokens, C']`.
        options: the host's transformer options.
    """
    halves = options["cond_or_uncond"]
    batch, _, height, width = options["activations_shape"]
    positions, frames = height * width, batch // len(halves)
    if len(halves) == 1 or n.shape[:2] != (len(halves) * positions, frames):
        return n, context, value
    # The released pipeline stacks the unconditional half first.
    order = sorted(range(len(halves)), key=lambda chunk: halves[chunk] != UNCONDITIONAL)
    rows = torch.arange(len(halves) * positions, device=n.device)
    place = torch.tensor([order.index(chunk) for chunk in range(len(halves))], device=n.device)
    released = place[rows // positions] * positions + rows % positions
    taken = torch.tensor(order, device=n.device)[released % len(halves)] * positions
    return n, context[taken], value[taken]


def shipped_order_hooks() -> comfy.hooks.HookGroup:
    """The patch for the sampling model, as hooks that a control can carry."""
    group = comfy.hooks.HookGroup()
    group.add(comfy.hooks.TransformerOptionsHook({"patches": {"attn2_patch": [order_contexts]}}))
    return group


def check_shape(clip: ClipShape) -> None:
    """
    Raises:
        ValueError: if a level of the UNet has as many positions as the clip has frames, so that attention over time
            cannot be told from attention over the picture.
    """
    width, height = clip.width // LATENT, clip.height // LATENT
    for _ in range(LEVELS):
        if width * height == clip.frames:
            raise ValueError(
                f"The shipped batch order cannot be had with {clip.frames} frames at this size. Change the number of "
                "frames by one, or switch it off."
            )
        width, height = -(-width // 2), -(-height // 2)
