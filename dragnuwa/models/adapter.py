"""Multiscale Fusion: turns drag maps into a scale and a shift for the first residual block of every UNet level.

arXiv 2308.08089, "Multiscale Fusion". The released network has these layers inside its UNet; here they are separate,
so that the host's own UNet can be used. Keys are those of the released file, without `model.diffusion_model.`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from einops import rearrange
from torch import nn

BlockKey = tuple[str, int]  # ("input" | "output", index of the UNet block), as the host names its blocks


@dataclass(frozen=True)
class Head:
    """The position of a fusion head.

    Attributes:
        part: "input" on the way down, "output" on the way up.
        block: index of the UNet block within its part.
        level: pyramid level that feeds it; 0 is the finest.
        channels: of the residual block's output.
    """

    part: str
    block: int
    level: int
    channels: int

    @property
    def key(self) -> BlockKey:
        return self.part, self.block


@dataclass(frozen=True)
class FusionConfig:
    """The adapter's shape.

    Attributes:
        stem_channels: of the three strided convolutions that reduce the maps to the latent grid.
        level_channels: of each pyramid level, the finest first; the first equals the last of `stem_channels`.
        heads: one on the way down and one on the way up for each level.
    """

    stem_channels: tuple[int, int, int]
    level_channels: tuple[int, ...]
    heads: tuple[Head, ...]

    @classmethod
    def for_unet(cls, model_channels: int, channel_mult: tuple[int, ...], num_res_blocks: int) -> FusionConfig:
        """The adapter of a UNet with `num_res_blocks` residual blocks on each of `len(channel_mult)` levels."""
        levels, step = len(channel_mult), num_res_blocks + 1
        channels = tuple(model_channels * mult for mult in channel_mult)
        down = [Head("input", 1 + step * level, level, channels[level]) for level in range(levels)]
        up = [Head("output", step * (levels - 1 - level), level, channels[level]) for level in reversed(range(levels))]
        stem = (model_channels // 4, model_channels // 2, model_channels)
        return cls(stem, (model_channels, *channels[1:]), (*down, *up))

    @classmethod
    def from_state_dict(cls, weights: Mapping[str, torch.Tensor]) -> FusionConfig:
        """Infers the shape from an adapter's weights.

        Raises:
            ValueError: if the pyramid is incomplete, or the heads do not match its levels.
        """
        levels = sorted({int(m[1]) for key in weights if (m := re.match(r"flow_blocks\.(\d+)\.", key))})
        wanted = [f"flow_blocks.0.{i}.weight" for i in (0, 4, 8)]
        wanted += [f"flow_blocks.{level}.4.op.weight" for level in levels[1:]]
        if levels != list(range(len(levels))) or any(key not in weights for key in wanted):
            missing = [key for key in wanted if key not in weights]
            raise ValueError(f"The flow pyramid is incomplete: levels {levels} were found; missing are {missing}.")
        channels = [weights[key].shape[0] for key in wanted]
        heads = _heads(weights, len(levels))
        return cls(tuple(channels[:3]), tuple(channels[2:]), heads)


def _heads(weights: Mapping[str, torch.Tensor], levels: int) -> tuple[Head, ...]:
    found = {"input": {}, "output": {}}
    for key, weight in weights.items():
        if match := re.fullmatch(r"(input|output)_blocks\.(\d+)\.0\.flow_cond_norm\.weight", key):
            found[match[1]][int(match[2])] = weight.shape[0]
    if any(len(blocks) != levels for blocks in found.values()):
        counts = " and ".join(f"{len(blocks)} {part}" for part, blocks in found.items())
        raise ValueError(f"A pyramid of {levels} levels needs a fusion head for each, down and up; found {counts}.")
    down = [Head("input", b, level, found["input"][b]) for level, b in enumerate(sorted(found["input"]))]
    up = [Head("output", b, levels - 1 - i, found["output"][b]) for i, b in enumerate(sorted(found["output"]))]
    return (*down, *up)


def over_time(conv: nn.Conv1d, x: torch.Tensor, clips: int = 1) -> torch.Tensor:
    """Applies a convolution over the frames of `clips` clips at every pixel: `[B T, C, H, W]` to `[B T, C', H, W]`."""
    height = x.shape[2]
    x = conv(rearrange(x, "(b t) c h w -> (b h w) c t", b=clips))  # [B H W, C', T]
    return rearrange(x, "(b h w) c t -> (b t) c h w", b=clips, h=height)


class Downsample(nn.Module):
    """A strided convolution named `op`, as in SVD's UNet: `[T, C, H, W]` to `[T, C, ceil H/2, ceil W/2]`."""

    def __init__(self, channels: int, operations, **factory):
        super().__init__()
        self.op = operations.Conv2d(channels, channels, 3, stride=2, padding=1, **factory)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.op(x)


class FlowBlock(nn.Sequential):
    """One level of the pyramid; its one-dimensional convolutions run over the frames."""

    def forward(self, x: torch.Tensor, clips: int = 1) -> torch.Tensor:
        for layer in self:
            x = over_time(layer, x, clips) if isinstance(layer, nn.Conv1d) else layer(x)
        return x


def _stem(channels: tuple[int, int, int], operations, **factory) -> FlowBlock:
    layers, width = [], 2
    for out in channels:
        layers += [
            operations.Conv2d(width, out, 3, stride=2, padding=1, **factory),
            operations.Conv1d(out, out, 3, padding=1, padding_mode="replicate", **factory),
            operations.GroupNorm(8, out, **factory),
            nn.SiLU(),
        ]
        width = out
    return FlowBlock(*layers[:-2])  # the next level begins with its own norm


def _level(width: int, out: int, operations, **factory) -> FlowBlock:
    return FlowBlock(
        operations.GroupNorm(8, width, **factory),
        nn.SiLU(),
        operations.Conv2d(width, out, 3, padding=1, **factory),
        operations.Conv1d(out, out, 3, padding=1, padding_mode="replicate", **factory),
        Downsample(out, operations, **factory),
    )


class FusionHead(nn.Module):
    """Turns one pyramid level into the modulation of one residual block."""

    def __init__(self, width: int, channels: int, operations, **factory):
        super().__init__()
        self.flow_cond_norm = operations.GroupNorm(32, channels, **factory)
        for name in ("gamma", "beta"):
            spatial = operations.Conv2d(width, channels // 4, 3, padding=1, **factory)
            temporal = operations.Conv1d(channels // 4, channels, 3, padding=1, padding_mode="replicate", **factory)
            self.add_module(f"flow_{name}_spatial", spatial)
            self.add_module(f"flow_{name}_temporal", temporal)

    def forward(self, level: torch.Tensor, clips: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
        gamma = over_time(self.flow_gamma_temporal, self.flow_gamma_spatial(level), clips)  # [B T, C, h, w]
        beta = over_time(self.flow_beta_temporal, self.flow_beta_spatial(level), clips)  # [B T, C, h, w]
        return gamma, beta

    def fuse(self, h: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        """`modulate`, with this head's norm."""
        return modulate(h, self.flow_cond_norm(h), gamma, beta)


def modulate(h: torch.Tensor, normed: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
    """`h + GN(h) * gamma + beta` (arXiv 2308.08089, "Multiscale Fusion"; its released code).

    Args:
        h: `[K * T, C, h, w]`, K clips (or cond and uncond) that share the modulation.
        normed: `[K * T, C, h, w]`, GN(h).
        gamma: `[T, C, h, w]`.
        beta: `[T, C, h, w]`.

    Returns:
        `[K * T, C, h, w]`.
    """
    clips = (-1, gamma.shape[0])
    normed = normed.unflatten(0, clips)  # [K, T, C, h, w]
    return torch.addcmul(h.unflatten(0, clips) + beta, normed, gamma).flatten(0, 1)


class MultiscaleFusion(nn.Module):
    """The flow pyramid and its fusion heads.

    Args:
        config: the shape, e.g. `FusionConfig.from_state_dict(weights)`.
        operations: a namespace with Conv1d, Conv2d and GroupNorm; pass the host's to let it cast and offload weights.
        device: of the weights.
        dtype: of the weights.
    """

    def __init__(self, config: FusionConfig, *, operations=nn, device=None, dtype=None):
        super().__init__()
        factory = {"device": device, "dtype": dtype}
        channels = config.level_channels
        levels = [_level(channels[j - 1], channels[j], operations, **factory) for j in range(1, len(channels))]
        self.config = config
        self.flow_blocks = nn.ModuleList([_stem(config.stem_channels, operations, **factory), *levels])
        self.input_blocks, self.output_blocks = nn.ModuleDict(), nn.ModuleDict()
        for head in config.heads:
            module = FusionHead(channels[head.level], head.channels, operations, **factory)
            self._part(head.part)[str(head.block)] = nn.ModuleDict({"0": module})

    def _part(self, part: str) -> nn.ModuleDict:
        return self.input_blocks if part == "input" else self.output_blocks

    def head(self, key: BlockKey) -> FusionHead:
        """The fusion head of one UNet block."""
        part, block = key
        return self._part(part)[str(block)]["0"]

    def forward(self, flow: torch.Tensor, clips: int = 1) -> dict[BlockKey, tuple[torch.Tensor, torch.Tensor]]:
        """Computes every block's modulation from drag maps; it depends on neither the timestep nor the latent.

        Args:
            flow: `[B T, 2, H, W]` pixels per frame, of B clips one after the other; H and W are multiples of 8.
            clips: B.

        Returns:
            `(gamma, beta)` by UNet block, each `[B T, C, H / (8 * 2**level), W / (8 * 2**level)]`, rounded up.
        """
        levels, x = [], flow
        for block in self.flow_blocks:
            x = block(x, clips)
            levels.append(x)
        return {head.key: self.head(head.key)(levels[head.level], clips) for head in self.config.heads}
