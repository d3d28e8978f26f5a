"""Previews of a training: held-out clips, sampled from their start picture, text and drags, with their PSNR."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.atomic import atomic_write
from ...common.images import to_bytes
from .data.clips import Clips
from .loss import denoise
from .recipe import Encoded, Recipe

MOST_PSNR = 100.0  # dB; of equal pictures it is infinite


@dataclass(frozen=True)
class Score:
    """Mean PSNR in dB against the true clips from frame 1 on: of the samples, a still video, and the autoencoder."""

    sampled: float
    still: float
    ceiling: float


@torch.no_grad()
def score(recipe: Recipe, clips: list[Clips], steps: int) -> tuple[Score, np.ndarray]:
    """Sample each of `clips`. Also returns a contact sheet, true clips above sampled ones: uint8 `[H, W, 3]`."""
    rows, values = [], []
    for seed, clip in enumerate(clips):
        true = clip.frames[0].permute(0, 3, 1, 2).float() / 255  # [T, 3, H, W]
        encoded = recipe.encode(clip)
        found = generate_preview(recipe, encoded, steps=steps, seed=seed).cpu()
        again = recipe.decode(encoded.latents[0]).cpu()
        values.append([psnr(found, true), psnr(true[:1].expand_as(true), true), psnr(again, true)])
        rows += [_strip(true), _strip(found)]
    return Score(*(float(value) for value in np.mean(values, axis=0))), np.concatenate(rows)


def write_sheet(sheet: np.ndarray, path: Path) -> None:
    """Write a contact sheet as a PNG file, atomically."""
    encoded, png = cv2.imencode(".png", sheet[..., ::-1])
    if not encoded:
        raise OSError(f"{path} could not be encoded as PNG.")
    with atomic_write(path) as file:
        file.write(png.tobytes())


def psnr(found: Tensor, true: Tensor) -> float:
    """Peak signal-to-noise ratio of frames 1 and later, mean over frames, in dB."""
    from kornia.metrics import psnr as of_pictures

    each = [of_pictures(*pair, 1.0) for pair in zip(found[1:], true[1:], strict=True)]
    return float(torch.stack(each).clamp(max=MOST_PSNR).mean())


def generate_preview(recipe: Recipe, encoded: Encoded, *, steps: int, seed: int) -> Tensor:
    """A clip sampled from its conditions: `[T, 3, H, W]`, 0..1."""
    from ...host.training.networks import euler_sample

    noise = torch.randn(encoded.latents.shape, generator=torch.Generator().manual_seed(seed)).to(encoded.latents)
    latents = euler_sample(
        lambda x, sigma: denoise(recipe.network, x, sigma, encoded.conditions), noise, steps=steps
    )  # [1, T, 4, h, w]
    return recipe.decode(latents[0])


def _strip(clip: Tensor) -> np.ndarray:
    """Frames `[T, 3, H, W]` beside each other."""
    return np.concatenate(list(to_bytes(clip.permute(0, 2, 3, 1))), axis=1)
