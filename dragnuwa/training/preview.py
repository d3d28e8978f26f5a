"""Looking at what has been learned: held-out scenes, sampled from their start picture, text and drags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from .. import flow as drag_maps
from .autoencoder import LATENT_SCALE, pictures
from .clips import ClipConfig, numbers_of, object_tracks
from .edm import denoise
from .network import Conditions, DragNetwork
from .scenes import HELD_OUT_SEED, Scene, make_scene


@dataclass(frozen=True)
class Score:
    """Mean PSNR in dB against the true clips without their first frames: of samples, a still video, the autoencoder."""

    sampled: float
    still: float
    ceiling: float


def held_out(config: ClipConfig, count: int) -> list[Scene]:
    """Square scenes of moving objects, from seeds that training never uses."""
    scenes = replace(config.scenes, sizes=((128, 128),), camera_share=0.0, still_share=0.0, objects=(1, 2))
    return [make_scene(HELD_OUT_SEED + index, scenes) for index in range(count)]


@torch.no_grad()
def score(
    network: DragNetwork,
    autoencoder: nn.Module,
    tokenize: Callable[[str], list[int]],
    config: ClipConfig,
    count: int,
    steps: int,
    sheet: Path,
) -> Score:
    """Sample `count` scenes and write a sheet of true and sampled clips, one below the other, as a PNG file."""
    rows, values = [], []
    for index, scene in enumerate(held_out(config, count)):
        true = pictures(scene.frames)  # [T, 3, H, W]
        context = network.text.read(torch.tensor([tokenize(scene.caption)]), torch.ones(1))
        found = _sample(network, autoencoder, scene, true, context, config, steps, seed=index)
        again = autoencoder.taesd_decoder(autoencoder.taesd_encoder(true)).clamp(0, 1)
        values.append([psnr(found, true), psnr(true[:1].expand_as(true), true), psnr(again, true)])
        rows += [_strip(true), _strip(found)]
    part = sheet.with_suffix(".part.png")
    if not cv2.imwrite(str(part), np.concatenate(rows)[..., ::-1]):
        raise OSError(f"could not write {part}")
    part.replace(sheet)
    return Score(*(float(value) for value in np.mean(values, axis=0)))


def psnr(found: Tensor, true: Tensor) -> float:
    """Peak signal-to-noise ratio of frames 1 and later, mean over frames, in dB."""
    return float(-10 * torch.log10((found[1:] - true[1:]).square().mean((1, 2, 3)).clamp(min=1e-10)).mean())


def _sample(
    network: DragNetwork,
    autoencoder: nn.Module,
    scene: Scene,
    true: Tensor,
    context: Tensor,
    config: ClipConfig,
    steps: int,
    seed: int,
) -> Tensor:
    from ..host.trainable import sample

    frames, height, width = scene.owner.shape
    points, visible = object_tracks(scene, np.random.default_rng(seed), config.anchor_share)
    flow = drag_maps.encode(
        points, visible, height=height, width=width, kernel_size=config.kernel_size, sigma=config.sigma
    )
    start = autoencoder.taesd_encoder(true[:1])  # [1, 4, h, w]
    conditions = Conditions(start / LATENT_SCALE, context, flow[None], numbers_of(1))
    noise = torch.randn(1, frames, *start.shape[1:], generator=torch.Generator().manual_seed(seed))
    with torch.autocast("cpu", torch.bfloat16):
        latents = sample(lambda x, sigma: denoise(network, x, sigma, conditions), noise, steps=steps)
    return autoencoder.taesd_decoder(latents[0]).clamp(0, 1)


def _strip(clip: Tensor) -> np.ndarray:
    return np.concatenate(list((clip * 255).round().byte().permute(0, 2, 3, 1).numpy()), axis=1)
