"""Training clips: scenes as latents, with drag maps of dense flow or of tracks, and conditions dropped at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .. import flow as drag_maps
from ..sampler import sample_tracks
from .autoencoder import DOWN, LATENT_SCALE, pictures
from .network import Conditions
from .scenes import Scene, SceneConfig, make_scene

AUGMENTATION = 0.02  # the default of the pack's nodes
LATENT_CHANNELS = 4


@dataclass(frozen=True)
class ClipConfig:
    """`kernel_size` and `sigma` in px are the paper's for a picture 320 high, scaled to one 128 high."""

    scenes: SceneConfig = field(default_factory=SceneConfig)
    kernel_size: int = 79
    sigma: float = 8.0
    every_object_share: float = (
        0.7  # sparse clips in which each moving object has its own drag; else the Trajectory Sampler
    )
    anchor_share: float = 0.5  # still objects that have an anchor
    drop_text: float = 0.1
    drop_picture: float = 0.1
    drop_drags: float = 0.1


class LatentStore:
    """Latents of scenes, encoded once and kept on disk by (bucket, number); a lost file only costs time."""

    def __init__(self, folder: Path, autoencoder: nn.Module, frames: int, capacity: int = 200_000):
        self.folder, self.autoencoder, self.frames, self.capacity = folder, autoencoder, frames, capacity
        self.records: dict[int, np.ndarray] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, bucket: int, number: int, scene: Scene) -> tuple[Tensor, Tensor]:
        """Latents of variance about 1: the frames' `[T, 4, h, w]` and the noisy start picture's `[4, h, w]`."""
        records = self._records(bucket, *scene.frames.shape[1:3])
        if not records[number, 0]:
            records[number, 1:] = self._encoded(scene, number).half().numpy().ravel()
            records[number, 0] = 1  # last, so that a kill leaves no half record
        height, width = (side // DOWN for side in scene.frames.shape[1:3])
        latents = torch.from_numpy(records[number, 1:].astype(np.float32))
        latents = latents.view(self.frames + 1, LATENT_CHANNELS, height, width)
        return latents[1:], latents[0]

    def _records(self, bucket: int, height: int, width: int) -> np.ndarray:
        if bucket not in self.records:
            length = 1 + (self.frames + 1) * LATENT_CHANNELS * (height // DOWN) * (width // DOWN)
            path = self.folder / f"{bucket}-{height}x{width}-{self.frames}.f16"
            if not path.exists():
                with open(path, "wb") as file:
                    file.truncate(self.capacity * length * 2)  # a sparse file
            self.records[bucket] = np.memmap(path, np.float16, "r+", shape=(self.capacity, length))
        return self.records[bucket]

    @torch.no_grad()
    def _encoded(self, scene: Scene, number: int) -> Tensor:
        frames = pictures(scene.frames)  # [T, 3, H, W]
        noise = torch.randn(frames[:1].shape, generator=torch.Generator().manual_seed(number))
        with torch.autocast("cpu", torch.bfloat16):
            return self.autoencoder.taesd_encoder(torch.cat([frames[:1] + AUGMENTATION * noise, frames])).float()


@dataclass(frozen=True)
class Batch:
    """Clips and what the network is told of them; the context is left to whoever has the text encoder.

    latents: `[B, T, 4, h, w]`, variance about 1. tokens: `[B, 77]` of the captions. told: `[B]`, false where the text
    is dropped.
    """

    latents: Tensor
    conditions: Conditions
    tokens: Tensor
    told: Tensor


def make_batch(
    step: int,
    count: int,
    fresh: int,
    dense_share: float,
    config: ClipConfig,
    store: LatentStore,
    tokenize: Callable[[str], list[int]],
) -> Batch:
    """The batch of `step`, which depends on nothing else.

    All its clips have one size, that of the step's turn in the list. `fresh` of them are new, the others are drawn from
    all that were new before, with new drags: encoding a clip costs more than training on it.
    """
    sizes = config.scenes.sizes
    turn, bucket = divmod(step, len(sizes))
    scenes = replace(config.scenes, sizes=(sizes[bucket],))
    rng = np.random.default_rng((3, step))
    seen = turn * fresh
    old = rng.integers(0, max(seen, 1), count - fresh) if seen else np.arange(fresh, count) % fresh
    numbers = [*range(seen, seen + fresh), *(int(number) for number in old)]
    clips, tokens = [], []
    for number in numbers:
        scene = make_scene(number * len(sizes) + bucket, scenes)
        latents, start = store.get(bucket, number, scene)
        clips.append((latents, start, maps(scene, rng, dense_share, config)))
        tokens.append(tokenize(scene.caption))
    latents, starts, flows = (torch.stack(parts) for parts in zip(*clips, strict=True))
    starts = starts * (torch.from_numpy(rng.random(count) >= config.drop_picture).view(-1, 1, 1, 1) / LATENT_SCALE)
    flows = flows * torch.from_numpy(rng.random(count) >= config.drop_drags).view(-1, 1, 1, 1, 1)
    told = torch.from_numpy(rng.random(count) >= config.drop_text)
    return Batch(latents, Conditions(starts, None, flows, numbers_of(count)), torch.tensor(tokens), told)


def numbers_of(count: int) -> Tensor:
    """SVD's numbers as the pack's nodes set them, for `count` clips."""
    from ..host.trainable import motion_numbers

    ones = torch.ones(count)
    return motion_numbers(4 * ones, 4 * ones, AUGMENTATION * ones)


def maps(scene: Scene, rng: np.random.Generator, dense_share: float, config: ClipConfig) -> Tensor:
    """Drag maps `[T, 2, H, W]`: smoothed dense flow in `dense_share` of the cases, else of tracks."""
    if rng.random() < dense_share:
        return dense_maps(scene.flow, config.sigma)
    if rng.random() < config.every_object_share:
        points, visible = object_tracks(scene, rng, config.anchor_share)
    else:
        points, visible = sample_tracks(scene.flow, rng, occluded=scene.occluded)
    height, width = scene.frames.shape[1:3]
    return drag_maps.encode(
        points, visible, height=height, width=width, kernel_size=config.kernel_size, sigma=config.sigma
    )


def dense_maps(flow: np.ndarray, sigma: float) -> Tensor:
    """Flow `[T-1, H, W, 2]` smoothed by a Gaussian of sum 1, at the border too: maps `[T, 2, H, W]`, the first zero."""
    moving = torch.from_numpy(flow).permute(0, 3, 1, 2)  # [T-1, 2, H, W]
    down, across = (_smoothing(side, sigma) for side in moving.shape[2:])
    smooth = down @ moving @ across.T
    return torch.cat([torch.zeros_like(smooth[:1]), smooth])


def _smoothing(length: int, sigma: float) -> Tensor:
    place = torch.arange(length, dtype=torch.float32)
    weights = torch.exp((place[:, None] - place).square() / (-2 * sigma**2))
    return weights / weights.sum(1, keepdim=True)


def object_tracks(scene: Scene, rng: np.random.Generator, anchor_share: float) -> tuple[np.ndarray, np.ndarray]:
    """A drag for each object that moves in the picture, anchors for some that do not, and some for a moving background.

    Returns points `[N, T, 2]` px inside the picture and visible `[N, T]`, as `dragnuwa.flow.encode` takes them.
    """
    frames, height, width = scene.owner.shape
    points, visible = [], []
    for track, seen in zip(scene.points, scene.visible, strict=True):
        if np.ptp(track, axis=0).max() > 0.5:
            points.append(track)
            visible.append(seen)
        elif rng.random() < anchor_share:
            points.append(track[:1] + np.linspace(0, 1, frames)[:, None])  # an anchor drifts by (1, 1) px
            visible.append(seen)
    if scene.camera != "still":
        behind = scene.occluded | (scene.owner[:-1] > 0)
        more, shown = sample_tracks(scene.flow, rng, count=int(rng.integers(1, 5)), occluded=behind)
        points.extend(more)
        visible.extend(shown)
    if not points:
        return np.zeros((0, frames, 2)), np.zeros((0, frames), bool)
    inside = np.clip(np.stack(points), 0, (width - 1, height - 1))
    return inside, np.stack(visible)
