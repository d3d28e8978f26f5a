"""Builds DragAnything's ControlNet for training on a Stable Video Diffusion, and the features of entities."""

from __future__ import annotations

from dataclasses import dataclass

import comfy.sd
import torch
from torch import Tensor, nn

from ...common.clip_shape import ClipShape
from ...common.images import fit
from ...models.checkpoint import UNET, Checkpoint
from ...models.draganything.checkpoint import OWN, SKIP_COUNTS
from ...models.draganything.encoders import EncoderConfig
from ...models.draganything.maps import CHANNELS
from ..draganything.features import picture_features
from ..draganything.network import EntityControlNetwork
from ..fusion.load import VideoModel
from . import svd_parts
from .networks import reset

HEAT_CHANNELS = (16, 32, 96, 256)  # of the released condition encoders, before the model's own
ENTITY_CHANNELS = (CHANNELS, 160, 256, 256)


@dataclass(frozen=True)
class EntityParts:
    """
    Attributes:
        svd: the frozen parts.
        control: float32, a copy of SVD's encoder with new condition encoders, which has no effect yet.
        heads: attention heads of each level.
        head_channels: of each head.
    """

    svd: svd_parts.SvdParts
    control: EntityControlNetwork
    heads: list[int]
    head_channels: int


def build(checkpoint: Checkpoint, dtype: torch.dtype) -> EntityParts:
    """
    Args:
        checkpoint: a plain Stable Video Diffusion with every part.
        dtype: of its UNet in memory.

    Raises:
        CheckpointError: if a part is missing or incomplete.
        ValueError: if the UNet does not have SVD's levels and blocks, on which the ControlNet's released keys depend.
    """
    config = VideoModel.detect(checkpoint)
    blocks = sum(config.unet_config["num_res_blocks"]) + len(config.unet_config["channel_mult"])
    if blocks != len(SKIP_COUNTS):
        raise ValueError(
            f"DragAnything's ControlNet is for a UNet with {len(SKIP_COUNTS)} input blocks, as Stable Video Diffusion "
            f"has; this one has {blocks}. Give svd.safetensors."
        )
    control = _control(checkpoint.base, config.unet_config)
    head_channels, width = config.unet_config["num_head_channels"], config.unet_config["model_channels"]
    heads = [mult * width // head_channels for mult in config.unet_config["channel_mult"]]
    return EntityParts(svd_parts.build(checkpoint, dtype), control, heads, head_channels)


def _control(base: dict[str, Tensor], unet_config: dict) -> EntityControlNetwork:
    width = unet_config["model_channels"]
    control = EntityControlNetwork(
        unet_config, EncoderConfig((*HEAT_CHANNELS, width), (*ENTITY_CHANNELS, width)), dtype=torch.float32
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        reset(control.controlnet_cond_embedding)
    encoders = control.controlnet_cond_embedding
    silent = (
        encoders.conv_out,
        encoders.conv_out_feature,
        *control.controlnet_down_blocks,
        control.controlnet_mid_block,
    )
    for layer in silent:
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    copied = {key: base[UNET + key].float() for key in control.state_dict() if not key.startswith(OWN)}
    control.load_state_dict(copied, strict=False)
    return control


class PictureFeatures:
    """Features of pictures from a Stable Diffusion 1.5, computed by `dragnuwa.host.draganything.features`.

    Args:
        path: of its checkpoint, with text encoder and VAE.

    Raises:
        ValueError: if the host does not recognise the checkpoint.
    """

    def __init__(self, path: str):
        try:
            model, clip, vae, _ = comfy.sd.load_checkpoint_guess_config(path, output_vae=True, output_clip=True)
        except RuntimeError as error:
            raise ValueError(f"{path} is no checkpoint of Stable Diffusion 1.5 ({error}).") from error
        self.model, self.clip, self.vae = model, clip, vae

    def __call__(self, picture: Tensor, shape: ClipShape, samples: int, seed: int) -> Tensor:
        """`[320, h, w]` of a picture `[1, H, W, 3]` of the clip's size."""
        fitted = fit(picture, *shape.size, "stretch")
        return picture_features(self.model, self.clip, self.vae, fitted, samples, seed)
