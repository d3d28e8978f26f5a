"""The host's network classes with fresh weights, and its sampler: for training, and for looking at the result."""

from __future__ import annotations

from collections.abc import Callable

import comfy.ops
import torch
from comfy.k_diffusion.sampling import get_sigmas_karras, sample_euler
from comfy.ldm.modules.diffusionmodules.openaimodel import Timestep, UNetModel
from comfy.sd1_clip import SDTokenizer
from comfy.taesd.taesd import TAESD
from torch import nn

__all__ = ["TAESD", "motion_numbers", "sample", "tokenizer", "video_unet"]

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.GroupNorm, nn.LayerNorm)
NUMBER_CHANNELS = 256  # of the embedding of each of SVD's numbers


def video_unet(
    *, model_channels: int, channel_mult: tuple[int, ...], num_res_blocks: int, head_channels: int, context_dim: int
) -> UNetModel:
    """Stable Video Diffusion's UNet of another size, with attention on every level, and torch's default initialisation.

    The host's layers come without any, since the host only ever loads weights.
    """
    levels = len(channel_mult)
    unet = UNetModel(
        image_size=32,
        in_channels=8,
        out_channels=4,
        model_channels=model_channels,
        channel_mult=channel_mult,
        num_res_blocks=[num_res_blocks] * levels,
        num_head_channels=head_channels,
        transformer_depth=[1] * (num_res_blocks * levels),
        transformer_depth_middle=1,
        transformer_depth_output=[1] * ((num_res_blocks + 1) * levels),
        context_dim=context_dim,
        adm_in_channels=3 * NUMBER_CHANNELS,
        num_classes="sequential",
        use_spatial_transformer=True,
        use_linear_in_transformer=True,
        legacy=False,
        use_temporal_resblock=True,
        use_temporal_attention=True,
        extra_ff_mix_layer=True,
        use_spatial_context=True,
        merge_strategy="learned_with_images",
        video_kernel_size=[3, 1, 1],
        dtype=torch.float32,
        operations=comfy.ops.disable_weight_init,
    )
    for layer in unet.modules():
        for kind in LAYERS:
            if isinstance(layer, kind):
                kind.reset_parameters(layer)
    return unet.requires_grad_(True)


def tokenizer(size: int) -> Callable[[str], list[int]]:
    """From a text to CLIP's 77 tokens; of a longer one the beginning."""
    host = SDTokenizer(embedding_size=size)
    return lambda text: [token for token, _ in host.tokenize_with_weights(text)[0]]


def motion_numbers(fps: torch.Tensor, motion_bucket: torch.Tensor, augmentation: torch.Tensor) -> torch.Tensor:
    """SVD's numbers `[B]` each (fps is the frame rate less one) as the host embeds them: `[B, 768]`."""
    embed = Timestep(NUMBER_CHANNELS)
    return torch.cat([embed(numbers) for numbers in (fps, motion_bucket, augmentation)], dim=1)


def sample(
    denoise: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    noise: torch.Tensor,
    *,
    steps: int,
    sigma_min: float = 0.002,
    sigma_max: float = 700.0,
) -> torch.Tensor:
    """Euler steps along Karras' schedule; `denoise(x, sigma)` takes sigma `[len(x)]`, `noise` has variance 1."""
    sigmas = get_sigmas_karras(steps, sigma_min, sigma_max)
    return sample_euler(denoise, noise * (1 + sigmas[0] ** 2) ** 0.5, sigmas, disable=True)
