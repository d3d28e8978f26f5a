"""The part of the control net that reads the maps: two small stacks of convolutions from pictures to the latent grid.

They run on squares of the picture, one after the other, so that the 160 channels of the entity map and of the layers at
full size never exist for more than one square.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from .entities import LATENT
from .maps import CHANNELS, entity_map

TILE = 128  # px, side of what is encoded at once; with its halo and 160 channels 20 MB in float32
HALO = 24  # px around it: the encoders look 23 px far, and what they do not see must not count


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
        """Reads the shape off the weights of `ConditionEncoders`.

        Raises:
            KeyError: if a key that tells the shape is missing.
        """
        heat = [weights[f"{name}.weight"].shape[0] for name in ("conv_in", *(f"blocks.{i}" for i in (1, 3, 5)))]
        entity = [CHANNELS, *(weights[f"blocks_feature.{i}.weight"].shape[0] for i in (1, 3, 5))]
        return cls((*heat, weights["conv_out.weight"].shape[0]), (*entity, weights["conv_out_feature.weight"].shape[0]))


class ConditionEncoders(nn.Module):
    """The released ControlNet's `controlnet_cond_embedding`: E_heat(heat map) + E_entity(entity map).

    Args:
        config: channels, e.g. `EncoderConfig.from_state_dict(weights)`.
        operations: a namespace with Conv2d; the host's, if it is to cast and offload the weights.
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
        """Of the result."""
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
        """One frame, square by square.

        Args:
            heat: `[H, W]` from 0 to 255, in the dtype of the computation.
            label: `[H, W]` int64, as `dragnuwa.models.draganything.maps.labels` gives it.
            vectors: `[N, 160]`, as `dragnuwa.models.draganything.maps.averaged` gives them.

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
    """A part of one side of the picture.

    Attributes:
        seen: in pixels, the part with its halo.
        latent: in latent pixels, the part.
        kept: the same in what the encoders make of `seen`.
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
    """Of each pair of neighbours, a convolution that keeps the size and one that halves it."""
    layers = []
    for before, after in pairwise(channels):
        layers.append(operations.Conv2d(before, before, 3, padding=1, **factory))
        layers.append(operations.Conv2d(before, after, 3, padding=1, stride=2, **factory))
    return nn.ModuleList(layers)


def _through(layers: Sequence[nn.Module], x: torch.Tensor) -> torch.Tensor:
    for layer in layers:
        x = nn.functional.silu(layer(x), inplace=not torch.is_grad_enabled())
    return x
