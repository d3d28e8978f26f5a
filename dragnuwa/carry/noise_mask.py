"""The noise mask of a carried video: for what part of the schedule, or how many steps, each pixel is tied to it.

This is the dual-clock denoising of Time-to-Move (arXiv 2511.08633). A noise mask of 1 leaves a pixel to the model from
the first step; 1 - h ties it for the fraction h of the schedule, counted in the model's own timesteps, as Differential
Diffusion (arXiv 2306.00950) reads a mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from ..common.interrupt import checkpoint
from .settings import CarrySettings

if TYPE_CHECKING:
    from .composite import Carried  # which needs OpenCV

SAME_STEP = 1e-4  # relative difference of two noise levels that are the same step
ROUNDING = 1e-3  # of a step, or of the schedule: shares are float32


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


def latent_mask(carried: Carried, settings: CarrySettings, spans: Sequence[slice], size: tuple[int, int]) -> Tensor:
    """`noise_mask` at the latent's size, by min pooling: a latent pixel is tied as long as the most tied pixel in it.
    (Averaging would release the edges of carried regions early, and lose thin parts.)

    Args:
        spans: the frames of the video that each latent frame stands for, such as from `causal_spans`.
        size: (width, height) of the latent.

    Returns:
        `[t, height, width]` float32.
    """
    reduced = []
    for pictures in spans:
        checkpoint()
        maps = {name: getattr(carried, name)[pictures] for name in ("carried", "uncovered", "cleared")}
        mask = noise_mask(replace(carried, **maps), settings).amin(0, keepdim=True)
        reduced.append(-F.adaptive_max_pool2d(-mask, size[::-1]).float())
    return torch.cat(reduced)


def causal_spans(frames: int, compression: int, group: int | None = None) -> list[slice]:
    """The frames of a video that each latent frame of a causal VAE stands for; the last ones may stand for none.

    Args:
        compression: frames in a latent frame, but for the first, which stands for frame 0 alone.
        group: number of frames after which the VAE starts over, with a latent frame for one frame; None if it does not.
    """
    spans, begin = [], 0
    while begin < frames:
        whole = begin % group if group else begin
        length = 1 if whole == 0 else compression
        if begin + length > frames:
            break
        spans.append(slice(begin, begin + length))
        begin += length
    return spans


@dataclass(frozen=True)
class Schedule:
    """
    Attributes:
        sigmas: `[n + 1]`, the noise levels of the n steps, descending, and the one at which they end.
        elapsed: `[n]` from 0 to 1: how much of the schedule has gone by when a step begins, in the model's own
            timesteps.
    """

    sigmas: Tensor
    elapsed: Tensor

    def step_of(self, sigma: float) -> int:
        """The step, from 0, in which a model is called at a noise level. A sampler that calls it between two levels is
        in the step of the higher one; a call at the next level, as the second one of Heun's method, is the next step's.
        """
        reached = (self.sigmas[:-1] >= sigma * (1 - SAME_STEP)).sum()
        return max(0, int(reached) - 1)

    def tied(self, share: Tensor, step: int, steps: float | None = None) -> Tensor:
        """Where a sampling is tied in a step.

        Args:
            share: the fraction of the schedule for which each place is tied, from 0 to 1, which is to the end.
            steps: the number of steps that a share of 1 stands for; None for fractions of the model's timesteps, as
                Differential Diffusion (arXiv 2306.00950) reads a mask.

        Returns:
            bool, of the same shape.
        """
        if steps is not None:
            return share * steps > step + ROUNDING
        # Schedules such as "normal" begin their last step where the model's timesteps end.
        return (share > self.elapsed[step]) | (share >= 1 - ROUNDING)

    def held(self, share: float, steps: float | None = None) -> int:
        """The number of steps for which a place of this share is tied."""
        place = torch.tensor(float(share))
        return sum(bool(self.tied(place, step, steps)) for step in range(len(self.elapsed)))
