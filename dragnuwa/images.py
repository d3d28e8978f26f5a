"""Fitting a picture to the clip's size, so that a drag lies on the same spot for the person and the model."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

MODES = ("crop", "pad", "stretch")


def fit(image: torch.Tensor, width: int, height: int, mode: str = "crop") -> torch.Tensor:
    """Fits pictures to a size.

    Args:
        image: `[B, H, W, C]` values from 0 to 1; channels after the third (transparency) are left out.
        width: of the result in pixels.
        height: of the result in pixels.
        mode: "crop" fills the frame and cuts off what is too much, evenly on both sides; "pad" shows all of the picture
            in the middle, with black around it; "stretch" ignores the aspect ratio.

    Returns:
        `[B, height, width, 3]` from 0 to 1.

    Raises:
        ValueError: if the image is not of that form, or there is no such mode.
    """
    if image.ndim != 4 or image.shape[-1] < 3 or 0 in image.shape:
        raise ValueError(f"image must be [B, H, W, 3] and not empty; found {list(image.shape)}.")
    pixels = image[..., :3].movedim(-1, 1)  # [B, 3, H, W]
    if mode == "crop":
        pixels = _resize(_centre(pixels, width / height), width, height)
    elif mode == "pad":
        pixels = _padded(pixels, width, height)
    elif mode == "stretch":
        pixels = _resize(pixels, width, height)
    else:
        raise ValueError(f"fit must be one of {', '.join(MODES)}; found {mode!r}.")
    return pixels.movedim(1, -1).contiguous()


def fit_mask(mask: torch.Tensor, width: int, height: int, mode: str = "crop") -> torch.Tensor:
    """Fits masks to a size just as `fit` does pictures, so that what was painted on a picture stays on it.

    Args:
        mask: `[B, H, W]` or `[H, W]` values from 0 to 1. The rest as for `fit`.

    Returns:
        `[B, height, width]` from 0 to 1.

    Raises:
        ValueError: if the mask is not of that form, or there is no such mode.
    """
    if mask.ndim not in (2, 3) or 0 in mask.shape:
        raise ValueError(f"mask must be [B, H, W] and not empty; found {list(mask.shape)}.")
    masks = mask if mask.ndim == 3 else mask[None]
    return fit(masks.float()[..., None].expand(-1, -1, -1, 3), width, height, mode)[..., 0]


def to_bytes(images: torch.Tensor) -> np.ndarray:
    """Pictures `[..., 3]` of values from 0 to 1, on any device, as uint8; clamped and rounded."""
    return (images.detach().float().clamp(0, 1) * 255).round().byte().cpu().numpy()


def to_floats(frames: np.ndarray) -> torch.Tensor:
    """Pictures as uint8 become float32 values from 0 to 1 on the CPU."""
    return torch.from_numpy(frames).float() / 255


def _centre(pixels: torch.Tensor, aspect: float) -> torch.Tensor:
    """The largest part of an aspect ratio (width / height) from the middle, in whole pixels."""
    height, width = pixels.shape[-2:]
    w, h = min(width, max(1, round(height * aspect))), min(height, max(1, round(width / aspect)))
    top, left = (height - h) // 2, (width - w) // 2
    return pixels[..., top : top + h, left : left + w]


def _padded(pixels: torch.Tensor, width: int, height: int) -> torch.Tensor:
    scale = min(width / pixels.shape[-1], height / pixels.shape[-2])
    w, h = (max(1, round(side * scale)) for side in (pixels.shape[-1], pixels.shape[-2]))
    left, top = (width - w) // 2, (height - h) // 2
    return F.pad(_resize(pixels, w, h), (left, width - w - left, top, height - h - top))


def _resize(pixels: torch.Tensor, width: int, height: int) -> torch.Tensor:
    if pixels.shape[-2:] == (height, width):
        return pixels
    return F.interpolate(pixels, (height, width), mode="bicubic", antialias=True).clamp(0, 1)
