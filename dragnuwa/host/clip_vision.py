"""CLIP vision models of any size, since the host's own loader supports only the common ones; and the latest results
of an encoder, since ComfyUI reruns Conditioning whenever a drag changes, because its picture comes from the editor."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import comfy.clip_vision
import torch

from .completeness import building, check_complete

HEAD_CHANNELS = 64  # of each attention head in CLIP's encoders; it cannot be inferred from the weights
OPTIONAL = ("position_ids",)
ATTACHMENT = "dragnuwa.remembered"
CACHED_RESULTS = 4  # results, each of the size of a latent


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


def cached_encode(encoder, image: torch.Tensor, encode: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """`encode(image)`, or its cached result for the same pixels.

    The cache is attached to the encoder's model, and freed with it.

    Args:
        encoder: the host's VAE or CLIP_VISION; without a `patcher`, nothing is cached.
        image: the result may depend only on its shape and pixels.
        encode: computes the result.
    """
    patcher = getattr(encoder, "patcher", None)
    if patcher is None:
        return encode(image)
    results: dict[tuple, torch.Tensor] = patcher.get_attachment(ATTACHMENT) or {}
    key = (patcher.patches_uuid, image.dtype, image.shape, _digest(image))
    result = results.pop(key, None)
    if result is None:
        result = encode(image)
    newest = {**results, key: result}
    patcher.set_attachments(ATTACHMENT, dict(list(newest.items())[-CACHED_RESULTS:]))
    return result.clone()  # the caller may modify it


def _digest(image: torch.Tensor) -> bytes:
    return hashlib.blake2b(image.contiguous().cpu().view(torch.uint8).numpy()).digest()
