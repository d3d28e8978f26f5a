"""The files of the two networks that find objects: safetensors in half precision."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ...common.errors import InputError
from .network import DEVIATION, MEAN, ClickNetwork

MODELS = Path(__file__).parents[3] / "models" / "finding"
CLICK_FILE, SALIENCY_FILE = "dragnuwa-click.safetensors", "u2netp.safetensors"
LARGEST = 32 * 2**20  # bytes of a file that is read
BITS = 9  # of a weight's 11 significant bits that are written: the archive compresses what is rounded

Network = TypeVar("Network", bound=nn.Module)
log = logging.getLogger(__name__)
SIDE = 288  # px, of the square that a picture is stretched to; in training 320, in which nothing more is found
NARROW, WIDE = 16, 64  # channels within a block, and between blocks
DEPTHS = 7, 6, 5, 4  # convolutions on the way down in the blocks of the first four stages
DILATIONS = 1, 2, 4, 8  # of the blocks that do not pool


@dataclass(frozen=True)
class Networks:
    """
    Attributes:
        click: what is meant by clicks and boxes.
        saliency: where a picture's main subject is.
    """

    click: ClickNetwork
    saliency: SaliencyNetwork


@lru_cache(maxsize=1)
def shipped() -> Networks | None:
    """The networks of the pack's folder models/finding, on the CPU; None where a file is missing or refused, which is
    logged once."""
    try:
        return Networks(load(MODELS / CLICK_FILE, ClickNetwork()), load(MODELS / SALIENCY_FILE, SaliencyNetwork()))
    except InputError as error:
        log.warning("%s What is under a click is found by colours and edges alone.", error)
        return None


def load(path: Path, network: Network) -> Network:
    """A network with the weights of a file, in float32 on the CPU.

    Raises:
        InputError: if there is no file, or it is no safetensors file of this network, with all tensors of their shapes
            and finite.
    """
    if not path.exists():
        raise InputError(f"There is no {path.name} in the pack's folder models/finding. Get the pack's own file again.")
    if path.stat().st_size > LARGEST:
        raise InputError(f"{path.name} should have at most {LARGEST // 2**20} MiB. Get the pack's own file again.")
    try:
        found = load_file(path)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path.name} cannot be read as a safetensors file. Get the pack's own file again.") from error
    shapes = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    if {key: tuple(tensor.shape) for key, tensor in found.items()} != shapes:
        raise InputError(f"{path.name} holds another network's weights. Get the pack's own file again.")
    weights = {key: tensor.float() for key, tensor in found.items()}
    if not all(bool(tensor.isfinite().all()) for tensor in weights.values()):
        raise InputError(f"{path.name} holds weights that are not finite. Get the pack's own file again.")
    network.load_state_dict(weights)
    # channels last, in which the convolutions of a CPU take two thirds of the time
    return network.requires_grad_(False).train(False).to(memory_format=torch.channels_last)


def save(weights: Mapping[str, Tensor], path: Path, *, licence: str) -> None:
    """Writes weights in half precision, rounded to `BITS` significant bits."""
    halves = {key: rounded(tensor.detach().cpu()).contiguous() for key, tensor in weights.items()}
    save_file(halves, path, {"licence": licence})


def rounded(tensor: Tensor) -> Tensor:
    """float16 of `BITS` significant bits."""
    mantissa, exponent = torch.frexp(tensor.half().float())
    return torch.ldexp((mantissa * 2**BITS).round() / 2**BITS, exponent).half()


class Conv(nn.Module):
    """A convolution of 3x3 and ReLU, which keep the size."""

    def __init__(self, inputs: int, outputs: int, dilation: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv(x))


class PoolingBlock(nn.Module):
    """A residual U-block: a U-Net of its own, whose last level is dilated instead of pooled (section 3.1)."""

    def __init__(self, inputs: int, depth: int):
        super().__init__()
        self.enter = Conv(inputs, WIDE)
        self.down = nn.ModuleList([Conv(NARROW if n else WIDE, NARROW) for n in range(depth - 1)])
        self.bottom = Conv(NARROW, NARROW, 2)
        self.up = nn.ModuleList([Conv(2 * NARROW, NARROW if n else WIDE) for n in reversed(range(depth - 1))])

    def forward(self, x: Tensor) -> Tensor:
        x = h = self.enter(x)  # [B, WIDE, h, w]
        kept = []
        for number, conv in enumerate(self.down):
            h = conv(pooled(h) if number else h)
            kept.append(h)
        h = self.bottom(h)
        for conv, level in zip(self.up, reversed(kept), strict=True):
            h = conv(torch.cat([resized(h, level), level], 1))
        return h + x


class DilatedBlock(nn.Module):
    """The same for the coarsest features: dilated instead of pooled."""

    def __init__(self, inputs: int):
        super().__init__()
        self.enter = Conv(inputs, WIDE)
        self.down = nn.ModuleList([Conv(NARROW if n else WIDE, NARROW, one) for n, one in enumerate(DILATIONS)])
        self.up = nn.ModuleList(
            [Conv(2 * NARROW, NARROW if n else WIDE, DILATIONS[n]) for n in reversed(range(len(DILATIONS) - 1))]
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.enter(x)
        kept, h = [], x
        for conv in self.down:
            h = conv(h)
            kept.append(h)
        for conv, level in zip(self.up, reversed(kept[:-1]), strict=True):
            h = conv(torch.cat([h, level], 1))
        return h + x


class SaliencyNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(
            [PoolingBlock(WIDE if n else 3, depth) for n, depth in enumerate(DEPTHS)]
            + [DilatedBlock(WIDE), DilatedBlock(WIDE)]
        )
        self.up = nn.ModuleList(
            [DilatedBlock(2 * WIDE), *(PoolingBlock(2 * WIDE, depth) for depth in reversed(DEPTHS))]
        )
        self.sides = nn.ModuleList([nn.Conv2d(WIDE, 1, 3, padding=1) for _ in self.down])
        self.join = nn.Conv2d(len(self.sides), 1, 1)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """`[B, 1, H, W]` from 0 to 1, of pictures `[B, 3, H, W]` from 0 to 1 with sides of `SIDE`."""
        brightest = pictures.amax((1, 2, 3), keepdim=True).clamp(min=1e-6)
        h = (pictures / brightest - self.mean) / self.deviation
        kept = []
        for number, block in enumerate(self.down):
            h = block(pooled(h) if number else h)  # [B, WIDE, H / 2^number, W / 2^number]
            kept.append(h)
        found = [h]
        for block, level in zip(self.up, reversed(kept[:-1]), strict=True):
            h = block(torch.cat([resized(h, level), level], 1))
            found.append(h)
        sides = [side(level) for side, level in zip(self.sides, reversed(found), strict=True)]
        return self.join(torch.cat([resized(each, sides[0]) for each in sides], 1)).sigmoid()


def pooled(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, 2, ceil_mode=True)


def resized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)
