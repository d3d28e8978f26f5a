"""Loads DragAnything's file as the host's CONTROL_NET."""

from __future__ import annotations

import os
from pathlib import Path

import comfy.model_detection
import comfy.ops
import comfy.supported_models
import comfy.utils
import folder_paths
import torch
from comfy import model_management

from ...models.draganything.checkpoint import CONFIG, SOURCE
from ...models.draganything.checkpoint import load as read_checkpoint
from ...models.draganything.encoders import EncoderConfig
from ...models.weights import CheckpointError
from ..completeness import building, built_dtypes, check_complete
from .control import EntityControl
from .network import EntityControlNetwork

FOLDER = "controlnet"
ENCODERS = "controlnet_cond_embedding."
WHAT = "ControlNet"


def names() -> list[str]:
    """The choices in the host's ControlNet folders: files, and diffusers folders."""
    roots = [Path(root) for root in folder_paths.get_folder_paths(FOLDER)]
    folders = {config.parent.name for root in roots for config in root.glob(f"*/{CONFIG}")}
    return [*sorted(folders), *folder_paths.get_filename_list(FOLDER)]


def load_named(name: str) -> EntityControl:
    """The ControlNet for one of `names`.

    Raises:
        CheckpointError: if there is no such file or folder, or as `load`.
    """
    if path := folder_paths.get_full_path(FOLDER, name):
        return load(path)
    for root in folder_paths.get_folder_paths(FOLDER):
        folder = os.path.join(root, name)
        if name.isprintable() and folder_paths.is_within_directory(root, folder) and os.path.isdir(folder):
            return load(folder)
    raise CheckpointError(
        f'There is no "{name[:80]}" in ComfyUI\'s models/{FOLDER}. {SOURCE} Then press R in ComfyUI to see it in the '
        "list."
    )


def load(path: str | os.PathLike) -> EntityControl:
    """DragAnything's ControlNet; see `dragnuwa.models.draganything.checkpoint.load` for the path.

    Raises:
        CheckpointError: if it is something else or incomplete.
    """
    checkpoint = read_checkpoint(path)
    weights = checkpoint.weights
    config = _unet_config(weights)
    device, offload = model_management.get_torch_device(), model_management.unet_offload_device()
    supported = list(comfy.supported_models.SVD_img2vid.supported_inference_dtypes)
    dtype = model_management.unet_dtype(
        model_params=-1, supported_dtypes=supported, weight_dtype=comfy.utils.weight_dtype(weights)
    )
    cast = model_management.unet_manual_cast(dtype, device, supported)
    operations = comfy.ops.pick_operations(dtype, cast, load_device=device, disable_fast_fp8=True)
    with building(WHAT):
        own = {key.removeprefix(ENCODERS): value for key, value in weights.items() if key.startswith(ENCODERS)}
        encoders = EncoderConfig.from_state_dict(own)
        network = EntityControlNetwork(
            config, encoders, checkpoint.heads, operations=operations, device=offload, dtype=dtype
        )
    check_complete(WHAT, network, weights)
    built = built_dtypes(network)
    for key in weights:  # one at a time, so that there are never two full copies
        weights[key] = weights[key].to(built[key])
    network.load_state_dict(weights, assign=True)
    return EntityControl(network.train(False).requires_grad_(False), device, cast)


def _unet_config(weights: dict[str, torch.Tensor]) -> dict:
    """The host's config of the SVD UNet to whose encoder the weights belong.

    Raises:
        CheckpointError: if they do not belong to one.
    """
    with building(WHAT):
        unet = comfy.model_detection.detect_unet_config(weights, "")
        # The file has no decoder. It is built with the rest, without attention, and dropped.
        unet["transformer_depth_output"] = [0] * sum(count + 1 for count in unet["num_res_blocks"])
        config = comfy.supported_models.SVD_img2vid(unet).unet_config
    if (
        not config.get("use_temporal_resblock")
        or config.get("in_channels") != 8
        or set(config["num_res_blocks"]) != {2}
    ):
        raise CheckpointError(
            "The ControlNet is not a copy of Stable Video Diffusion's encoder; ComfyUI cannot build it."
        )
    return config
