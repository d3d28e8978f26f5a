"""Looking at what has been learned: clips sampled from their start picture, text and drags."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from ..atomic import atomic_write
from .loss import denoise
from .recipe import Clips, Encoded, Recipe


@dataclass(frozen=True)
class Score:
    """Mean PSNR in dB against the true clips without their first frames: of samples, a still video, the autoencoder."""

    sampled: float
    still: float
    ceiling: float


@torch.no_grad()
def score(recipe: Recipe, clips: list[Clips], steps: int) -> tuple[Score, np.ndarray]:
    """Sample each of `clips`; also gives a sheet of true and sampled clips, one below the other: uint8 `[H, W, 3]`."""
    rows, values = [], []
    for seed, clip in enumerate(clips):
        true = clip.frames[0].permute(0, 3, 1, 2).float() / 255  # [T, 3, H, W]
        encoded = recipe.encode(clip)
        found = _sample(recipe, encoded, steps, seed).cpu()
        again = recipe.decode(encoded.latents[0]).cpu()
        values.append([psnr(found, true), psnr(true[:1].expand_as(true), true), psnr(again, true)])
        rows += [_strip(true), _strip(found)]
    return Score(*(float(value) for value in np.mean(values, axis=0))), np.concatenate(rows)


def write_sheet(sheet: np.ndarray, path: Path) -> None:
    """As a PNG file, whole or not at all."""
    made, png = cv2.imencode(".png", sheet[..., ::-1])
    if not made:
        raise OSError(f"{path} could not be encoded as PNG.")
    with atomic_write(path) as file:
        file.write(png.tobytes())


def psnr(found: Tensor, true: Tensor) -> float:
    """Peak signal-to-noise ratio of frames 1 and later, mean over frames, in dB."""
    return float(-10 * torch.log10((found[1:] - true[1:]).square().mean((1, 2, 3)).clamp(min=1e-10)).mean())


def _sample(recipe: Recipe, encoded: Encoded, steps: int, seed: int) -> Tensor:
    """`[T, 3, H, W]`, 0..1."""
    from ..host.training.trainable import sample

    noise = torch.randn(encoded.latents.shape, generator=torch.Generator().manual_seed(seed)).to(encoded.latents)
    latents = sample(
        lambda x, sigma: denoise(recipe.network, x, sigma, encoded.conditions), noise, steps=steps
    )  # [1, T, 4, h, w]
    return recipe.decode(latents[0])


def _strip(clip: Tensor) -> np.ndarray:
    return np.concatenate(list((clip * 255).round().byte().permute(0, 2, 3, 1).numpy()), axis=1)
