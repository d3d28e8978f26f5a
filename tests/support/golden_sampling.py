"""The sampling of tests/golden, through the path of the host's KSampler. Imported in ComfyUI's code."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from comfy.model_patcher import ModelPatcher
from comfy_extras.nodes_video_model import VideoLinearCFGGuidance
from safetensors import safe_open

from tests.support import sampling
from tests.support.sampling import both_conditionings


def tensors(golden: Path) -> dict[str, torch.Tensor]:
    """What the original network was given and gave."""
    with safe_open(golden / "tensors.safetensors", "pt") as file:
        return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118


def sample(model: ModelPatcher, golden: Path) -> torch.Tensor:
    """Latents `[T, 4, h, w]` in the host's space, of a model that follows the drag maps `flow_small`."""
    expected = tensors(golden)
    with safe_open(golden / "tensors.safetensors", "pt") as file:
        settings = json.loads(file.metadata()["sampling"])
    (model,) = VideoLinearCFGGuidance().patch(model, settings["min_cfg"])
    told = {
        "fps": settings["fps_id"] + 1,
        "motion_bucket_id": settings["motion_bucket_id"],
        "augmentation_level": settings["cond_aug"],
    }
    positive, negative = both_conditionings(expected["sample_context"], expected["sample_concat"], **told)
    noise, steps, cfg = expected["sample_noise"], settings["steps"], settings["max_cfg"]
    return sampling.sample(model, noise, positive, negative, steps=steps, cfg=cfg)
