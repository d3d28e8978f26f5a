"""DragAnything's network, built from blocks of the host's own UNet: the encoder of Stable Video Diffusion (SVD), the
condition encoders, and the 1x1 convolutions to the residuals."""

from __future__ import annotations

from collections.abc import Sequence

import comfy.ops
import torch
from comfy.ldm.modules.attention import BasicTransformerBlock, CrossAttention
from comfy.ldm.modules.diffusionmodules.openaimodel import (
    TimestepEmbedSequential,
    UNetModel,
    VideoResBlock,
    forward_timestep_embed,
)
from comfy.ldm.modules.diffusionmodules.util import timestep_embedding
from torch import nn

from ...models.draganything.encoders import ConditionEncoders, EncoderConfig

ORIGINAL_EPSILON = 1e-6  # of the norms in diffusers' down blocks and up blocks, where the host has 1e-5
BLOCKS_A_LEVEL = 3  # two residual blocks and a downsampling one


class EntityControlNetwork(nn.Module):
    """
    Args:
        unet_config: the host's config of the SVD UNet to whose encoder this corresponds.
        encoders: channels of the condition encoders.
        heads: attention heads per level, the last also for the middle. None for those of `unet_config`.
        operations: the host's, which cast and offload the weights.
        device: of the weights.
        dtype: of the weights.
    """

    def __init__(
        self,
        unet_config: dict,
        encoders: EncoderConfig,
        heads: Sequence[int] | None = None,
        *,
        operations=comfy.ops.disable_weight_init,
        device=None,
        dtype=None,
    ):
        super().__init__()
        factory = {"operations": operations, "device": device, "dtype": dtype}
        unet = UNetModel(**unet_config, **factory)
        self.dtype, self.model_channels = dtype, unet.model_channels
        self.context_channels = unet_config["context_dim"]
        self.time_embed, self.label_emb = unet.time_embed, unet.label_emb
        self.input_blocks, self.middle_block = unet.input_blocks, unet.middle_block
        for block in self.input_blocks[: -(BLOCKS_A_LEVEL - 1)]:  # all but the last level
            set_epsilon(block)
        if heads is not None:
            self._set_heads(heads)
        self.controlnet_cond_embedding = ConditionEncoders(encoders, **factory)
        self.skip_channels = skip_channels(unet)
        self.controlnet_down_blocks = nn.ModuleList(_projection(count, **factory) for count in self.skip_channels)
        self.controlnet_mid_block = _projection(self.skip_channels[-1], **factory)

    def forward(
        self,
        x: torch.Tensor,
        hint: torch.Tensor,
        timesteps: torch.Tensor,
        context: torch.Tensor,
        y: torch.Tensor,
        transformer_options: dict,
        time_context: torch.Tensor | None = None,
    ) -> tuple[list[torch.Tensor], torch.Tensor]:
        """
        Args:
            x: `[K * T, 8, h, w]`, scaled latents and image latents of K clips (or cond and uncond).
            hint: `[T, C, h, w]`, the encoded conditions.
            timesteps: `[K * T]` float32; a narrower type is too inaccurate for their sinusoids.
            context: `[K * T, tokens, channels]`.
            y: `[K * T, 768]`.
            transformer_options: the host's, for this network.
            time_context: as for the host's UNet.

        Returns:
            The residuals for each skip, in order, and the residual for the middle's output.
        """
        frames = len(hint)
        emb = self.time_embed(timestep_embedding(timesteps, self.model_channels).to(x.dtype)) + self.label_emb(y)
        told = {"time_context": time_context, "num_video_frames": frames}
        h, skips = x, []
        for number, (block, projection) in enumerate(zip(self.input_blocks, self.controlnet_down_blocks, strict=True)):
            transformer_options["block"] = ("input", number)
            h = forward_timestep_embed(block, h, emb, context, transformer_options, **told)
            if number == 0:
                h = (h.unflatten(0, (-1, frames)) + hint).flatten(0, 1)
            skips.append(projection(h))
        transformer_options["block"] = ("middle", 0)
        h = forward_timestep_embed(self.middle_block, h, emb, context, transformer_options, **told)
        return skips, self.controlnet_mid_block(h)

    def _set_heads(self, heads: Sequence[int]) -> None:
        """Sets the number of attention heads of each level, which cannot be inferred from the weights."""
        for number, block in enumerate(self.input_blocks[1:]):
            _divide(block, heads[min(number // BLOCKS_A_LEVEL, len(heads) - 1)])
        _divide(self.middle_block, heads[-1])


def skip_channels(unet: nn.Module) -> list[int]:
    """Output channels of each input block of an SVD UNet."""
    return [unet.model_channels, *(block[0].out_channels for block in unet.input_blocks[1:])]


def set_epsilon(block: TimestepEmbedSequential) -> None:
    """Sets the original's epsilon in the group norms of a block's residual block."""
    for norm in residual_norms(block).values():
        norm.eps = ORIGINAL_EPSILON


def residual_norms(block: TimestepEmbedSequential) -> dict[str, nn.GroupNorm]:
    """The group norms of a block's residual block, spatial and temporal, by their names in the block."""
    return {
        f"{index}.{name}": module
        for index, layer in enumerate(block)
        if isinstance(layer, VideoResBlock)
        for name, module in layer.named_modules()
        if isinstance(module, nn.GroupNorm)
    }


def _divide(block: TimestepEmbedSequential, heads: int) -> None:
    for module in block.modules():
        if isinstance(module, CrossAttention):
            channels = module.heads * module.dim_head
            if channels % heads:
                raise ValueError(f"{channels} channels of attention cannot be divided into {heads} heads.")
            module.heads, module.dim_head = heads, channels // heads
        elif isinstance(module, BasicTransformerBlock):
            channels = module.n_heads * module.d_head
            module.n_heads, module.d_head = heads, channels // heads


def _projection(channels: int, *, operations, device, dtype) -> nn.Module:
    return operations.Conv2d(channels, channels, 1, device=device, dtype=dtype)
