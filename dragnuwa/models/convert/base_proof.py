"""Verifies, tensor by tensor, that the base of a DragNUWA checkpoint is a given Stable Video Diffusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from ..checkpoint import UNET, VAE_PARTS, CheckpointError
from ..weights import Tensors

# Key prefixes that ComfyUI reads from an SVD file. Others are not compared, such as the second copy of the VAE's
# encoder in SVD's own files.
PARTS = {
    "UNet": (UNET,),
    "VAE": tuple(f"first_stage_model.{part}" for part in VAE_PARTS),
    "CLIP vision model": ("conditioner.embedders.0.open_clip.model.visual.",),
    "text encoder": ("cond_stage_model.",),
}
SOURCE = (
    "Give the Stable Video Diffusion that it was made from: svd.safetensors (14 frames, not svd_xt) from "
    "huggingface.co/stabilityai/stable-video-diffusion-img2vid."
)


@dataclass(frozen=True)
class Proof:
    """The result of a successful comparison.

    Attributes:
        exact: number of tensors that are equal.
        rounded: number of tensors stored in different types that are equal in the narrower one.
        lacking: parts of the checkpoint that the SVD file does not have, which were not compared.
    """

    exact: int
    rounded: int
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """A tensor that differs between the files, and how."""

    key: str
    how: str


def prove(released: Tensors, base: Mapping[str, str], svd: Tensors) -> Proof:
    """Compares all tensors of the base with the SVD's, two at a time in memory.

    Args:
        released: the DragNUWA checkpoint.
        base: maps plain SVD keys to its keys, as in `dragnuwa.checkpoint.Layout`.
        svd: the Stable Video Diffusion.

    Raises:
        CheckpointError: if a tensor differs or is in one file only; it says how many do, and how the first differs.
    """
    theirs = set(svd.keys())
    _recognise(svd, theirs)
    present = set(map(_part, theirs)) - {None}
    compared = [key for key in base if _part(key) in present]
    alone = [Difference(key, f"is not in {svd.path.name}") for key in compared if key not in theirs]
    alone += [
        Difference(key, f"is not in {released.path.name}")
        for key in sorted(theirs)
        if key.startswith(UNET) and key not in base
    ]
    shared = [key for key in compared if key in theirs]
    same_type, differences = 0, list(alone)
    for key in shared:
        mine, other = released.get(base[key]), svd.get(key)
        same_type += mine.dtype == other.dtype
        if how := _difference(mine, other):
            differences.append(Difference(key, how))
    if differences:
        raise _refusal(released, svd, differences, len(shared) + len(alone))
    lacking = set(map(_part, base)) - present - {None}
    return Proof(same_type, len(shared) - same_type, tuple(sorted(lacking)))


def _part(key: str) -> str | None:
    return next((part for part, prefixes in PARTS.items() if key.startswith(prefixes)), None)


def _recognise(svd: Tensors, keys: set[str]) -> None:
    """Raises unless this is plain Stable Video Diffusion."""
    if any(key.startswith(f"{UNET}flow_blocks.") for key in keys):
        raise CheckpointError(f"{svd.path.name} is a DragNUWA checkpoint, where a plain SVD is expected. {SOURCE}")
    if not any(key.startswith(UNET) and ".time_stack." in key for key in keys):
        raise CheckpointError(
            f"{svd.path.name} is no checkpoint of Stable Video Diffusion: it has no layers over time under {UNET}. "
            f"{SOURCE}"
        )


def _difference(mine: torch.Tensor, other: torch.Tensor) -> str | None:
    """How two tensors differ; None if they are equal, in the narrower type where they have different ones."""
    if mine.shape != other.shape:
        return f"has the shape {list(mine.shape)} in one and {list(other.shape)} in the other"
    if mine.dtype != other.dtype:
        # Both values are finite, and one is exact in this type: if the other overflows, they cannot be equal.
        narrower = torch.float16 if torch.float16 in (mine.dtype, other.dtype) else torch.float32
        mine, other = mine.to(narrower), other.to(narrower)
    if torch.equal(mine, other):
        return None
    return f"differs by up to {(mine.double() - other.double()).abs().max().item():.3g}"


def _refusal(released: Tensors, svd: Tensors, differences: list[Difference], count: int) -> CheckpointError:
    first = differences[0]
    return CheckpointError(
        f"{released.path.name} does not have {svd.path.name} inside: {len(differences):,} of {count:,} tensors are not "
        f"the same, of which the first, {first.key}, {first.how}. {SOURCE}"
    )
