"""For which steps of a sampling a place is tied: a fraction of the schedule, or a number of steps."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

SAME = 1e-4  # relative difference of two noise levels that are the same step
ROUNDING = 1e-3  # of a step: shares are float32


@dataclass(frozen=True)
class Schedule:
    """
    Attributes:
        sigmas: `[n + 1]`, the noise levels of the n steps, descending, and the one at which they end.
        elapsed: `[n]` from 0 to below 1: how much of the schedule has gone by when a step begins, in the model's own
            timesteps.
    """

    sigmas: Tensor
    elapsed: Tensor

    def step_of(self, sigma: float) -> int:
        """The step, from 0, in which a model is called at a noise level. A sampler that calls it between two levels is
        in the step of the higher one; a call at the next level, as the second one of Heun's method, is the next step's.
        """
        reached = (self.sigmas[:-1] >= sigma * (1 - SAME)).sum()
        return max(0, int(reached) - 1)

    def tied(self, share: Tensor, step: int, steps: float | None = None) -> Tensor:
        """Where a sampling is tied in a step.

        Args:
            share: the fraction of the schedule for which each place is tied, from 0 to 1.
            steps: the number of steps that a share of 1 stands for; None for fractions of the model's timesteps, as
                Differential Diffusion (arXiv 2306.00950) reads a mask.

        Returns:
            bool, of the same shape.
        """
        return share > self.elapsed[step] if steps is None else share * steps > step + ROUNDING

    def held(self, share: float, steps: float | None = None) -> int:
        """The number of steps for which a place of this share is tied."""
        place = torch.tensor(float(share))
        return sum(bool(self.tied(place, step, steps)) for step in range(len(self.elapsed)))
