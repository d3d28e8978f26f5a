"""Sampling with DragAnything's control in the host, as the tests of its Apply do it. Imported in ComfyUI's code."""

from __future__ import annotations

import comfy.sample
import torch

from dragnuwa import trajectory
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.host.draganything.apply import Steering, apply

WIDTH, HEIGHT, FRAMES, STEPS = 128, 64, 4, 2
DRAG = {"points": [{"x": 0.2, "y": 0.5}, {"x": 0.6, "y": 0.4}]}
ANCHOR = {"kind": "anchor", "points": [{"x": 0.9, "y": 0.8}]}


def mask(width: int = WIDTH, height: int = HEIGHT) -> torch.Tensor:
    """Of the left 40 % of the picture."""
    return (torch.arange(width) < width * 0.4).float().expand(1, height, -1)


def features(width: int = WIDTH, height: int = HEIGHT) -> torch.Tensor:
    return torch.randn(320, height // 8, width // 8, generator=torch.Generator().manual_seed(1))


def conditioning(width: int = WIDTH, height: int = HEIGHT) -> tuple[list, list]:
    generator = torch.Generator().manual_seed(2)
    context = torch.randn(1, 1, 128, generator=generator)
    told = {"fps": 6, "motion_bucket_id": 127, "augmentation_level": 0.0}
    start = torch.randn(1, 4, height // 8, width // 8, generator=generator)
    return (
        [[context, {**told, "concat_latent_image": start}]],
        [[torch.zeros_like(context), {**told, "concat_latent_image": torch.zeros_like(start)}]],
    )


def applied(control, *tracks, size=(WIDTH, HEIGHT), frames: int = FRAMES, given: tuple | None = None, **more):
    """What DragAnything Apply gives for drags: positive, negative and the report."""
    value = {"type": "dragnuwa.trajectories", "version": 1, "tracks": list(tracks or (DRAG, ANCHOR))}
    drags = trajectory.parse(value, width=size[0], height=size[1])
    steering = Steering(**{key: more.pop(key) for key in list(more) if hasattr(Steering, key)})
    more = {"masks": mask(*size), "features": features(*size), **more}
    return apply(*(given or conditioning(*size)), control, drags, ModelClip(*size, frames), steering, **more)


def sample(model, conditionings, frames: int = FRAMES, cfg: float = 2.5, steps: int = STEPS, size=(WIDTH, HEIGHT)):
    noise = torch.randn(frames, 4, size[1] // 8, size[0] // 8, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        return comfy.sample.sample(
            model, noise, steps, cfg, "euler", "karras", *conditionings[:2], torch.zeros_like(noise), disable_pbar=True
        )
