"""Builds the frozen parts of Stable Video Diffusion with the host's classes, for training on top of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import comfy.clip_vision
import comfy.ops
import comfy.sd
import torch
from comfy.ldm.modules.diffusionmodules.openaimodel import SpatialVideoTransformer, UNetModel, VideoResBlock
from torch import Tensor, nn

from ...models.adapter import BlockKey, FusionHead
from ...models.checkpoint import UNET, Checkpoint, CheckpointError
from .. import clip_vision
from ..fusion.fusion_patch import PATCH, run_fused
from ..fusion.load import VideoModel, check_unet, load_vae


@dataclass(frozen=True)
class SvdParts:
    """The UNet, and the host's VAE and CLIP vision model."""

    unet: UNetModel
    vae: comfy.sd.VAE
    clip_vision: comfy.clip_vision.ClipVisionModel


def build(checkpoint: Checkpoint, dtype: torch.dtype) -> SvdParts:
    """Every part that training needs, with the UNet frozen and in `dtype`.

    Raises:
        CheckpointError: if the UNet is incomplete or not SVD's, or the VAE or the CLIP vision model is missing.
    """
    config = VideoModel.detect(checkpoint)
    network = unet(checkpoint.base, config, dtype)
    vae, vision = load_vae(checkpoint.base, config), clip_vision.load(checkpoint.base, config.clip_vision_prefix)
    if vae is None or vision is None:
        what = "VAE (first_stage_model.)" if vae is None else f"CLIP vision model ({config.clip_vision_prefix})"
        raise CheckpointError(
            f"The checkpoint has no {what}. Training needs one with all parts, such as svd.safetensors."
        )
    return SvdParts(network, vae, vision)


def unet(base: dict[str, torch.Tensor], config: VideoModel, dtype: torch.dtype) -> UNetModel:
    """The host's UNet with the weights of `base`, frozen, on the CPU; its norms stay in float32.

    Autocast expects norms in float32, and they are only a thousandth of the weights.
    """
    config.set_inference_dtype(dtype, None)
    with torch.device("meta"):
        network = UNetModel(**config.unet_config, operations=comfy.ops.disable_weight_init)
    check_unet(network, base)
    weights = {key.removeprefix(UNET): value.to(dtype) for key, value in base.items() if key.startswith(UNET)}
    network.load_state_dict(weights, assign=True)
    for layer in network.modules():
        if isinstance(layer, (nn.GroupNorm, nn.LayerNorm)):
            layer.float()
    return network.requires_grad_(False)


def block_patches(
    modulation: Mapping[BlockKey, tuple[FusionHead, Tensor, Tensor]], run: Callable[..., Tensor]
) -> dict[str, list]:
    """The host's `patches` for a training step: every block is computed as `run(function, *inputs)`.

    In the blocks of `modulation`, fusion heads with gamma and beta `[B T, C, h, w]` are applied as in `FusionPatch`.
    """

    def residual_block(layer, x, emb, context, options, output_shape, time_context, frames, image_only) -> Tensor:
        return run(_fused, layer, modulation.get(options["block"]), x, emb, frames, image_only)

    def attention(layer, x, emb, context, options, output_shape, time_context, frames, image_only) -> Tensor:
        return run(layer, x, context, time_context, frames, image_only, options)

    return {PATCH: [(VideoResBlock, residual_block), (SpatialVideoTransformer, attention)]}


def _fused(layer: VideoResBlock, fusion: tuple[FusionHead, Tensor, Tensor] | None, *inputs) -> Tensor:
    if fusion is None:
        return layer(*inputs)
    head, gamma, beta = fusion
    return run_fused(layer, lambda h: head.fuse(h, gamma, beta), *inputs)
