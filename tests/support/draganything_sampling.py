"""Sampling with DragAnything's control in the host, as the tests of its Apply do it. Imported in ComfyUI's code."""

from __future__ import annotations

import torch

from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.host.draganything.apply import Steering, apply
from dragnuwa.models.draganything.scene import find_entities
from tests.support import sampling
from tests.support.drawings import parsed_tracks

WIDTH, HEIGHT, FRAMES, STEPS = 128, 64, 4, 2
DRAG = {"points": [{"x": 0.2, "y": 0.5}, {"x": 0.6, "y": 0.4}]}
ANCHOR = {"kind": "anchor", "points": [{"x": 0.9, "y": 0.8}]}


def mask(width: int = WIDTH, height: int = HEIGHT) -> torch.Tensor:
    """Of the left 40 % of the picture."""
    return (torch.arange(width) < width * 0.4).float().expand(1, height, -1)


def features(width: int = WIDTH, height: int = HEIGHT) -> torch.Tensor:
    return torch.randn(320, height // 8, width // 8, generator=torch.Generator().manual_seed(1))


def conditioning(width: int = WIDTH, height: int = HEIGHT) -> tuple[list, list]:
    """With the numbers of DragAnything."""
    return sampling.random_conditionings(width, height, fps=6, motion_bucket_id=127, augmentation_level=0.0)


def applied(control, *tracks, size=(WIDTH, HEIGHT), frames: int = FRAMES, given: tuple | None = None, **more):
    """What DragAnything Apply gives for drags: positive, negative and the report."""
    drags = parsed_tracks(*(tracks or (DRAG, ANCHOR)), size=size)
    steering = Steering(**{key: more.pop(key) for key in list(more) if hasattr(Steering, key)})
    more = {"masks": mask(*size), "features": features(*size), **more}
    found = find_entities(drags, ModelClip(*size, frames), more["masks"], more.get("image"), more.get("fit", "crop"))
    return apply(*(given or conditioning(*size)), control, found, steering, more["features"])


def sample(model, conditionings, frames: int = FRAMES, cfg: float = 2.5, steps: int = STEPS, size=(WIDTH, HEIGHT)):
    """Of what `applied` gives."""
    return sampling.sample(model, sampling.latent_noise(frames, *size), *conditionings[:2], steps=steps, cfg=cfg)
