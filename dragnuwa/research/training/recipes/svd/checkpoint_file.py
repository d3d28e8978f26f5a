"""Reads checkpoints of Stable Video Diffusion and DragNUWA for training, and writes DragNUWA checkpoints."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from .....models.adapter import FusionConfig
from .....models.checkpoint import (
    ADAPTER_KEY,
    UNET,
    Checkpoint,
    CheckpointConfig,
    CheckpointError,
    read_config,
    read_metadata,
)
from ... import svd_weights
from . import lora


@dataclass(frozen=True)
class SvdFile:
    """`checkpoint.base` is plain SVD, LoRA not merged into it; `factors` are LoRA's, keys without `UNET`.

    For a plain SVD `checkpoint.adapter` and `factors` are empty, and `checkpoint.config.fusion` is the matching shape
    of an adapter.
    """

    checkpoint: Checkpoint
    factors: dict[str, Tensor]


def read(path: str | os.PathLike) -> SvdFile:
    """Read a checkpoint of Stable Video Diffusion or of DragNUWA, in the file's dtype, without executing any pickle.

    Raises:
        CheckpointError: if the file cannot be read, or holds no UNet with SVD's layers over time.
    """
    path = Path(path)
    weights = svd_weights.read(path)
    inside = weights.unet
    adapter = {key: inside.pop(key) for key in list(inside) if ADAPTER_KEY.match(key)}
    plain, factors = lora.split(inside)
    if adapter:
        config = read_config(path, adapter, weights.metadata)
    else:
        config = CheckpointConfig(fusion_of(plain), *read_metadata(path, weights.metadata))
    base = {UNET + key: value for key, value in plain.items()} | weights.rest
    return SvdFile(Checkpoint(base, adapter, config), factors)


def write_over(file: SvdFile, factors: Mapping[str, Tensor], adapter: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a DragNUWA checkpoint in the released layout, float16: `file` with these factors and adapter.

    LoRA is not merged, so that training can be continued from the file.
    """
    base = file.checkpoint.base
    plain = {key.removeprefix(UNET): value for key, value in base.items() if key.startswith(UNET)}
    unet = lora.join(plain, factors) | dict(adapter)
    tensors = {UNET + key: value for key, value in unet.items()}
    tensors |= {key: value for key, value in base.items() if not key.startswith(UNET)}
    return {key: (value.half() if value.is_floating_point() else value).contiguous() for key, value in tensors.items()}


def fusion_of(unet: Mapping[str, Tensor]) -> FusionConfig:
    """The adapter's shape for a plain UNet, in whose encoder each level ends with a strided convolution."""
    down = sorted(int(m[1]) for key in unet if (m := re.fullmatch(r"input_blocks\.(\d+)\.0\.op\.weight", key)))
    blocks = sum(bool(re.fullmatch(r"input_blocks\.\d+\.0\.in_layers\.2\.weight", key)) for key in unet)
    try:
        width = unet["input_blocks.0.0.weight"].shape[0]
        channels = [unet[f"input_blocks.{first + 1}.0.in_layers.2.weight"].shape[0] for first in (0, *down)]
    except KeyError as error:
        raise CheckpointError(f"The UNet lacks {error.args[0]}. The file is damaged; get it again.") from error
    mult = tuple(one // width for one in channels)
    return FusionConfig.for_unet(width, mult, blocks // len(mult))
