"""Training clips with their conditions: drag maps from dense flow or tracks, and random condition dropout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np
import torch
from torch import Tensor

from ....common.clip_shape import ClipShape
from ....models.drag_maps import encode
from ....trajectory.sampling import drift
from ....vision.tracking.tracks_from_flow import sample_tracks
from ...scenes import Scene, SceneConfig


@dataclass(frozen=True)
class Clips:
    """A batch of `B` clips of `T` frames as a data worker makes it, on the CPU.

    Attributes:
        frames: uint8 `[B, T, H, W, 3]` RGB.
        flow: float32 `[B, T, 2, H, W]` drag maps; zero where the drags are dropped.
        captions: one per clip; empty if there is none or the text is dropped: to the model, no prompt equals an empty
            one.
        keep_picture: bool `[B]`, false where the start picture is dropped.
        fps: float32 `[B]`, frames per second.
        motion_bucket: float32 `[B]`.
        seeds: one per clip, below 2**63, of all random numbers in encoding it, which makes encoding deterministic.
        scenes: (bucket, number) of each clip, its key in a latent cache; None for clips of videos.
        owner: uint8 `[B, T, H, W]`, the object at each pixel, from 1 on, and 0 for the rest; None if unknown.
        object_weight: float32 `[B]`, weight of the error on objects; None if `owner` is None.
    """

    frames: Tensor
    flow: Tensor
    captions: tuple[str, ...]
    keep_picture: Tensor
    fps: Tensor
    motion_bucket: Tensor
    seeds: tuple[int, ...]
    scenes: tuple[tuple[int, int], ...] | None = None
    owner: Tensor | None = None
    object_weight: Tensor | None = None

    def __len__(self) -> int:
        return len(self.captions)

    @classmethod
    def join(cls, parts: Sequence[Clips]) -> Clips:
        """Batches of clips of one size, concatenated."""
        joined = {}
        for name in (one.name for one in fields(cls)):
            values = [getattr(part, name) for part in parts]
            if values[0] is None:
                joined[name] = None
            elif isinstance(values[0], Tensor):
                joined[name] = torch.cat(values)
            else:
                joined[name] = tuple(item for value in values for item in value)
        return cls(**joined)

    def pin_memory(self) -> Clips:
        """In memory from which a GPU copies while it computes; torch's loader calls it."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(self, **{name: one.pin_memory() for name, one in values.items() if isinstance(one, Tensor)})


@dataclass(frozen=True)
class VideoConfig:
    """Real videos: a folder tree of them, or shards made from one by `dragnuwa.research.videos.extract`.

    Attributes:
        folder: of the tree; NAME.txt next to a video is its caption. Flow is estimated for each clip on the fly.
        labels: folder of label maps, if `folder` has folders of pictures instead of videos, see
            `research.videos.labelled`. Such clips have no drags: only recipes that learn from labels can use them.
        shards: folder of the shards. Their clips must have the frames and the size given here.
        frames: of a clip.
        width: of a clip, px, a multiple of 8.
        height: of a clip, px, a multiple of 8.
        fps: frame rates, one of which is drawn for each clip of a folder; a shard's clips have their own, and that of
            labelled pictures is the one number given.
    """

    folder: str | None = None
    labels: str | None = None
    shards: str | None = None
    frames: int = 14
    width: int = 576
    height: int = 320
    fps: tuple[float, ...] = (8.0,)

    def __post_init__(self):
        if (self.folder is None) == (self.shards is None):
            raise ValueError("clips.videos needs either folder or shards.")
        if self.labels is not None and (self.folder is None or len(self.fps) != 1):
            raise ValueError("clips.videos.labels goes with a folder of folders of pictures, and one fps, theirs.")
        if not self.fps:
            raise ValueError("clips.videos.fps needs at least one frame rate.")
        if self.frames < 2 or self.width % 8 or self.height % 8 or min(self.width, self.height) < 16:
            raise ValueError(
                "clips.videos needs 2 frames or more, and a width and height of 16 or more that are multiples of 8; "
                f"found {self.frames} frames of {self.width}x{self.height}."
            )

    @property
    def clip(self) -> ClipShape:
        return ClipShape(self.width, self.height, self.frames)


@dataclass(frozen=True)
class ShortClips:
    """Steps on short clips, mostly with text alone: they are cheap, so many pictures can teach the meaning of words.

    Attributes:
        every, steps: the last `steps` of every `every` steps use short clips.
        times: short clips that replace each clip of the batch.
        scenes: their content.
        drop_text, drop_picture, drop_drags, object_weight: as in `ClipConfig`. The background covers most of a picture
            and would be learned long before the objects.
    """

    every: int = 2
    steps: int = 1
    times: int = 4
    scenes: SceneConfig = field(default_factory=lambda: SceneConfig(frames=1))
    drop_text: float = 0.05
    drop_picture: float = 0.95
    drop_drags: float = 0.95
    object_weight: float = 5.0

    def __post_init__(self):
        if self.times < 1 or not 1 <= self.steps <= self.every:
            raise ValueError(
                "clips.short needs times of 1 or more, and steps from 1 to every; found "
                f"times = {self.times}, steps = {self.steps}, every = {self.every}."
            )

    def at(self, step: int) -> bool:
        """Whether a step uses short clips."""
        return step % self.every >= self.every - self.steps

    def number(self, step: int) -> int:
        """The index of a step among those of its kind."""
        turns, place = divmod(step, self.every)
        whole = self.every - self.steps
        return turns * self.steps + place - whole if self.at(step) else turns * whole + place

    @property
    def conditions(self) -> dict[str, float]:
        """The fields of `ClipConfig` that short clips override."""
        names = "drop_text", "drop_picture", "drop_drags", "object_weight"
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class ClipConfig:
    """The source of clips, and the distribution of their conditions. Shares are probabilities.

    By default `kernel_size` and `sigma`, px, are the released model's for 320 px of height, scaled to 128.
    """

    scenes: SceneConfig = field(default_factory=SceneConfig)
    short: ShortClips | None = None  # steps of short clips between the others; with scenes only
    videos: VideoConfig | None = None  # instead of scenes
    kernel_size: int = 79
    sigma: float = 8.0
    every_object_share: float = 0.7  # of sparse clips with a drag per moving object; others use the sampler
    anchor_share: float = 0.5  # of still objects that have an anchor
    drop_text: float = 0.1
    drop_picture: float = 0.1
    drop_drags: float = 0.1
    object_weight: float = 1.0  # weight of the small model's error on objects
    motion_bucket: tuple[int, int] = (4, 4)  # lowest and highest; drawn evenly

    def __post_init__(self):
        if self.short is not None and self.videos is not None:
            raise ValueError("clips.short is made of scenes, and cannot go with clips.videos.")

    @property
    def frames(self) -> int:
        return self.videos.frames if self.videos else self.scenes.frames

    @property
    def lengths(self) -> set[int]:
        """Frames that clips have."""
        return {self.frames} | ({self.short.scenes.frames} if self.short else set())

    def times(self, step: int) -> int:
        """Clips that replace each one of a batch: `short.times` in a step of short clips."""
        return self.short.times if self.short and self.short.at(step) else 1

    def without_dropout(self) -> ClipConfig:
        return replace(self, drop_text=0.0, drop_picture=0.0, drop_drags=0.0)


@dataclass(frozen=True)
class Stage:
    """Before step `until`, the drag maps are dense flow with probability `dense_share`, else sparse tracks."""

    until: int
    dense_share: float


def dense_share(stages: tuple[Stage, ...], step: int) -> float:
    """The dense share at `step`; that of the last stage after its end."""
    return next((stage.dense_share for stage in stages if step < stage.until), stages[-1].dense_share)


def clip_with_dropout(
    rng: np.random.Generator,
    config: ClipConfig,
    *,
    frames: np.ndarray,
    drag_maps: Tensor,
    caption: str,
    fps: float,
    seed: int,
    scene: tuple[int, int] | None = None,
    owner: np.ndarray | None = None,
) -> Clips:
    """A batch of one clip, with text, picture and drags each dropped at random; see `Clips` for the parameters."""
    picture, drags, text = rng.random(3) >= (config.drop_picture, config.drop_drags, config.drop_text)
    low, high = config.motion_bucket
    return Clips(
        frames=torch.from_numpy(frames)[None],
        flow=(drag_maps * float(drags))[None],
        captions=(caption if text else "",),
        keep_picture=torch.tensor([bool(picture)]),
        fps=torch.tensor([fps], dtype=torch.float32),
        motion_bucket=torch.tensor([float(rng.integers(low, high + 1))]),
        seeds=(seed,),
        scenes=None if scene is None else (scene,),
        owner=None if owner is None else torch.from_numpy(owner)[None],
        object_weight=None if owner is None else torch.tensor([config.object_weight]),
    )


def scene_drag_maps(scene: Scene, rng: np.random.Generator, dense: float, config: ClipConfig) -> Tensor:
    """Drag maps `[T, 2, H, W]` of a scene: smoothed flow with probability `dense`, else of tracks; a single picture has
    none."""
    if scene.clip.frames == 1:
        return torch.zeros(1, 2, scene.clip.height, scene.clip.width)
    if rng.random() < dense:
        return dense_maps(scene.flow, config.sigma)
    if rng.random() < config.every_object_share:
        points, visible = object_tracks(scene, rng, config.anchor_share)
    else:
        points, visible = sample_tracks(scene.flow, rng, occluded=scene.occluded)
    return track_maps(points, visible, scene.clip, config)


def flow_drag_maps(
    flow: np.ndarray, occluded: np.ndarray, rng: np.random.Generator, dense: float, config: ClipConfig
) -> Tensor:
    """Drag maps `[T, 2, H, W]` of flow `[T-1, H, W, 2]`: smoothed with probability `dense`, else of sampled tracks."""
    if rng.random() < dense:
        return dense_maps(flow, config.sigma)
    points, visible = sample_tracks(flow, rng, occluded=occluded)
    steps, height, width = flow.shape[:3]
    return track_maps(points, visible, ClipShape(width, height, steps + 1), config)


def track_maps(points: np.ndarray, visible: np.ndarray, clip: ClipShape, config: ClipConfig) -> Tensor:
    """Drag maps `[T, 2, H, W]` of tracks, as the nodes make them."""
    return encode(
        points, visible, height=clip.height, width=clip.width, kernel_size=config.kernel_size, sigma=config.sigma
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
    """A drag for each object that moves in the picture, anchors for some at rest, drags for a moving background.

    Returns points `[N, T, 2]` px inside the picture and visible `[N, T]`, for `dragnuwa.flow.encode`.
    """
    frames, height, width = scene.owner.shape
    points, visible = [], []
    for track, seen in zip(scene.points, scene.visible, strict=True):
        if np.ptp(track, axis=0).max() > 0.5:
            points.append(track)
            visible.append(seen)
        elif rng.random() < anchor_share:
            points.append(track[:1] + drift(frames))
            visible.append(seen)
    if scene.camera != "still":
        behind = scene.occluded | (scene.owner[:-1] > 0)
        more_points, more_visible = sample_tracks(scene.flow, rng, count=int(rng.integers(1, 5)), occluded=behind)
        points.extend(more_points)
        visible.extend(more_visible)
    if not points:
        return np.zeros((0, frames, 2)), np.zeros((0, frames), bool)
    inside = np.clip(np.stack(points), 0, (width - 1, height - 1))
    return inside, np.stack(visible)
