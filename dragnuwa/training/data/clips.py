"""What a clip is given beside its frames: drag maps of dense flow or of tracks, and conditions dropped at random."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ... import flow as drag_maps
from ...scenes import Scene, SceneConfig
from ...tracking.tracks_from_flow import sample_tracks
from ..recipe import Clips


@dataclass(frozen=True)
class VideoConfig:
    """Real videos: a folder tree of them, or shards that `dragnuwa.videos.extract` has made of one.

    Attributes:
        folder: of the tree; NAME.txt beside a video is its caption. Flow is estimated anew for each clip.
        shards: folder of the shards. Their clips must have the frames and the size that stand here.
        frames: of a clip.
        width: of a clip, px, a multiple of 8.
        height: of a clip, px, a multiple of 8.
        fps: frame rates, one is drawn for each clip out of a folder; a shard's clips have their own.
    """

    folder: str | None = None
    shards: str | None = None
    frames: int = 14
    width: int = 576
    height: int = 320
    fps: tuple[float, ...] = (8.0,)

    def __post_init__(self):
        if (self.folder is None) == (self.shards is None):
            raise ValueError("clips.videos needs either folder or shards.")
        if not self.fps:
            raise ValueError("clips.videos.fps needs at least one frame rate.")
        if self.frames < 2 or self.width % 8 or self.height % 8 or min(self.width, self.height) < 16:
            raise ValueError(
                "clips.videos needs 2 frames or more, and a width and height of 16 or more that are multiples of 8; "
                f"found {self.frames} frames of {self.width}x{self.height}."
            )


@dataclass(frozen=True)
class ClipConfig:
    """`kernel_size` and `sigma` in px are the paper's for a picture 320 high, scaled to one 128 high."""

    scenes: SceneConfig = field(default_factory=SceneConfig)
    videos: VideoConfig | None = None  # in place of scenes
    kernel_size: int = 79
    sigma: float = 8.0
    every_object_share: float = (
        0.7  # sparse clips in which each moving object has its own drag; else the Trajectory Sampler
    )
    anchor_share: float = 0.5  # still objects that have an anchor
    drop_text: float = 0.1
    drop_picture: float = 0.1
    drop_drags: float = 0.1
    scene_fps: float = 5.0  # what is said of scenes, whose time has no unit
    motion_bucket: tuple[int, int] = (4, 4)  # drawn from first to last: drags, and not the number, say how much moves

    @property
    def frames(self) -> int:
        return self.videos.frames if self.videos else self.scenes.frames


@dataclass(frozen=True)
class Stage:
    """Up to step `until`, the drag maps are of dense flow in `dense_share` of the clips, else of sparse tracks."""

    until: int
    dense_share: float


def dense_share(stages: tuple[Stage, ...], step: int) -> float:
    """That of the stage which `step` is in, or of the last one."""
    return next((stage.dense_share for stage in stages if step < stage.until), stages[-1].dense_share)


def conditioned(
    frames: np.ndarray,
    maps: Tensor,
    caption: str,
    fps: float,
    seed: int,
    rng: np.random.Generator,
    config: ClipConfig,
    scene: tuple[int, int] | None = None,
) -> Clips:
    """One clip, with text, picture and drags each dropped at random."""
    picture, drags, text = rng.random(3) >= (config.drop_picture, config.drop_drags, config.drop_text)
    low, high = config.motion_bucket
    return Clips(
        torch.from_numpy(frames)[None],
        (maps * float(drags))[None],
        (caption,),
        torch.tensor([bool(picture)]),
        torch.tensor([bool(text)]),
        torch.tensor([fps], dtype=torch.float32),
        torch.tensor([float(rng.integers(low, high + 1))]),
        (seed,),
        None if scene is None else (scene,),
    )


def maps(scene: Scene, rng: np.random.Generator, dense: float, config: ClipConfig) -> Tensor:
    """Drag maps `[T, 2, H, W]` of a scene: smoothed dense flow in a share of `dense` of the cases, else of tracks."""
    if rng.random() < dense:
        return dense_maps(scene.flow, config.sigma)
    if rng.random() < config.every_object_share:
        points, visible = object_tracks(scene, rng, config.anchor_share)
    else:
        points, visible = sample_tracks(scene.flow, rng, occluded=scene.occluded)
    return track_maps(points, visible, *scene.frames.shape[1:3], config)


def flow_maps(
    flow: np.ndarray, occluded: np.ndarray, rng: np.random.Generator, dense: float, config: ClipConfig
) -> Tensor:
    """Drag maps `[T, 2, H, W]` out of flow `[T-1, H, W, 2]` alone: smoothed, or of the Trajectory Sampler's tracks."""
    if rng.random() < dense:
        return dense_maps(flow, config.sigma)
    points, visible = sample_tracks(flow, rng, occluded=occluded)
    return track_maps(points, visible, *flow.shape[1:3], config)


def track_maps(points: np.ndarray, visible: np.ndarray, height: int, width: int, config: ClipConfig) -> Tensor:
    """Drag maps `[T, 2, H, W]` of tracks, as the nodes make them."""
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
