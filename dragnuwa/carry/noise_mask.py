"""The noise mask of a carried picture: for how long each place of the sampling stays tied to it.

This is the dual-clock denoising of Time-to-Move (arXiv 2511.08633). A noise mask of 1 leaves a place to the model from
the first step on; 1 - h ties it for the part h of the schedule, counted in the model's own timesteps, as Differential
Diffusion (arXiv 2306.00950) reads a mask.
"""

from __future__ import annotations

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..common.interrupt import InterruptCheck, no_interrupt
from .composite import Carried
from .settings import CarrySettings


def noise_mask(carried: Carried, settings: CarrySettings) -> Tensor:
    """`[T, H, W]` from 0 (tied to the end) to 1 (free from the beginning).

    Carried places stay tied for the part `hold` of the schedule, all others for the part `ground`. The ground that an
    object under a mask has left is held like the object: a model that sees the start picture would put the object back
    there. Where uncovered ground was not filled ("neutral"), it is free from the beginning.
    """
    hold, ground = settings.hold, settings.ground
    if settings.fill == "neutral":
        return 1 - (ground + (hold - ground) * carried.carried) * (1 - carried.uncovered)
    return 1 - (ground + (hold - ground) * torch.maximum(carried.carried, carried.cleared))


def latent_mask(
    carried: Carried,
    settings: CarrySettings,
    compression: int,
    size: tuple[int, int],
    check_interrupt: InterruptCheck = no_interrupt,
) -> Tensor:
    """`reduce_mask` of `noise_mask`, made for one frame of the latent at a time; `check_interrupt` is called for each.

    Returns:
        `[t, height, width]` float32.
    """
    reduced = []
    for number in range(latent_frames(len(carried.video), compression)):
        check_interrupt()
        last = number * compression + 1
        pictures = slice(max(0, last - compression), last)
        maps = {name: getattr(carried, name)[pictures] for name in ("carried", "uncovered", "cleared")}
        mask = noise_mask(replace(carried, **maps), settings).amin(0, keepdim=True)
        reduced.append(reduce_mask(mask, 1, size).float())
    return torch.cat(reduced)


def latent_frames(frames: int, compression: int) -> int:
    """How many latent frames a video autoencoder makes: the first picture alone, then `compression` pictures each."""
    return (frames - 1) // compression + 1


def reduce_mask(mask: Tensor, compression: int, size: tuple[int, int]) -> Tensor:
    """The mask of a latent: each of its pixels is as tied as the most tied pixel that it stands for. (A mean lets the
    edges of what is carried go early, and thin parts are lost.)

    Args:
        mask: `[T, H, W]`.
        compression: pictures in a latent frame after the first; 1 where every picture has its own.
        size: (width, height) of the latent.

    Returns:
        `[t, height, width]`, t as `latent_frames` says; pictures too many for the last whole frame are left out.
    """
    kept = (latent_frames(len(mask), compression) - 1) * compression
    later = mask[1 : 1 + kept].unflatten(0, (-1, compression)).amin(1) if kept else mask[:0]
    frames = torch.cat([mask[:1], later])  # [t, H, W]
    return -F.adaptive_max_pool2d(-frames, size[::-1])
