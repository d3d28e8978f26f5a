"""Carry in the host: encodes a picture carried along its tracks as the latent from which the host samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import comfy.utils
import torch
from comfy.model_patcher import ModelPatcher
from torch import Tensor

from ..carry.composite import Carried, CarryInputs, carry_at_full_size
from ..carry.noise_mask import latent_mask
from ..carry.settings import CarrySettings
from ..common.clip_shape import ClipShape
from ..common.errors import InputError
from ..common.images import as_images, fit, same_shape
from ..common.masks import as_masks, fit_mask
from .latents import frames_of, latent_frames, spans, video_of, video_samples
from .running_node import progress_bar
from .tie import Tie, tie_model, ties_of_latent, with_tie


@dataclass(frozen=True)
class Conditioned:
    """What a sampling takes from Carry.

    Attributes:
        latent: the host's LATENT to sample from.
        model: the host's MODEL that is tied to the carried video; None if a noise mask of the latent ties it.
        carried: the carried video and its masks.
    """

    latent: dict
    model: ModelPatcher | None
    carried: Carried


@dataclass(frozen=True)
class Sampling:
    """A sampling of a clip in the host.

    Attributes:
        latent: the host's LATENT of the clip, from the model's own conditioning.
        vae: the host's VAE of the model that samples.
        model: the host's MODEL that samples, to tie it by itself (`dragnuwa.host.tie`). Without it, the latent gets a
            noise mask, for Differential Diffusion.
        hold_steps: the number of steps for which carried positions are tied, which `CarrySettings.hold` then stands
            for; 0 for fractions of the schedule. Only with a model.
        report: called with "holds 2 of 4 steps" when a sampling of the model begins.

    Raises:
        ValueError: if steps are to be counted without a model.
    """

    latent: dict
    vae: Any
    model: ModelPatcher | None = None
    hold_steps: int = 0
    report: Callable[[str], None] = lambda text: None

    def __post_init__(self):
        if self.hold_steps > 0 and self.model is None:
            raise ValueError(
                f"hold_steps is {self.hold_steps}, and no model is connected: only a model's own steps can be counted. "
                "Connect the model to Carry and Carry's model to the sampler, or set hold_steps to 0."
            )


def carry_into_sampling(sampling: Sampling, inputs: CarryInputs, settings: CarrySettings) -> Conditioned:
    """Carries a picture along its tracks, and ties the sampling to the result.

    Args:
        sampling: that is tied.
        inputs: what is carried.
        settings: how the picture is carried, and for how long the sampling is tied to it.

    Raises:
        ValueError: as `check_latent`, `carry_clip`, `into_latent` and `tie_to`.
    """
    latent, vae, model = sampling.latent, sampling.vae, sampling.model
    check_latent(latent, vae, inputs.clip, sound=model is not None)
    settings = settings if inputs.background is None else settings.with_background()
    carried = inputs.carried(settings, progress_bar())
    if model is None:
        return Conditioned(into_latent(latent, vae, carried, settings), None, carried)
    before, tie = ties_of_latent(latent), tie_of(sampling, carried, settings)
    tied = model.clone()
    for each in (*before, *(() if tie is None else (tie,))):
        tied = tie_model(tied, each, sampling.report)
    return Conditioned(with_tie(latent, tie), tied, carried)


def tie_to_video(sampling: Sampling, images: Tensor, mask: Tensor, hold: float) -> ModelPatcher:
    """A clone of a model whose sampling is tied to a video: to the end outside of a mask, and inside of it for the
    fraction `hold` of its schedule.

    Args:
        sampling: of a model.
        images: `[T, H, W, 3]` from 0 to 1, scaled to the latent's size, whose shape they have.
        mask: `[T, H, W]` from 0 to 1, or one for all frames: what the model may change.

    Raises:
        InputError: if the mask has another number of frames, or video, mask and latent are not of one shape.
        ValueError: as `check_latent` and `tie_to`.
    """
    images, free = as_images(images), as_masks(mask)
    samples, pixel = video_samples(sampling.latent, sampling.vae), sampling.vae.spacial_compression_encode()
    size = samples.shape[-1] * pixel, samples.shape[-2] * pixel
    if len(free) not in (1, len(images)):
        raise InputError(f"mask should have one mask for each of the {len(images)} images, or one; found {len(free)}.")
    check_latent(sampling.latent, sampling.vae, ClipShape(*size, len(images)), sound=True)
    _check_shapes((images.shape[2], images.shape[1]), (free.shape[2], free.shape[1]), size, pixel)
    video = fit(images, *size, "stretch")
    tied = 1 - (fit_mask(free, *size, "stretch") > 0).float().expand(len(images), -1, -1)
    carried = Carried(video, tied, torch.zeros_like(tied), torch.zeros_like(tied), tied[:0])
    return tie_to(sampling, carried, CarrySettings(hold=1.0, ground=hold))


def _check_shapes(video: tuple[int, int], mask: tuple[int, int], latent: tuple[int, int], pixel: int) -> None:
    if not same_shape(video, latent, pixel):
        raise InputError(
            f"images should have the latent's shape, {latent[0]}x{latent[1]} pixels; found {video[0]}x{video[1]}. Set "
            "width and height in the model's own conditioning node to those of the video, or scaled with it."
        )
    if not same_shape(mask, video):
        raise InputError(
            f"mask should have the shape of the images, {video[0]}x{video[1]} pixels; found {mask[0]}x{mask[1]}. Make "
            "it from the same video."
        )


def move_picture(inputs: CarryInputs, settings: CarrySettings, longer_side: int) -> Carried:
    """As `dragnuwa.carry.composite.carry_at_full_size`, with the host's progress bar."""
    return carry_at_full_size(inputs, settings, longer_side, progress_bar())


def check_latent(latent: dict, vae, clip: ClipShape, *, sound: bool = False) -> None:
    """
    Args:
        sound: whether the latent may carry sound, after the video.

    Raises:
        ValueError: if there is no VAE, the latent does not match this VAE and the clip's size and length, or its noise
            mask has values outside 0 to 1.
    """
    samples = video_samples(latent, vae)
    if latent["samples"].is_nested and not sound:
        raise ValueError(
            "The latent carries sound, which a noise mask cannot leave alone. Connect the model to DragNUWA Carry, and "
            "Carry's model to the sampler."
        )
    found = latent_frames(samples)
    expected = len(spans(clip.frames, samples, vae))
    if found != expected:
        raise ValueError(
            f"The latent has {found} frames, which stand for {frames_of(latent, vae)} frames of a clip; here the clip "
            f"has {clip.frames}, which make {expected}. Set one number of frames in both nodes, or 0 in DragNUWA "
            "Carry, which takes it from the latent."
        )
    pixel = vae.spacial_compression_encode()
    if (samples.shape[-1] * pixel, samples.shape[-2] * pixel) != (clip.width, clip.height):
        raise ValueError(
            f"The latent is for {samples.shape[-1] * pixel}x{samples.shape[-2] * pixel} pixels, the clip has "
            f"{clip.width}x{clip.height}. Set one width and height in both nodes."
        )
    if samples is not latent["samples"]:
        return  # the model's own mask for sound and video, which stays as it is
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
    mask = _mask_of(samples, vae, carried, settings)
    if bool((mask == 1).all()):
        return latent
    crude = _encoded(samples, vae, carried.video)
    before = _mask_before(latent)
    tied_by_us = mask < before
    return latent | {
        "samples": torch.where(tied_by_us, crude, samples),
        "noise_mask": torch.minimum(mask, before),
    }


def tie_to(sampling: Sampling, carried: Carried, settings: CarrySettings) -> ModelPatcher:
    """A clone of the model whose sampling stays close to the carried video for a part of its steps.

    Raises:
        ValueError: as `tie_of`.
    """
    tie = tie_of(sampling, carried, settings)
    return sampling.model.clone() if tie is None else tie_model(sampling.model, tie, sampling.report)


def tie_of(sampling: Sampling, carried: Carried, settings: CarrySettings) -> Tie | None:
    """The tie to a carried video; None if nothing is tied.

    Args:
        sampling: of which the latent was checked by `check_latent`; it may carry sound, which is left alone.
        carried: the carried video and its masks.
        settings: for how long the sampling is tied to it.

    Raises:
        ValueError: if the VAE's latents and the given one differ in shape.
    """
    vae, hold_steps, samples = sampling.vae, sampling.hold_steps, video_of(sampling.latent)
    if hold_steps > 0 and settings.hold == 0:  # the steps count, whatever the fraction is
        settings = replace(settings, hold=1.0)
    share = 1 - _mask_of(samples, vae, carried, settings)
    if not bool((share > 0).any()):
        return None
    # With steps, hold says only how ground and carried positions compare.
    steps = hold_steps / settings.hold if hold_steps > 0 else None
    return Tie(_encoded(samples, vae, carried.video), share, steps)


def _mask_of(samples: Tensor, vae, carried: Carried, settings: CarrySettings) -> Tensor:
    """The noise mask of the carried video: `[1, 1, t, h, w]`, or `[T, 1, h, w]` for a latent of this form."""
    size, of_frames = (samples.shape[-1], samples.shape[-2]), spans(len(carried.video), samples, vae)
    mask = latent_mask(carried, settings, of_frames, size).to(samples.device)
    return mask[None, None] if samples.ndim == 5 else mask[:, None]


def _encoded(samples: Tensor, vae, video: Tensor) -> Tensor:
    """The latent of a video, as one of the samples."""
    crude = vae.encode(video[: spans(len(video), samples, vae)[-1].stop]).to(samples)
    if crude.ndim != samples.ndim or crude.shape[1:] != samples.shape[1:]:
        raise ValueError(
            f"The VAE makes latents {list(crude.shape)}, the latent is {list(samples.shape)}: they are not of one "
            "model. Connect the VAE of the model that samples."
        )
    return crude


def _mask_before(latent: dict) -> Tensor:
    """The latent's own noise mask with one channel; all ones if it has none."""
    samples = latent["samples"]
    one_channel = (samples.shape[0], 1, *samples.shape[2:])
    if latent.get("noise_mask") is None:
        return torch.ones(one_channel, device=samples.device)
    return comfy.utils.reshape_mask(latent["noise_mask"].float(), one_channel).to(samples.device)
