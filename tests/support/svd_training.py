"""A small Stable Video Diffusion of random weights to train on, and what was trained. Imported in ComfyUI's code."""

from __future__ import annotations

import json

import torch

from dragnuwa.host.training.networks import video_unet
from dragnuwa.models.checkpoint import UNET
from dragnuwa.research.training.recipes.tiny import autoencoder
from tests.support.toy_svd import vision_weights


def svd_weights(shape: dict) -> dict[str, torch.Tensor]:
    """A plain one with every part in float16; `shape` are the arguments of its UNet."""
    torch.manual_seed(0)
    weights = {UNET + key: value for key, value in video_unet(**shape).state_dict().items()}
    weights |= {f"first_stage_model.{key}": value for key, value in autoencoder.build().state_dict().items()}
    return {key: value.detach().half() for key, value in (weights | vision_weights()).items()}


def svd_metadata(shape: dict) -> dict[str, str]:
    """That of its file."""
    return {"config": json.dumps({"num_head_channels": shape["head_channels"]})}


def trained_weights(recipe) -> dict[str, torch.Tensor]:
    """Those that a recipe trains, by name."""
    return {name: one.detach() for name, one in recipe.network.named_parameters() if one.requires_grad}
