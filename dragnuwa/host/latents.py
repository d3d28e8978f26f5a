"""The host's latents of videos: their frames, and which frames of a clip each of these stands for."""

from __future__ import annotations

from torch import Tensor

from ..carry.noise_mask import causal_spans


def frames_of(latent: dict, vae) -> int:
    """How many frames of a clip the host's LATENT stands for, by its VAE.

    Raises:
        ValueError: if there is no VAE, or the latent is not that of a video.
    """
    samples = video_samples(latent, vae)
    count = latent_frames(samples)
    return spans(count * compression(vae) + 1, samples, vae)[count - 1].stop


def video_samples(latent: dict, vae) -> Tensor:
    """As `video_of`, checked.

    Raises:
        ValueError: if there is no VAE, or the latent is not that of a video.
    """
    if vae is None:
        raise ValueError("There is no VAE. The checkpoint has none: load one with Load VAE and connect it.")
    samples = video_of(latent)
    if samples.is_nested or samples.ndim not in (4, 5):
        raise ValueError(
            "Expected the latent of a video: [T, C, h, w] or [B, C, t, h, w]. Connect the latent of the model's own "
            "conditioning node."
        )
    return samples


def latent_frames(samples: Tensor) -> int:
    """Of a video's latent."""
    return samples.shape[2] if samples.ndim == 5 else samples.shape[0]


def video_of(latent: dict) -> Tensor:
    """The latent's video, which comes before its sound."""
    samples = latent["samples"]
    return samples.unbind()[0] if samples.is_nested else samples


def spans(frames: int, samples: Tensor, vae) -> list[slice]:
    """The frames of a video that each latent frame stands for, by the VAE itself."""
    if samples.ndim == 4:
        return causal_spans(frames, 1)
    group = getattr(vae.first_stage_model, "clip_length", None)  # of MiniMax H3, which encodes so many at a time
    return causal_spans(frames, compression(vae), group)


def compression(vae) -> int:
    """Frames in a latent frame, but for the first."""
    network = vae.first_stage_model
    return getattr(network, "vae_ratio_t", None) or vae.temporal_compression_decode() or 1
