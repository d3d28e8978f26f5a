"""Carry in the host: encodes a picture carried along its tracks as the latent from which the host samples."""

from __future__ import annotations

import comfy.utils
import torch
from torch import Tensor

from ..carry.composite import Carried, carry_clip
from ..carry.full_size import carry_at_full_size
from ..carry.noise_mask import latent_frames, latent_mask
from ..carry.settings import CarrySettings
from ..common.clip_shape import ClipShape
from ..trajectory import Trajectories
from .running_node import check_interrupt, progress_bar


def carry_into_latent(
    latent: dict,
    vae,
    image: Tensor | None,
    trajectories: Trajectories,
    clip: ClipShape,
    settings: CarrySettings,
    masks: Tensor | None = None,
    background: Tensor | None = None,
) -> tuple[dict, Carried]:
    """Carries a picture along its tracks, and ties the sampling to the result.

    Args:
        latent: the host's LATENT of the clip, from the model's own conditioning.
        vae: the host's VAE of the model that samples.
        image, trajectories, masks, background: as for `dragnuwa.carry.carry_clip`.
        clip: size and number of frames.
        settings: how the picture is carried, and for how long the sampling is tied to it.

    Returns:
        LATENT with a noise mask, from `into_latent`; and what was carried.

    Raises:
        ValueError: as `check_latent`, `carry_clip` and `into_latent`.
    """
    check_latent(latent, vae, clip)
    settings = settings if background is None else settings.with_background()
    watched = check_interrupt, progress_bar()
    carried = carry_clip(image, trajectories, clip, masks, settings, *watched, background=background)
    return into_latent(latent, vae, carried, settings), carried


def move_picture(
    image: Tensor | None,
    trajectories: Trajectories,
    clip: ClipShape,
    longer_side: int,
    settings: CarrySettings,
    masks: Tensor | None = None,
    background: Tensor | None = None,
) -> Carried:
    """As `dragnuwa.carry.full_size.carry_at_full_size`, with the host's progress bar and interrupt."""
    bar = progress_bar()
    return carry_at_full_size(image, trajectories, clip, masks, settings, longer_side, background, check_interrupt, bar)


def check_latent(latent: dict, vae, clip: ClipShape) -> None:
    """
    Raises:
        ValueError: if there is no VAE, the latent does not match this VAE and the clip's size and length, or its noise
            mask has values outside 0 to 1.
    """
    if vae is None:
        raise ValueError("There is no VAE. The checkpoint has none: load one with Load VAE and connect it.")
    samples = latent["samples"]
    if samples.is_nested or samples.ndim not in (4, 5):
        raise ValueError(
            "Expected the latent of a video: [T, C, h, w] or [B, C, t, h, w]. Connect the latent of the model's own "
            "conditioning node, without sound."
        )
    compression, found = _compression(samples, vae), samples.shape[2] if samples.ndim == 5 else samples.shape[0]
    expected = latent_frames(clip.frames, compression)
    if found != expected:
        raise ValueError(
            f"The latent has {found} frames, where {clip.frames} frames of the clip make {expected}. "
            "Set one number of frames in both nodes."
        )
    pixel = vae.spacial_compression_encode()
    if (samples.shape[-1] * pixel, samples.shape[-2] * pixel) != (clip.width, clip.height):
        raise ValueError(
            f"The latent is for {samples.shape[-1] * pixel}x{samples.shape[-2] * pixel} pixels, the clip has "
            f"{clip.width}x{clip.height}. Set one width and height in both nodes."
        )
    before = _mask_before(latent)
    if not bool(((before >= 0) & (before <= 1)).all()):  # also catches NaN
        raise ValueError(
            f"The latent's noise mask should hold values from 0 to 1; found {float(before.min()):g} to "
            f"{float(before.max()):g}. Scale the mask before Set Latent Noise Mask."
        )


def into_latent(latent: dict, vae, carried: Carried, settings: CarrySettings) -> dict:
    """A latent whose carried regions the host keeps close to the carried video for part of the sampling.

    Regions that are never tied keep the latent's values, so that they start as they would without the carried video.
    If the latent already has a noise mask, a region stays tied for the longer of the two times.

    Args:
        latent: the host's LATENT of the clip, checked by `check_latent`.
        vae: the host's VAE.
        carried: the carried video and its masks.
        settings: only `hold`, `ground` and `fill` are used; see `dragnuwa.carry.noise_mask`.

    Returns:
        LATENT; the input itself if nothing is tied.

    Raises:
        ValueError: if the VAE's latents and the given one differ in shape.
    """
    samples = latent["samples"]
    compression = _compression(samples, vae)
    size = (samples.shape[-1], samples.shape[-2])
    mask = latent_mask(carried, settings, compression, size, check_interrupt).to(samples.device)  # [t, h, w]
    if bool((mask == 1).all()):
        return latent
    mask = mask[None, None] if samples.ndim == 5 else mask[:, None]  # [1, 1, t, h, w] or [T, 1, h, w]
    pictures = (latent_frames(len(carried.video), compression) - 1) * compression + 1
    crude = vae.encode(carried.video[:pictures]).to(samples)
    if crude.ndim != samples.ndim or crude.shape[1:] != samples.shape[1:]:
        raise ValueError(
            f"The VAE makes latents {list(crude.shape)}, the latent is {list(samples.shape)}: they are not of one "
            "model. Connect the VAE of the model that samples."
        )
    before = _mask_before(latent)
    tied_by_us = mask < before
    return latent | {
        "samples": torch.where(tied_by_us, crude, samples),
        "noise_mask": torch.minimum(mask, before),
    }


def _compression(samples: Tensor, vae) -> int:
    return (vae.temporal_compression_decode() or 1) if samples.ndim == 5 else 1


def _mask_before(latent: dict) -> Tensor:
    """The latent's own noise mask with one channel; all ones if it has none."""
    samples = latent["samples"]
    one_channel = (samples.shape[0], 1, *samples.shape[2:])
    if latent.get("noise_mask") is None:
        return torch.ones(one_channel, device=samples.device)
    return comfy.utils.reshape_mask(latent["noise_mask"].float(), one_channel).to(samples.device)
