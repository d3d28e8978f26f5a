"""What a camera does to a picture, many at once: exposure, colour, defocus, noise and JPEG."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

LUMINANCE = (
    16,
    11,
    10,
    16,
    24,
    40,
    51,
    61,
    12,
    12,
    14,
    19,
    26,
    58,
    60,
    55,
    14,
    13,
    16,
    24,
    40,
    57,
    69,
    56,
    14,
    17,
    22,
    29,
    51,
    87,
    80,
    62,
    18,
    22,
    37,
    56,
    68,
    109,
    103,
    77,
    24,
    35,
    55,
    64,
    81,
    104,
    113,
    92,
    49,
    64,
    78,
    87,
    103,
    121,
    120,
    101,
    72,
    92,
    95,
    98,
    112,
    100,
    103,
    99,
)  # the standard's quantisation table (T.81, annex K)


def through_camera(pictures: Tensor, random: torch.Generator) -> Tensor:
    """Pictures `[B, 3, S, S]` from 0 to 1 as a camera might have taken them."""
    count, device = len(pictures), pictures.device

    def uniform(low: float = 0.0, high: float = 1.0, channels: int = 1) -> Tensor:
        return torch.rand((count, channels, 1, 1), generator=random, device=device) * (high - low) + low

    pictures = pictures.clamp(0, 1) ** uniform(0.65, 1.5)
    grey = pictures.mean(1, keepdim=True)
    colourful = torch.where(uniform() < 0.06, torch.zeros_like(grey[:, :, :1, :1]), uniform(0.6, 1.3))
    pictures = grey + (pictures - grey) * colourful
    pictures = pictures * uniform(0.85, 1.15, channels=3) + uniform(-0.05, 0.05)
    pictures = torch.where(uniform() < 0.35, blurred(pictures, uniform(0.4, 1.6)), pictures)
    noise = torch.randn(pictures.shape, generator=random, device=device)
    pictures = (pictures + noise * uniform(0, 0.035) * (uniform() < 0.5)).clamp(0, 1)
    return torch.where(uniform() < 0.6, compressed(pictures, uniform(0.1, 1.6)), pictures)


def blurred(x: Tensor, sigma: float | Tensor) -> Tensor:
    """Gaussian blur of `[B, C, H, W]`, with one sigma (px) or one for each picture `[B, 1, 1, 1]`, up to 3 px."""
    largest = 3.0 if isinstance(sigma, Tensor) else sigma
    if not isinstance(sigma, Tensor) and sigma > 4:  # as wide a blur of a smaller copy
        factor = int(sigma // 2)
        small = blurred(F.avg_pool2d(x, factor, ceil_mode=True), sigma / factor)
        return F.interpolate(small, size=x.shape[-2:], mode="bilinear", align_corners=False)
    reach = max(1, math.ceil(2.5 * largest))
    at = torch.arange(-reach, reach + 1, device=x.device, dtype=x.dtype)
    sigmas = sigma.view(-1, 1) if isinstance(sigma, Tensor) else torch.full((1, 1), float(sigma), device=x.device)
    kernel = torch.exp(-at.square() / (2 * sigmas.square()))
    kernel = kernel / kernel.sum(1, keepdim=True)  # [B or 1, K]
    count, channels, height, width = x.shape
    kernel = kernel.expand(count, -1).repeat_interleave(channels, 0)
    flat = F.pad(x.reshape(1, count * channels, height, width), (reach,) * 4, mode="replicate")
    flat = F.conv2d(flat, kernel[:, None, None], groups=count * channels)
    flat = F.conv2d(flat, kernel[:, None, :, None], groups=count * channels)
    return flat.view(count, channels, height, width)


def compressed(pictures: Tensor, coarseness: Tensor) -> Tensor:
    """As JPEG: 8x8 cosine transform, quantised by the standard's table times `coarseness` `[B, 1, 1, 1]`, with colours
    at half the size."""
    r, g, b = pictures.split(1, 1)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    chroma = torch.cat([(b - y) * 0.564, (r - y) * 0.713], 1)
    y = _quantised(y - 0.5, coarseness) + 0.5
    chroma = _quantised(F.avg_pool2d(chroma, 2), coarseness * 1.3)
    cb, cr = F.interpolate(chroma, scale_factor=2.0, mode="bilinear", align_corners=False).split(1, 1)
    return torch.cat([y + 1.403 * cr, y - 0.344 * cb - 0.714 * cr, y + 1.773 * cb], 1).clamp(0, 1)


def _quantised(x: Tensor, coarseness: Tensor) -> Tensor:
    n = torch.arange(8, device=x.device, dtype=x.dtype)
    transform = torch.cos((2 * n[None] + 1) * n[:, None] * math.pi / 16) / 2
    transform[0] /= math.sqrt(2)
    table = torch.tensor(LUMINANCE, device=x.device, dtype=x.dtype).view(8, 8) / 255
    count, channels, height, width = x.shape
    blocks = x.view(count, channels, height // 8, 8, width // 8, 8).permute(0, 1, 2, 4, 3, 5)
    step = table * coarseness.view(-1, 1, 1, 1, 1, 1)
    found = torch.round(transform @ blocks @ transform.T / step) * step
    back = transform.T @ found @ transform
    return back.permute(0, 1, 2, 4, 3, 5).reshape(count, channels, height, width)
