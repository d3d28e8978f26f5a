"""The sampling of tests/golden, through the path of the host's KSampler. Imported in ComfyUI's code."""

from __future__ import annotations

import json
from pathlib import Path

import comfy.sample
import torch
from comfy.model_patcher import ModelPatcher
from comfy_extras.nodes_video_model import VideoLinearCFGGuidance
from safetensors import safe_open


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
    context, start = expected["sample_context"], expected["sample_concat"]
    positive = [[context, {**told, "concat_latent_image": start}]]
    negative = [[torch.zeros_like(context), {**told, "concat_latent_image": torch.zeros_like(start)}]]
    noise = expected["sample_noise"]
    with torch.inference_mode():
        return comfy.sample.sample(
            model, noise, settings["steps"], settings["max_cfg"], "euler", "karras", positive, negative,
            torch.zeros_like(noise),
        )  # fmt: skip
