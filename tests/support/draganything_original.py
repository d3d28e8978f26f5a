"""What differs between the sampling of the original and of the host, for comparisons to the last digits. Imported in
ComfyUI's code.

Over time, the row of latent position p in half b is `r = b * HW + p`, but the released pipeline orders the contexts of
these rows position first: row r gets the context of half `r mod 2`. So every other position of the conditional half
looks at the zeros of the unconditional one. Training saw one clip at a time, and never this. The host has the right
order, and so has the pack.
"""

from __future__ import annotations

import comfy.hooks
import torch
from comfy.model_patcher import ModelPatcher

from dragnuwa.host.draganything.control import EntityControl, Scene
from dragnuwa.host.draganything.network import BLOCKS_A_LEVEL, ORIGINAL_EPSILON, residual_norms

UNCONDITIONAL = 1  # in the host's `cond_or_uncond`


def with_original_norms(model: ModelPatcher) -> ModelPatcher:
    """A clone of `model` whose group norms have the epsilons of diffusers: 1e-6 in the residual blocks of the way down,
    but for the last level, and of all of the way up. The host has 1e-5; pictures look the same.
    """
    unet = model.get_model_object("diffusion_model")
    patched = model.clone()
    down = unet.input_blocks[: -(BLOCKS_A_LEVEL - 1)]
    for part, blocks in (("input_blocks", down), ("output_blocks", unet.output_blocks)):
        for number, block in enumerate(blocks):
            for name in residual_norms(block):
                patched.add_object_patch(f"diffusion_model.{part}.{number}.{name}.eps", ORIGINAL_EPSILON)
    return patched


def order_contexts(n: torch.Tensor, context: torch.Tensor, value: torch.Tensor, options: dict):
    """A patch of the host's cross attention: contexts over time in the released order.

    Args:
        n: `[rows, sequence, C]`; over time, rows are K halves of HW positions, and the sequence is the T frames.
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


SHIPPED_ORDER = {"patches": {"attn2_patch": [order_contexts]}}
"""Options of the host that mix up both halves of guidance, as the released pipeline does."""


class ShippedOrder(EntityControl):
    """A control that samples in the released order, where both halves of guidance are in one call."""

    def __init__(self, control: EntityControl, scene: Scene):
        super().__init__(control.control_model, control.load_device, control.manual_cast_dtype)
        control.with_scene(scene, 1.0, (0.0, 1.0)).copy_to(self)
        self.scene = scene
        self.extra_hooks = comfy.hooks.HookGroup()
        self.extra_hooks.add(comfy.hooks.TransformerOptionsHook(SHIPPED_ORDER))

    def _options(self, transformer_options: dict) -> dict:
        return super()._options(transformer_options) | SHIPPED_ORDER
