"""Loads a DragNUWA checkpoint as the host's MODEL, CLIP, CLIP_VISION, VAE and MODEL_PATCH: ComfyUI's files, and the
small model that comes with the pack. The configuration is inferred from the weights, not from a list of known
models."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import comfy.clip_vision
import comfy.latent_formats
import comfy.model_detection
import comfy.ops
import comfy.sd
import comfy.sd1_clip
import comfy.supported_models
import comfy.supported_models_base
import comfy.taesd.taesd
import comfy.utils
import folder_paths
import torch
from comfy import model_management
from comfy.model_patcher import CoreModelPatcher, ModelPatcher
from einops import rearrange
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d

from ...models.adapter import MultiscaleFusion
from ...models.checkpoint import UNET, VAE_PARTS, Checkpoint, CheckpointConfig, CheckpointError
from ...models.checkpoint import load as read_checkpoint
from ...models.checkpoint import load_adapter as read_adapter
from .. import clip_vision
from ..clip_vision import HEAD_CHANNELS
from ..completeness import building, built_dtypes, check_complete
from . import conditioning

# Not used for the prompt's embedding; ComfyUI has defaults of its own.
TEXT_OPTIONAL = ("logit_scale", "text_projection.weight", "position_ids")
TEXT = "clip_l.transformer.text_model."
EMBEDDED = Path(__file__).resolve().parents[3] / "models"
ADAPTERS = "model_patches"
SIDE, SAMPLES = 8, 4  # of random latents, by which a VAE's preview colours are fitted: latent pixels, and how many
SPREAD = 3.0  # compensates for the smoothing, so that colours vary as much as in pictures


@dataclass(frozen=True)
class Parts:
    """The parts of a checkpoint as objects of the host; None if the file lacks the part."""

    model: ModelPatcher
    clip: comfy.sd.CLIP | None
    clip_vision: comfy.clip_vision.ClipVisionModel | None
    vae: comfy.sd.VAE | None
    adapter: ModelPatcher


def load(path: str | os.PathLike, embedding_directory: list[str] | None = None) -> Parts:
    """Loads every part of a DragNUWA checkpoint.

    Raises:
        CheckpointError: if the file is not a complete DragNUWA checkpoint.
    """
    checkpoint = _read(path)
    config = VideoModel.detect(checkpoint)
    vae = load_vae(checkpoint.base, config)
    if vae is not None:
        _add_preview_colors(vae, config.latent_format)
    clip = _clip(checkpoint.base, config, embedding_directory)
    if vae is not None and clip is not None:
        conditioning.attach(vae, clip)
    model = _model(checkpoint.base, config)
    # The host reloads a model from its file if it needs a second copy, for example on another GPU.
    model.cached_patcher_init = (load_model, (path,))
    return Parts(
        model=model,
        clip=clip,
        clip_vision=clip_vision.load(checkpoint.base, config.clip_vision_prefix),
        vae=vae,
        adapter=_adapter(checkpoint.adapter, checkpoint.config),
    )


def load_model(path: str | os.PathLike, disable_dynamic: bool = False) -> ModelPatcher:
    """Only the MODEL of a checkpoint; `disable_dynamic` selects between the host's two patchers."""
    checkpoint = _read(path)
    return _model(checkpoint.base, VideoModel.detect(checkpoint), ModelPatcher if disable_dynamic else CoreModelPatcher)


def load_adapter(path: str | os.PathLike) -> ModelPatcher:
    """Loads an adapter-only file, as `load` does for a checkpoint's adapter.

    Raises:
        CheckpointError: if the file is not a complete adapter.
    """
    adapter = read_adapter(path)
    return _adapter(adapter.weights, adapter.config)


def _read(path: str | os.PathLike) -> Checkpoint:
    """Merges LoRA in the precision in which the host will keep the UNet: float32 on a CPU, the file's on most GPUs."""
    return read_checkpoint(path, merged_dtype=model_management.unet_dtype())


def _model(base: dict[str, torch.Tensor], config: VideoModel, patcher: type = CoreModelPatcher) -> ModelPatcher:
    """Builds the model like the host's own checkpoint loader, with a configuration inferred from the weights."""
    if model_management.force_channels_last():
        raise ValueError(
            "ComfyUI was started with --force-channels-last, which only supports 2D layers; Stable Video Diffusion's "
            "temporal layers are 3D. Start ComfyUI without it."
        )
    parameters, dtype = comfy.utils.calculate_parameters(base, UNET), comfy.utils.weight_dtype(base, UNET)
    device, supported = model_management.get_torch_device(), list(config.supported_inference_dtypes)
    unet_dtype = model_management.unet_dtype(model_params=parameters, supported_dtypes=supported, weight_dtype=dtype)
    cast_dtype = model_management.unet_manual_cast(unet_dtype, device, supported)
    config.set_inference_dtype(unet_dtype, cast_dtype)
    with building("UNet"):
        model = config.get_model(base, UNET, device=model_management.unet_inital_load_device(parameters, unet_dtype))
    check_unet(model.diffusion_model, base)
    patched = patcher(model, load_device=device, offload_device=model_management.unet_offload_device())
    assign = patched.is_dynamic()
    if not assign and any(base[key].dtype != unet_dtype for key in base if key.startswith(UNET)):
        # They then have their own memory, like those with LoRA, and need not be copied again.
        built = {f"{UNET}{key}": dtype for key, dtype in built_dtypes(model.diffusion_model).items()}
        base = {key: value.to(built.get(key, value.dtype)) for key, value in base.items()}
        assign = True
    model.load_model_weights(base, UNET, assign)
    return patched


def check_unet(unet: torch.nn.Module, base: dict[str, torch.Tensor]) -> None:
    """
    Raises:
        CheckpointError: if the UNet's weights in `base` are incomplete.
    """
    weights = {key.removeprefix(UNET): value for key, value in base.items() if key.startswith(UNET)}
    check_complete(f"UNet ({UNET})", unet, weights)


def load_vae(base: dict[str, torch.Tensor], config: VideoModel) -> comfy.sd.VAE | None:
    """The VAE, or None if the file has none.

    Raises:
        CheckpointError: if ComfyUI does not recognise it, or it is incomplete.
    """
    weights = comfy.utils.state_dict_prefix_replace(base, dict.fromkeys(config.vae_key_prefix, ""), filter_keys=True)
    if not weights:
        return None
    weights = config.process_vae_state_dict(weights)
    with building("VAE"):
        vae = comfy.sd.VAE(sd=dict(weights))
    if vae.first_stage_model is None:
        raise CheckpointError(
            f"The VAE (first_stage_model.) is not one that ComfyUI knows: found {', '.join(sorted(weights)[:3])}. The "
            "file is damaged; get it again."
        )
    used = {key: value for key, value in weights.items() if key.startswith(VAE_PARTS)}
    check_complete("VAE (first_stage_model.)", vae.first_stage_model, used)
    return vae


def _clip(
    base: dict[str, torch.Tensor], config: VideoModel, embedding_directory: list[str] | None
) -> comfy.sd.CLIP | None:
    weights = config.process_clip_state_dict(base)
    if not weights:
        return None
    with building("text encoder"):
        clip = comfy.sd.CLIP(
            config.clip_target(weights),
            embedding_directory=embedding_directory,
            tokenizer_data=weights,
            parameters=comfy.utils.calculate_parameters(weights),
            state_dict=dict(weights),
        )
    check_complete("text encoder (cond_stage_model.)", clip.cond_stage_model, weights, TEXT_OPTIONAL)
    return clip


def _adapter(weights: dict[str, torch.Tensor], config: CheckpointConfig) -> ModelPatcher:
    """The adapter in its own patcher; the host's operations cast its weights to the model's dtype in use."""
    device, offload = model_management.get_torch_device(), model_management.unet_offload_device()
    dtype = comfy.utils.weight_dtype(weights)
    adapter = MultiscaleFusion(config.fusion, operations=comfy.ops.manual_cast, device=offload, dtype=dtype)
    patcher = CoreModelPatcher(adapter, load_device=device, offload_device=offload)
    adapter.load_state_dict(weights, assign=patcher.is_dynamic())
    return patcher


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


def checkpoint_names(embedded: Path = EMBEDDED) -> list[str]:
    """All checkpoints to choose from. The pack's own model comes first, since it works on any machine.

    Only this pack's loader offers it: ComfyUI's own loaders cannot load it.
    """
    own = sorted(file.name for file in embedded.glob("*.safetensors"))
    return own + [name for name in folder_paths.get_filename_list("checkpoints") if name not in own]


def checkpoint_path(name: str, embedded: Path = EMBEDDED) -> str:
    """The file for one of `checkpoint_names`; ComfyUI's folders take precedence over the pack's own model.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    if found := folder_paths.get_full_path("checkpoints", name):
        return found
    own = {file.name: file for file in embedded.glob("*.safetensors")}
    return str(own[name]) if name in own else folder_paths.get_full_path_or_raise("checkpoints", name)


def load_named_checkpoint(name: str) -> Parts:
    """Every part of the checkpoint for one of `checkpoint_names`.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it is not a complete DragNUWA checkpoint.
    """
    return load(checkpoint_path(name), folder_paths.get_folder_paths("embeddings"))


def adapter_names() -> list[str]:
    """All adapters to choose from, including those of other models: a file is only recognised when it is loaded."""
    return folder_paths.get_filename_list(ADAPTERS)


def load_named_adapter(name: str) -> ModelPatcher:
    """The adapter for one of `adapter_names`.

    Raises:
        CheckpointError: if there is no such file, or it is not a complete DragNUWA adapter.
    """
    if path := folder_paths.get_full_path(ADAPTERS, name):
        return load_adapter(path)
    raise CheckpointError(
        f'There is no "{name[:80]}" in ComfyUI\'s models/{ADAPTERS}. Put the adapter that python -m dragnuwa.convert '
        "wrote there, and press R in ComfyUI to see it in the list."
    )


def _add_preview_colors(vae: comfy.sd.VAE, latent_format: comfy.latent_formats.LatentFormat) -> None:
    """Sets a latent format's preview factors for a small VAE. The host only knows those of the large VAEs, which would
    give false colours.

    They are a least-squares fit to the VAE's output for smooth random latents.
    """
    if not isinstance(vae.first_stage_model, comfy.taesd.taesd.TAESD):
        return
    noise = torch.randn(SAMPLES, latent_format.latent_channels, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    latents = SPREAD * avg_pool2d(noise, 3, stride=1, padding=1)  # [N, C, h, w]
    decoded = vae.decode(latent_format.process_out(latents))  # [N, H, W, 3]
    colors = 2 * adaptive_avg_pool2d(rearrange(decoded.float().cpu(), "n h w c -> n c h w"), SIDE) - 1  # [N, 3, h, w]
    inputs = torch.cat([latents, torch.ones_like(latents[:, :1])], 1)
    inputs, colors = (rearrange(values, "n c h w -> (n h w) c") for values in (inputs, colors))
    *factors, bias = torch.linalg.lstsq(inputs, colors).solution.tolist()
    latent_format.latent_rgb_factors, latent_format.latent_rgb_factors_bias = factors, bias
    latent_format.taesd_decoder_name = None  # belongs to another VAE
