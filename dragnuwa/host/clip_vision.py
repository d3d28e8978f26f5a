"""Loads CLIP vision models of any size; the host's own loader supports only the common ones."""

from __future__ import annotations

import re

import comfy.clip_vision
import torch

from .completeness import building, check_complete

HEAD_CHANNELS = 64  # of each attention head in CLIP's encoders; it cannot be inferred from the weights
OPTIONAL = ("position_ids",)


def load(base: dict[str, torch.Tensor], prefix: str) -> comfy.clip_vision.ClipVisionModel | None:
    """A CLIP vision model of any size under OpenCLIP's or the host's names; None if there is none.

    The host identifies the common sizes by their number of layers. For others the shape is inferred from the weights.

    Raises:
        CheckpointError: if the weights are not those of a complete CLIP vision model.
    """
    found = {key: value for key, value in base.items() if key.startswith(prefix)}
    if not found:
        return None
    with building("CLIP vision model"):
        weights = comfy.clip_vision.convert_to_transformers(found, prefix)
        model = comfy.clip_vision.load_clipvision_from_sd(dict(weights))
        if model is None:
            model = comfy.clip_vision.ClipVisionModel(_config(weights))
            model.load_sd(weights)
    check_complete(f"CLIP vision model ({prefix})", model.model, weights, OPTIONAL)
    return model


def _config(weights: dict[str, torch.Tensor]) -> dict:
    width, _, patch, _ = weights["vision_model.embeddings.patch_embedding.weight"].shape
    positions = weights["vision_model.embeddings.position_embedding.weight"].shape[0]
    inner = weights["vision_model.encoder.layers.0.mlp.fc1.weight"].shape[0]
    projection = weights["visual_projection.weight"].shape[0]
    layers = {match[1] for key in weights if (match := re.match(r"vision_model\.encoder\.layers\.(\d+)\.", key))}
    return {
        "model_type": "clip_vision_model",
        "num_hidden_layers": len(layers),
        "hidden_size": width,
        "num_attention_heads": max(1, width // HEAD_CHANNELS),
        "intermediate_size": inner,
        "hidden_act": "gelu",  # OpenCLIP's
        "image_size": patch * round((positions - 1) ** 0.5),
        "patch_size": patch,
        "num_channels": 3,
        "projection_dim": projection,
    }
