"""The host's model configuration, inferred from a checkpoint's weights rather than from a list of known models."""

from __future__ import annotations

from functools import partial

import comfy.model_detection
import comfy.sd1_clip
import comfy.supported_models
import comfy.supported_models_base
import torch

from ...models.checkpoint import UNET, Checkpoint, CheckpointError
from ..clip_vision import HEAD_CHANNELS
from ..completeness import building

TEXT = "clip_l.transformer.text_model."


class VideoModel(comfy.supported_models.SVD_img2vid):
    """Stable Video Diffusion of any width and depth, with a CLIP text encoder if the file has one."""

    text_encoder_key_prefix = ["cond_stage_model."]  # noqa: RUF012 (the host's way)

    @classmethod
    def detect(cls, checkpoint: Checkpoint) -> VideoModel:
        """Detects the UNet's shape with the host's own code.

        Raises:
            CheckpointError: if the UNet is not Stable Video Diffusion's, or lacks a key that determines its shape.
        """
        with building(f"UNet ({UNET})"):
            unet = comfy.model_detection.detect_unet_config(checkpoint.base, UNET)
        if not unet or not unet.get("use_temporal_resblock") or unet.get("in_channels") != 8:
            raise CheckpointError("The checkpoint's UNet is not Stable Video Diffusion's; ComfyUI cannot build it.")
        config = cls(unet)
        config.unet_config["num_head_channels"] = checkpoint.config.num_head_channels
        return config

    def clip_target(self, state_dict: dict[str, torch.Tensor]) -> comfy.supported_models_base.ClipTarget:
        """A CLIP text encoder with the shape of the weights; keys as `clip_l.transformer.text_model...`."""
        config = text_config(state_dict)
        model = partial(comfy.sd1_clip.SDClipModel, layer="last", textmodel_json_config=config)
        tokenizer = partial(comfy.sd1_clip.SDTokenizer, embedding_size=config["hidden_size"])
        return comfy.supported_models_base.ClipTarget(
            partial(comfy.sd1_clip.SD1Tokenizer, clip_name="l", tokenizer=tokenizer),
            partial(comfy.sd1_clip.SD1ClipModel, clip_name="l", clip_model=model),
        )


def text_config(weights: dict[str, torch.Tensor]) -> dict:
    """The host's config of a CLIP text encoder, inferred from its weights.

    Raises:
        CheckpointError: if the weights are not those of a CLIP text encoder.
    """
    embedding, layers = weights.get(f"{TEXT}embeddings.token_embedding.weight"), 0
    while f"{TEXT}encoder.layers.{layers}.mlp.fc1.weight" in weights:
        layers += 1
    if embedding is None or not layers:
        raise CheckpointError(
            f"The text encoder under cond_stage_model. is not a CLIP text encoder that ComfyUI runs: expected keys "
            f"such as cond_stage_model.{TEXT}embeddings.token_embedding.weight; found {', '.join(sorted(weights)[:3])}."
        )
    vocabulary, size = embedding.shape
    return {
        "hidden_size": size,
        "intermediate_size": weights[f"{TEXT}encoder.layers.0.mlp.fc1.weight"].shape[0],
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, size // HEAD_CHANNELS),
        "max_position_embeddings": weights[f"{TEXT}embeddings.position_embedding.weight"].shape[0],
        "hidden_act": "quick_gelu",
        "eos_token_id": vocabulary - 1,
    }
