"""A frozen Stable Video Diffusion with DragAnything's ControlNet; only the ControlNet has gradients."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .....models.draganything.checkpoint import SKIP_COUNTS
from .....models.draganything.maps import entity_map
from ...recipe import Conditions
from ...recompute import run_block


class EntityNetwork(nn.Module):
    """
    Args:
        unet: the host's, of SVD; it is frozen.
        control: `dragnuwa.host.draganything.network.EntityControlNetwork`, its residuals not multiplied.
        gradient_checkpointing: recompute each block in the backward pass instead of keeping its activations.
    """

    def __init__(self, unet: nn.Module, control: nn.Module, gradient_checkpointing: bool):
        super().__init__()
        self.unet, self.control = unet.requires_grad_(False), control.requires_grad_(True)
        self.gradient_checkpointing = gradient_checkpointing

    def forward(self, x: Tensor, noise_level: Tensor, conditions: Conditions) -> Tensor:
        """x: `[B, T, 4, h, w]`; noise_level: `[B]`, log(sigma) / 4. Returns `[B, T, 4, h, w]`."""
        from .....host.training.networks import run_unet
        from .....host.training.svd_parts import block_patches

        patches = block_patches({}, self._run)
        skips, middles = zip(
            *(self._residuals(x, noise_level, conditions, clip, patches) for clip in range(len(x))), strict=True
        )
        residuals = [torch.cat(clips) * count for count, *clips in zip(SKIP_COUNTS, *skips, strict=True)]
        return run_unet(
            self.unet,
            x,
            noise_level,
            concat=conditions.concat,
            context=conditions.context,
            numbers=conditions.numbers,
            control={"input": [], "middle": [torch.cat(middles)], "output": residuals},
            patches=patches,
        )

    def _residuals(
        self, x: Tensor, noise_level: Tensor, conditions: Conditions, clip: int, patches: dict
    ) -> tuple[list[Tensor], Tensor]:
        """The residuals of one clip: for each skip, `[T, C, h, w]`, and for the middle."""
        from .....host.training.networks import attention_options

        frames = x.shape[1]
        told = conditions.entities
        shown = zip(told.heat[clip], told.label[clip], strict=True)
        hint = torch.cat([self._run(self._encoded, heat, label, told.vectors[clip]) for heat, label in shown])
        return self.control(
            torch.cat([x[clip], conditions.concat[clip].expand(frames, -1, -1, -1)], 1),  # [T, 8, h, w]
            hint,
            noise_level[clip].expand(frames),
            conditions.context[clip].expand(frames, -1, -1),
            conditions.numbers[clip].expand(frames, -1),
            attention_options(patches=patches),
        )

    def _encoded(self, heat: Tensor, label: Tensor, vectors: Tensor) -> Tensor:
        """The hint `[1, C, h, w]` of one frame; heat and label: `[H, W]` uint8, vectors: `[N, 160]`."""
        drawn = entity_map(label.long(), vectors)[None]  # [1, 160, H, W]
        return self.control.controlnet_cond_embedding(heat.float().expand(1, 3, -1, -1), drawn)

    def _run(self, function: Callable, *inputs):
        return run_block(self.gradient_checkpointing, function, *inputs)
