"""Samples as KSampler does with the settings of the released model, for scripts that run inside the host's code."""

from __future__ import annotations

import comfy.sample
import torch
from comfy.model_patcher import ModelPatcher
from comfy.samplers import KSampler
from comfy_extras.nodes_differential_diffusion import DifferentialDiffusion
from comfy_extras.nodes_video_model import VideoLinearCFGGuidance

MIN_CFG = 1.0  # of the first frame, in the released settings; the last frame has `cfg`


def sample(
    model: ModelPatcher,
    positive: list,
    negative: list,
    latent: dict,
    *,
    steps: int,
    cfg: float,
    seed: int,
    min_cfg: float = MIN_CFG,
    sampler: str = "euler",
    scheduler: str = "karras",
) -> torch.Tensor:
    """Samples a clip, with guidance increasing over the frames.

    Args:
        model: from `fusion_patch.apply`.
        positive: CONDITIONING, from `conditioning.encode`.
        negative: likewise.
        latent: LATENT `[T, 4, H / 8, W / 8]`, with a noise mask or without.
        steps: of the sampler.
        cfg: guidance of the last frame.
        seed: of the noise.
        min_cfg: guidance of the first frame.
        sampler: the host's name of it.
        scheduler: likewise.

    Raises:
        ValueError: if the host has no such sampler or scheduler.

    Returns:
        `[T, 4, H / 8, W / 8]`, for the VAE.
    """
    for what, name, known in (("sampler", sampler, KSampler.SAMPLERS), ("scheduler", scheduler, KSampler.SCHEDULERS)):
        if name not in known:
            raise ValueError(f"{what} must be one of {', '.join(known)}; found {name!r}.")
    (guided,) = VideoLinearCFGGuidance().patch(model, min_cfg)
    noise = comfy.sample.prepare_noise(latent["samples"], seed)
    return comfy.sample.sample(
        guided, noise, steps, cfg, sampler, scheduler, positive, negative, latent["samples"],
        noise_mask=latent.get("noise_mask"), disable_pbar=True, seed=seed,
    )  # fmt: skip


def differential_diffusion(model):
    """A clone of the MODEL in which a noise mask from 0 to 1 sets the noise level down to which each pixel is held.

    Without it, the host blends with such a mask at every step.
    """
    return DifferentialDiffusion.execute(model).args[0]
