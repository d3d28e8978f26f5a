"""CLIP vision models of any size, where the host's own loader knows those that are in use."""

from __future__ import annotations

import re

import comfy.clip_vision
import torch

from ..checkpoint import CheckpointError

HEAD_CHANNELS = 64  # of each attention head in CLIP's encoders of text and pictures; the weights do not tell


def load(base: dict[str, torch.Tensor], prefix: str) -> comfy.clip_vision.ClipVisionModel | None:
    """A CLIP vision model of any size in OpenCLIP's or the host's names; None where there is none.

    The host knows the sizes that are in use by their number of layers. Of others the shape is read off the weights.

    Raises:
        CheckpointError: if the keys are not those of a CLIP vision model.
    """
    found = {key: value for key, value in base.items() if key.startswith(prefix)}
    if not found:
        return None
    model = comfy.clip_vision.load_clipvision_from_sd(dict(found), prefix, True)
    if model is not None:
        return model
    weights = comfy.clip_vision.convert_to_transformers(found, prefix)
    model = comfy.clip_vision.ClipVisionModel(_config(weights))
    missing, _ = model.load_sd(weights)
    if missing:
        raise CheckpointError(f"The CLIP vision model lacks {len(missing)} keys, the first of them {missing[0]}.")
    return model


def _config(weights: dict[str, torch.Tensor]) -> dict:
    try:
        width, _, patch, _ = weights["vision_model.embeddings.patch_embedding.weight"].shape
        positions = weights["vision_model.embeddings.position_embedding.weight"].shape[0]
        inner = weights["vision_model.encoder.layers.0.mlp.fc1.weight"].shape[0]
        projection = weights["visual_projection.weight"].shape[0]
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"The keys of the CLIP vision model are not those of one: {error}.") from error
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
