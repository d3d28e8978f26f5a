"""The host's networks with newly initialised weights, called on batches of clips for training, and a sampler."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import comfy.ops
import torch
from comfy.k_diffusion.sampling import get_sigmas_karras, sample_euler
from comfy.ldm.modules.diffusionmodules.openaimodel import Timestep, UNetModel
from comfy.sd1_clip import SDTokenizer
from comfy.taesd.taesd import TAESD
from torch import Tensor, nn

from ...models.adapter import BlockKey

__all__ = ["TAESD", "Modulation", "euler_sample", "join_clips", "motion_numbers", "run_unet", "tokenizer", "video_unet"]

Modulation = dict[BlockKey, tuple[Tensor, Tensor]]  # gamma and beta by block

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.GroupNorm, nn.LayerNorm)
NUMBER_CHANNELS = 256  # of the embedding of each motion number
SIGMA_RANGE = (0.002, 700.0)  # of the sampler, as the host has it for Stable Video Diffusion


def video_unet(
    *, model_channels: int, channel_mult: tuple[int, ...], num_res_blocks: int, head_channels: int, context_dim: int
) -> UNetModel:
    """Stable Video Diffusion's UNet at another size, with attention on every level and torch's default initialisation.

    The host itself leaves weights uninitialised, since it always loads them.
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
    reset(unet)
    return unet.requires_grad_(True)


def reset(network: nn.Module) -> None:
    """Apply torch's default initialisation to the host's layers, which it leaves uninitialised."""
    for layer in network.modules():
        for kind in LAYERS:
            if isinstance(layer, kind):
                kind.reset_parameters(layer)


def attention_options(**options) -> dict:
    """The host's `transformer_options` for training, with further entries."""
    return {"optimized_attention_override": cpu_attention, **options}


def run_unet(
    unet: nn.Module,
    x: Tensor,
    noise_level: Tensor,
    *,
    concat: Tensor,
    context: Tensor,
    numbers: Tensor,
    control: dict[str, list[Tensor]] | None = None,
    pictures: bool = False,
    **options,
) -> Tensor:
    """The host's video UNet on a batch of clips.

    Args:
        unet: the host's.
        x: `[B, T, 4, h, w]`.
        noise_level: `[B]`, log(sigma) / 4.
        concat, context, numbers: `[B, 4, h, w]`, `[B, L, C]` and `[B, 768]`, see `research.training.recipe.Conditions`.
        control: residuals `[B T, C, h, w]` in the host's ControlNet format; the lists are consumed.
        pictures: whether the clips are single pictures, for which temporal layers are skipped.
        options: further entries of the host's `transformer_options`.

    Returns:
        `[B, T, 4, h, w]`.
    """
    frames = x.shape[1]
    start = concat[:, None].expand(-1, frames, -1, -1, -1)
    out = unet(
        torch.cat([x, start], 2).flatten(0, 1),
        noise_level.repeat_interleave(frames),
        context.repeat_interleave(frames, 0),
        numbers.repeat_interleave(frames, 0),
        control=control,
        transformer_options=attention_options(**options),
        num_video_frames=frames,
        image_only_indicator=torch.ones(x.shape[:2], device=x.device) if pictures else None,
    )  # [B T, 4, h, w]
    return out.unflatten(0, x.shape[:2])


def join_clips(modulations: Sequence[Modulation]) -> Modulation:
    """gamma and beta of several clips in the layout of `run_unet`'s batch: `[B T, C, h, w]`."""
    return {
        key: tuple(torch.cat([clip[key][part] for clip in modulations]) for part in (0, 1)) for key in modulations[0]
    }


def cpu_attention(
    function: Callable[..., Tensor], q: Tensor, k: Tensor, v: Tensor, heads: int, *args, **kwargs
) -> Tensor:
    """The host's `optimized_attention_override`: q `[B, L, heads C]`, k and v `[B, S, heads C]` to `[B, L, heads C]`.

    On a CPU the backward pass of torch's own kernel takes several times as long as these full matrix products, which
    fit into memory for small pictures. On other devices, and with a mask, the host's choice `function` is called.
    """
    if q.device.type != "cpu" or args or kwargs.get("mask") is not None:
        return function(q, k, v, heads, *args, **kwargs)
    query, key, value = (part.unflatten(-1, (heads, -1)).transpose(1, 2).flatten(0, 1) for part in (q, k, v))
    weights = torch.bmm(query * query.shape[-1] ** -0.5, key.transpose(1, 2)).softmax(-1, dtype=query.dtype)
    out = torch.bmm(weights, value)  # [B heads, L, C]
    return out.unflatten(0, (-1, heads)).transpose(1, 2).flatten(2)


def tokenizer(size: int) -> Callable[[str], list[int]]:
    """Converts a text to CLIP's 77 tokens; a longer text is truncated."""
    host = SDTokenizer(embedding_size=size)
    return lambda text: [token for token, _ in host.tokenize_with_weights(text)[0]]


def motion_numbers(fps: Tensor, motion_bucket: Tensor, augmentation: Tensor) -> Tensor:
    """SVD's motion numbers, each `[B]` (fps is the frame rate less one), as the host embeds them: `[B, 768]`."""
    embed = Timestep(NUMBER_CHANNELS)
    return torch.cat([embed(numbers) for numbers in (fps, motion_bucket, augmentation)], dim=1)


def euler_sample(denoise: Callable[[Tensor, Tensor], Tensor], noise: Tensor, *, steps: int) -> Tensor:
    """Euler steps on the Karras schedule; `denoise(x, sigma)` takes sigma `[len(x)]`, `noise` has variance 1."""
    sigmas = get_sigmas_karras(steps, *SIGMA_RANGE)
    return sample_euler(denoise, noise * (1 + sigmas[0] ** 2) ** 0.5, sigmas, disable=True)
