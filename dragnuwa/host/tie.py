"""Ties a sampling to a carried video, on the model's own estimate of the clean latent.

Where a place is tied, the estimate is replaced by the carried video. The sampler then takes the place along the
straight line from its noise to that video, which is what SDEdit (arXiv 2108.01073) does, with the two clocks of
Time-to-Move (arXiv 2511.08633). In contrast to a noise mask, this needs no Differential Diffusion, and serves samplers
that go block by block and latents that carry sound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from comfy.model_patcher import ModelPatcher
from torch import Tensor

from ..carry.noise_mask import Schedule

POST_CFG = "sampler_post_cfg_function"  # the host's name of these functions in a model's options


@dataclass(frozen=True)
class Tie:
    """
    Attributes:
        latent: the carried video in the VAE's latents, `[T, C, h, w]` or `[1, C, t, h, w]`.
        share: the fraction of the schedule for which each place is tied, from 0 to 1, `[T, 1, h, w]` or
            `[1, 1, t, h, w]`.
        steps: the number of steps that a share of 1 stands for; None for fractions of the model's timesteps.
    """

    latent: Tensor
    share: Tensor
    steps: float | None = None

    def joined(self, later: Tie) -> Tie | None:
        """Both ties as one, in which a place is tied by that which holds it longer, and by this one where they hold it
        equally; None if they count in different ways, or are of different latents."""
        if self.steps != later.steps or self.latent.shape != later.latent.shape:
            return None
        own, share = (part.to(self.share.device) for part in (self.share, later.share))
        latent = torch.where(share > own, later.latent.to(self.latent), self.latent)
        return Tie(latent, torch.maximum(own, share), self.steps)


TIES = "dragnuwa_ties"
"""The key under which a LATENT says by which ties a model is tied that is to sample it."""


def ties_of_latent(latent: dict) -> tuple[Tie, ...]:
    """The ties that the Carry before made for a latent. One that was sampled or changed since has none."""
    samples, ties = latent.get(TIES, (None, ()))
    return ties if samples is latent["samples"] else ()


def with_tie(latent: dict, tie: Tie | None) -> dict:
    """A latent that says of one more tie."""
    return latent if tie is None else latent | {TIES: (latent["samples"], (*ties_of_latent(latent), tie))}


def tie_model(model: ModelPatcher, tie: Tie, report: Callable[[str], None] = lambda text: None) -> ModelPatcher:
    """A clone of a model whose sampling is tied; the model itself stays as it is. Ties that it has are kept: where two
    hold the same place, the one that holds it longer wins.

    Args:
        report: called with "holds 2 of 4 steps" when a sampling begins.
    """
    tied = model.clone()
    functions = tied.model_options.get(POST_CFG, [])
    for number, function in enumerate(functions):
        if isinstance(function, _Estimate):
            if function.holds(tie):
                return tied
            both = function.tie.joined(tie)
            if both is not None:
                own = _Estimate(both, report, (*function.parts, tie))
                tied.model_options[POST_CFG] = [*functions[:number], own, *functions[number + 1 :]]
                return tied
    tied.set_model_sampler_post_cfg_function(_Estimate(tie, report, (tie,)))
    return tied


class _Estimate:
    """Replaces the estimate where it is tied: a post-CFG function of the host.

    Args:
        tie: of its parts together.
        report: as for `tie_model`.
        parts: the ties that were joined.
    """

    def __init__(self, tie: Tie, report: Callable[[str], None], parts: tuple[Tie, ...]):
        self.tie, self.report, self.parts = tie, report, parts
        self.placed: tuple[tuple, Tensor, Tensor] | None = None  # on the device of the last call
        self.scheduled: tuple[Tensor, Schedule] | None = None  # of the last call's noise levels

    def holds(self, tie: Tie) -> bool:
        return any(part is tie for part in self.parts)

    def __call__(self, args: dict[str, Any]) -> Tensor:
        estimate, model = args["denoised"], args["model"]
        options = args["model_options"].get("transformer_options", {})
        sigma = float(args["sigma"].flatten()[0])
        if sigma <= 0:  # a streaming sampler's last look at a finished block
            return estimate
        schedule = self._schedule(options.get("sample_sigmas"), model.model_sampling)
        step = schedule.step_of(sigma)
        if step == 0:
            held = schedule.held(float(self.tie.share.max()), self.tie.steps)
            self.report(f"holds {held} of {len(schedule.elapsed)} steps")
        latent, share = self._placed(model, estimate)
        tied = schedule.tied(share, step, self.tie.steps)
        if estimate.ndim == 3 and latent.ndim == 5:
            return _in_pack(estimate, latent, tied)
        if "ar_state" in options:  # a streaming sampler is at one block of frames
            start = options["ar_state"]["start_frame"]
            latent, tied = (part[:, :, start : start + estimate.shape[2]] for part in (latent, tied))
        fits = latent.shape == estimate.shape if latent.ndim == 4 else latent.shape[1:] == estimate.shape[1:]
        if not fits:
            raise _misfit(estimate, latent)
        return torch.where(tied, latent, estimate)

    def _schedule(self, sigmas: Tensor | None, sampling) -> Schedule:
        """The same for all steps of a sampling."""
        if sigmas is None or self.scheduled is None or self.scheduled[0] is not sigmas:
            self.scheduled = sigmas, _schedule(sigmas, sampling)
        return self.scheduled[1]

    def _placed(self, model, estimate: Tensor) -> tuple[Tensor, Tensor]:
        """The latent as the model has it, and the shares, where the estimate is."""
        key = id(model), estimate.device, estimate.dtype
        if self.placed is None or self.placed[0] != key:
            latent = model.process_latent_in(self.tie.latent.float()).to(estimate)
            self.placed = key, latent, self.tie.share.to(estimate.device)
        return self.placed[1:]


def _schedule(sigmas: Tensor | None, sampling) -> Schedule:
    if sigmas is None or len(sigmas) < 2:
        raise ValueError(
            "The sampler does not say its noise levels (sample_sigmas), so the steps that DragNUWA Carry holds cannot "
            "be counted. Use one of ComfyUI's own samplers."
        )
    last = torch.maximum(torch.as_tensor(sampling.sigma_min).to(sigmas), sigmas[-1])
    times = torch.stack([torch.as_tensor(sampling.timestep(sigma)).to(sigmas) for sigma in (*sigmas[:-1], last)])
    elapsed = (times[0] - times[:-1]) / (times[0] - times[-1]).clamp(min=1e-12)
    return Schedule(sigmas, elapsed)


def _in_pack(estimate: Tensor, latent: Tensor, tied: Tensor) -> Tensor:
    """The estimate `[B, 1, N]` of a latent packed with others, of which the video is the first."""
    batch, size = estimate.shape[0], latent[0].numel()
    if estimate.shape[-1] < size:
        raise _misfit(estimate, latent)
    video = estimate[..., :size].reshape(batch, *latent.shape[1:])
    video = torch.where(tied, latent, video).reshape(batch, 1, size)
    return torch.cat([video, estimate[..., size:]], -1)


def _misfit(estimate: Tensor, latent: Tensor) -> ValueError:
    return ValueError(
        f"The sampler works on latents {list(estimate.shape)}, the carried video has {list(latent.shape)}. Connect the "
        "latent of DragNUWA Carry to the sampler that its model goes to."
    )
