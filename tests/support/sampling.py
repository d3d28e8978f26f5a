"""Sampling in the host as KSampler does it, on random conditionings. Imported in ComfyUI's code."""

from __future__ import annotations

import comfy.sample
import torch

CONTEXT = 128  # channels, that the golden UNets take
DRAGNUWA = {"fps": 5, "motion_bucket_id": 4, "augmentation_level": 0.02}


def both_conditionings(context: torch.Tensor, start: torch.Tensor, **told) -> tuple[list, list]:
    """Positive and negative, of which the negative has zeros for the context and for the start picture's latent."""
    pairs = ((context, start), (torch.zeros_like(context), torch.zeros_like(start)))
    positive, negative = ([[text, {**told, "concat_latent_image": latent}]] for text, latent in pairs)
    return positive, negative


def random_conditionings(width: int, height: int, **told) -> tuple[list, list]:
    """For a clip of this size, with DragNUWA's numbers or others."""
    generator = torch.Generator().manual_seed(2)
    context = torch.randn(1, 1, CONTEXT, generator=generator)
    start = torch.randn(1, 4, height // 8, width // 8, generator=generator)
    return both_conditionings(context, start, **(told or DRAGNUWA))


def latent_noise(frames: int, width: int, height: int, seed: int = 3) -> torch.Tensor:
    """The same for the same number of frames."""
    return torch.randn(frames, 4, height // 8, width // 8, generator=torch.Generator().manual_seed(seed))


def sample(model, noise, positive: list, negative: list, *, steps=2, cfg=2.5, latent=None, **more) -> torch.Tensor:
    """From nothing but noise, or from a latent."""
    latent = torch.zeros_like(noise) if latent is None else latent
    with torch.inference_mode():
        return comfy.sample.sample(
            model, noise, steps, cfg, "euler", "karras", positive, negative, latent, disable_pbar=True, **more
        )
