"""The weights of a Stable Video Diffusion file, for the recipes that build on one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ...models.checkpoint import UNET, CheckpointError
from ...models.weights import open_tensors

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}  # of the frozen UNet
# The parts of a file that are used. SVD's own files also contain a second copy of the VAE's encoder.
PARTS = (UNET, "first_stage_model.", "conditioner.embedders.0.", "cond_stage_model.")


@dataclass(frozen=True)
class SvdWeights:
    """`unet` without the prefix `UNET`; `rest` are VAE and CLIP vision model, with their prefixes."""

    unet: dict[str, Tensor]
    rest: dict[str, Tensor]
    metadata: dict[str, str]


def read(path: str | os.PathLike) -> SvdWeights:
    """Read a checkpoint of Stable Video Diffusion, in the file's dtype, without executing any pickle.

    Raises:
        CheckpointError: if the file cannot be read, or holds no UNet with SVD's layers over time.
    """
    path = Path(path)
    with open_tensors(path) as tensors:
        rest = {key: tensors.get(key) for key in list(tensors.keys()) if key.startswith(PARTS)}
        metadata = tensors.metadata
    unet = {key.removeprefix(UNET): rest.pop(key) for key in list(rest) if key.startswith(UNET)}
    if not any(".time_stack." in key for key in unet):
        raise CheckpointError(
            f"{path.name} is no checkpoint of Stable Video Diffusion: it has no layers over time under {UNET}. "
            "Expected one such as svd.safetensors (14 frames), or DragNUWA's, to go on from."
        )
    return SvdWeights(unet, rest, metadata)
