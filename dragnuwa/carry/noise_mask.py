"""The noise mask of a carried video: for what part of the schedule each pixel is tied to it.

This is the dual-clock denoising of Time-to-Move (arXiv 2511.08633). A noise mask of 1 leaves a pixel to the model from
the first step; 1 - h ties it for the fraction h of the schedule, counted in the model's own timesteps, as Differential
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

    Carried pixels are tied for the fraction `hold` of the schedule, all others for `ground`. Background that a masked
    object has disoccluded is held like the object: a model that sees the start picture would put the object back there.
    Disoccluded background that was not filled ("neutral") is free from the first step.
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
    """`reduce_mask` of `noise_mask`, one latent frame at a time; `check_interrupt` is called for each.

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
    """The number of latent frames of a causal video VAE: one for frame 0, then one per `compression` frames."""
    return (frames - 1) // compression + 1


def reduce_mask(mask: Tensor, compression: int, size: tuple[int, int]) -> Tensor:
    """The mask of a latent, by min pooling: a latent pixel is tied as long as the most tied pixel in it. (Averaging
    would release the edges of carried regions early, and lose thin parts.)

    Args:
        mask: `[T, H, W]`.
        compression: frames in a latent frame after the first; 1 if every frame has its own.
        size: (width, height) of the latent.

    Returns:
        `[t, height, width]`, t from `latent_frames`; frames beyond the last whole latent frame are dropped.
    """
    kept = (latent_frames(len(mask), compression) - 1) * compression
    later = mask[1 : 1 + kept].unflatten(0, (-1, compression)).amin(1) if kept else mask[:0]
    frames = torch.cat([mask[:1], later])  # [t, H, W]
    return -F.adaptive_max_pool2d(-frames, size[::-1])
