"""Latent-to-RGB factors, with which the host previews sampling steps."""

from __future__ import annotations

import comfy.latent_formats
import comfy.sd
import comfy.taesd.taesd
import torch
from einops import rearrange
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d

SIDE, SAMPLES = 8, 4  # latent pixels of a sample, and how many there are
SPREAD = 3.0  # compensates for the smoothing, so that colours vary as much as in pictures


def with_colors_of(vae: comfy.sd.VAE, latent_format: comfy.latent_formats.LatentFormat) -> None:
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
