"""The part of the ControlNet that reads the maps: two small stacks of convolutions down to the latent grid.

They run tile by tile, so that the 160 channels of the entity map and of the layers at full resolution never exist for
more than one tile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from .entities import LATENT
from .maps import CHANNELS, entity_map

TILE = 128  # px, side of a tile; 20 MB in float32 with its halo and 160 channels
HALO = 24  # px around a tile; the encoders' receptive field reaches 23 px


@dataclass(frozen=True)
class EncoderConfig:
    """Channels of both encoders.

    Attributes:
        heat: of the heat map's stack, the last being the model's: (16, 32, 96, 256, 320) in the released model.
        entity: of the entity map's: (160, 160, 256, 256, 320).
    """

    heat: tuple[int, ...]
    entity: tuple[int, ...]

    @classmethod
    def from_state_dict(cls, weights: Mapping[str, torch.Tensor]) -> EncoderConfig:
        """Infers the shape from the weights of `ConditionEncoders`.

        Raises:
            KeyError: if a key that determines the shape is missing.
        """
        heat = [weights[f"{name}.weight"].shape[0] for name in ("conv_in", *(f"blocks.{i}" for i in (1, 3, 5)))]
        entity = [CHANNELS, *(weights[f"blocks_feature.{i}.weight"].shape[0] for i in (1, 3, 5))]
        return cls((*heat, weights["conv_out.weight"].shape[0]), (*entity, weights["conv_out_feature.weight"].shape[0]))


class ConditionEncoders(nn.Module):
    """The released ControlNet's `controlnet_cond_embedding`: E_heat(heat map) + E_entity(entity map).

    Args:
        config: channels, e.g. `EncoderConfig.from_state_dict(weights)`.
        operations: a namespace with Conv2d; pass the host's to let it cast and offload weights.
        device: of the weights.
        dtype: of the weights.
    """

    def __init__(self, config: EncoderConfig, *, operations=nn, device=None, dtype=None):
        super().__init__()
        factory = {"device": device, "dtype": dtype}
        self.config = config
        self.conv_in = operations.Conv2d(3, config.heat[0], 3, padding=1, **factory)
        self.blocks = _blocks(config.heat[:-1], operations, **factory)
        self.conv_out = operations.Conv2d(*config.heat[-2:], 3, padding=1, **factory)
        self.blocks_feature = _blocks(config.entity[:-1], operations, **factory)
        self.conv_out_feature = operations.Conv2d(*config.entity[-2:], 3, padding=1, **factory)

    @property
    def channels(self) -> int:
        """Number of output channels."""
        return self.config.heat[-1]

    def forward(self, heat: torch.Tensor, entities: torch.Tensor) -> torch.Tensor:
        """
        Args:
            heat: `[B, 3, H, W]` from 0 to 255; H and W are multiples of 8.
            entities: `[B, 160, H, W]`.

        Returns:
            `[B, C, H / 8, W / 8]`.
        """
        return self.conv_out(_through([self.conv_in, *self.blocks], heat)) + self.conv_out_feature(
            _through(self.blocks_feature, entities)
        )

    def encode(self, heat: torch.Tensor, label: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """Encodes one frame, tile by tile.

        Args:
            heat: `[H, W]` from 0 to 255, in the dtype of the computation.
            label: `[H, W]` int64, from `dragnuwa.models.draganything.maps.labels`.
            vectors: `[N, 160]`, from `dragnuwa.models.draganything.maps.averaged`.

        Returns:
            `[C, H / 8, W / 8]`.
        """
        height, width = heat.shape
        hint = heat.new_empty(self.channels, height // LATENT, width // LATENT)
        for rows in _spans(height):
            for columns in _spans(width):
                seen = (rows.seen, columns.seen)
                drawn = entity_map(label[seen], vectors)[None]
                encoded = self(heat[seen].expand(1, 3, -1, -1), drawn)[0]
                hint[:, rows.latent, columns.latent] = encoded[:, rows.kept, columns.kept]
        return hint


@dataclass(frozen=True)
class Span:
    """A tile's extent along one axis.

    Attributes:
        seen: the tile with its halo, in pixels.
        latent: the tile, in latent pixels.
        kept: the tile within the encoders' output for `seen`, in latent pixels.
    """

    seen: slice
    latent: slice
    kept: slice


def _spans(side: int) -> Iterator[Span]:
    for start in range(0, side, TILE):
        end, first = min(start + TILE, side), max(start - HALO, 0)
        latent = slice(start // LATENT, end // LATENT)
        kept = slice((start - first) // LATENT, (end - first) // LATENT)
        yield Span(slice(first, min(end + HALO, side)), latent, kept)


def _blocks(channels: Sequence[int], operations, **factory) -> nn.ModuleList:
    """For each pair of consecutive channel counts, a convolution that keeps the size and one that halves it."""
    layers = []
    for before, after in pairwise(channels):
        layers.append(operations.Conv2d(before, before, 3, padding=1, **factory))
        layers.append(operations.Conv2d(before, after, 3, padding=1, stride=2, **factory))
    return nn.ModuleList(layers)


def _through(layers: Sequence[nn.Module], x: torch.Tensor) -> torch.Tensor:
    for layer in layers:
        x = nn.functional.silu(layer(x), inplace=not torch.is_grad_enabled())
    return x
