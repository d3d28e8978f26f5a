"""The network that is trained: the host's video UNet with Multiscale Fusion, for batches of clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ....adapter import BlockKey, FusionConfig, MultiscaleFusion
from ...attention import on_cpu
from .autoencoder import LATENT_SCALE
from .text_encoder import TextEncoder

Modulation = dict[BlockKey, tuple[Tensor, Tensor]]  # gamma and beta by block


@dataclass(frozen=True)
class NetworkConfig:
    model_channels: int = 64
    channel_mult: tuple[int, ...] = (1, 2, 2)
    num_res_blocks: int = 1
    head_channels: int = 32
    context_dim: int = 48
    text_layers: int = 2


@dataclass(frozen=True)
class Conditions:
    """What the network is told of `B` clips of `T` frames.

    concat: `[B, 4, h, w]` latent of the start picture as the host's VAE gives it (not scaled), zero without a picture.
    context: `[B, L, C]`, zero without a text or None where the network has a text encoder of its own; that one reads
    tokens `[B, 77]`, and told `[B]` is false where the text is dropped. flow: `[B, T, 2, H, W]` drag maps. numbers:
    `[B, 768]`, SVD's frame rate less one, motion bucket and augmentation as the host embeds them.
    """

    concat: Tensor
    context: Tensor | None
    flow: Tensor
    numbers: Tensor
    tokens: Tensor | None = None
    told: Tensor | None = None


class DragNetwork(nn.Module):
    """The UNet, the adapter and the text encoder; `forward` gives the raw output for a scaled input."""

    def __init__(self, config: NetworkConfig):
        super().__init__()
        from ....host.training.trainable import video_unet

        self.config = config
        self.unet = video_unet(
            model_channels=config.model_channels,
            channel_mult=config.channel_mult,
            num_res_blocks=config.num_res_blocks,
            head_channels=config.head_channels,
            context_dim=config.context_dim,
        )
        self.fusion = MultiscaleFusion(
            FusionConfig.for_unet(config.model_channels, config.channel_mult, config.num_res_blocks)
        )
        self.text = TextEncoder(config.context_dim, config.text_layers)
        self._modulation: Modulation = {}
        _initialise(self.unet)
        for head in self.fusion.config.heads:
            blocks = self.unet.input_blocks if head.part == "input" else self.unet.output_blocks
            blocks[head.block][0].in_layers.register_forward_hook(self._fuse(head.key))

    def forward(self, x: Tensor, noise_level: Tensor, conditions: Conditions) -> Tensor:
        """x: `[B, T, 4, h, w]`; noise_level: `[B]`, log(sigma) / 4. Returns `[B, T, 4, h, w]`."""
        self._modulation = joined([self.fusion(flow) for flow in conditions.flow])  # one clip a call
        context = conditions.context
        if context is None:
            context = self.text.read(conditions.tokens, conditions.told)  # [B, 77, C]
        out = run_unet(self.unet, x, noise_level, conditions, context)
        self._modulation = {}
        return out

    def _fuse(self, key: BlockKey):
        def hook(module: nn.Module, inputs: tuple, h: Tensor) -> Tensor:
            return self.fusion.head(key).fuse(h, *self._modulation[key])

        return hook


def joined(modulations: Sequence[Modulation]) -> Modulation:
    """gamma and beta of clips, one after the other: `[B T, C, h, w]`."""
    return {
        key: tuple(torch.cat([clip[key][part] for clip in modulations]) for part in (0, 1)) for key in modulations[0]
    }


def run_unet(
    unet: nn.Module, x: Tensor, noise_level: Tensor, conditions: Conditions, context: Tensor, **options
) -> Tensor:
    """The host's video UNet on clips x `[B, T, 4, h, w]`, with `options` for its blocks. Returns `[B, T, 4, h, w]`."""
    frames = x.shape[1]
    concat = conditions.concat[:, None].expand(-1, frames, -1, -1, -1)
    out = unet(
        torch.cat([x, concat], 2).flatten(0, 1),
        noise_level.repeat_interleave(frames),
        context.repeat_interleave(frames, 0),
        conditions.numbers.repeat_interleave(frames, 0),
        transformer_options={"optimized_attention_override": on_cpu, **options},
        num_video_frames=frames,
    )  # [B T, 4, h, w]
    return out.unflatten(0, x.shape[:2])


def _initialise(unet: nn.Module) -> None:
    """Residual branches and the output begin at zero; the raw start latents come in at the scale of the rest."""
    with torch.no_grad():
        for name, layer in unet.named_modules():
            if name.endswith(("out_layers.3", "proj_out")) or name == "out.2":
                layer.weight.zero_()
                layer.bias.zero_()
        unet.input_blocks[0][0].weight[:, 4:].mul_(LATENT_SCALE)
