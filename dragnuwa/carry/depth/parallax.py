"""A picture with depth, and layers that are dragged in it, seen by a moving camera: the video, what of it the picture
does not show, and tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...common.interrupt import Progress, checkpoint, no_progress, two_at_once
from ...trajectory import Trajectories
from ...trajectory.arrays import from_arrays
from ..layers import Composition, Frame
from ..rendering import render
from .background import DepthBackground, inpaint_if_seen
from .camera import AT_REST, ClipFrame, PinholeCamera
from .layers import owners
from .scene import DepthScene

HIDDEN = 0.03  # part of the disparity by which a point may lie behind what is seen in its place
NOTHING = np.zeros(0, complex)


@dataclass(frozen=True)
class Parallax:
    """
    Attributes:
        video: `[T, H, W, 3]` from 0 to 1.
        disoccluded: `[T, H, W]` from 0 to 1, what the picture does not show.
        trajectories: tracks of positions on a grid, hidden where something stands before them; of the clip, where
            the video is larger.
    """

    video: Tensor
    disoccluded: Tensor
    trajectories: Trajectories


def parallax(
    picture: Tensor,
    scene: DepthScene,
    cameras: Sequence[PinholeCamera],
    spacing: float = 32.0,
    progress: Progress = no_progress,
    device: torch.device | str = "cpu",
) -> Parallax:
    """
    Args:
        picture: `[H, W, 3]` from 0 to 1, of the scene's size.
        scene: its depth.
        cameras: one for each frame of the clip. One at rest shows the picture bit for bit.
        spacing: px between tracks in the picture.
        progress: called after each frame.
        device: where pixels are projected.
    """
    return filmed(in_depth(picture, scene, cameras, device), scene, spacing, progress=progress)


def seen_frames(
    picture: Tensor,
    scene: DepthScene,
    cameras: Sequence[PinholeCamera],
    times: Sequence[int],
    device: torch.device | str = "cpu",
) -> Iterator[Frame]:
    """What moving cameras, one for each frame, see of a picture at some times; the other arguments are `parallax`'s."""
    composition = in_depth(picture, scene, cameras, device)
    for time in times:
        checkpoint()
        yield render(composition, time)


def filmed(
    composition: Composition,
    scene: DepthScene,
    spacing: float = 32.0,
    drawn: np.ndarray = NOTHING,
    progress: Progress = no_progress,
    clip: ClipFrame | None = None,
) -> Parallax:
    """
    Args:
        composition: of a picture with depth, as `in_depth` or `LayeredScene.seen_by` makes it.
        scene: the depth of the picture, with its layers.
        spacing: px of the clip between tracks in the picture.
        drawn: `[N]` complex, where further tracks begin.
        progress: called after each frame.
        clip: whose tracks they are; by default, the video itself.
    """
    frames, (width, height) = len(composition.background.cameras), scene.size
    clip = clip or ClipFrame(scene.size, scene.size)
    video, disoccluded = torch.empty(frames, height, width, 3), torch.empty(frames, height, width)
    grid = _grid(clip, spacing, drawn)
    points, visible = np.zeros((len(grid), frames, 2)), np.ones((len(grid), frames), bool)
    half = np.array(clip.clip) / 2
    inference = torch.is_inference_mode_enabled()  # which holds for one thread

    def film(time: int) -> int:
        checkpoint()
        with torch.inference_mode(inference):
            frame = render(composition, time)
            video[time], disoccluded[time] = frame.colors.movedim(0, -1), frame.disoccluded
        seen = scene.disparity if time == 0 and composition.image is not None else frame.disparity
        places, shown = _tracked(composition, scene, grid, seen, time)
        points[:, time] = clip.at_clip(places)
        visible[:, time] = shown & (np.abs(points[:, time] + 0.5 - half) <= half).all(1)
        return time

    for time in two_at_once(range(frames), film):
        progress(time + 1, frames)
    kept, (width, height) = visible[:, 0], clip.clip
    return Parallax(video, disoccluded, from_arrays(points[kept] + 0.5, visible[kept], width=width, height=height))


def in_depth(
    picture: Tensor, scene: DepthScene, cameras: Sequence[PinholeCamera], device: torch.device | str = "cpu"
) -> Composition:
    """A picture `[H, W, 3]` from 0 to 1 with depth, in which nothing moves, as cameras see it, one for each frame."""
    pixels = np.ascontiguousarray(picture.detach().cpu().float().numpy())
    hole = np.zeros(pixels.shape[:2], np.float32)
    inpainted = inpaint_if_seen(scene, pixels, cameras)
    return Composition(DepthBackground(scene, pixels, hole, inpainted, cameras, device), ())


def _grid(clip: ClipFrame, spacing: float, drawn: np.ndarray) -> np.ndarray:
    """`[N, 2]`: whole pixels of the video on a grid in the middle of the clip, and where something was drawn."""
    axes = []
    for side, scale, corner in zip(clip.clip, clip.scale, clip.corner, strict=True):
        count = max(1, int(side // max(spacing, 1)))
        axes.append((np.arange(count) + 0.5) * side / count / scale + corner - 0.5)
    grid = np.stack(np.meshgrid(*axes), -1).reshape(-1, 2)
    starts = np.concatenate([grid, np.stack([drawn.real, drawn.imag], -1)])
    inside = (starts > -0.5).all(1) & (starts < np.array(clip.video) - 0.5).all(1)
    return np.rint(starts[inside])


def _tracked(
    composition: Composition, scene: DepthScene, grid: np.ndarray, seen: np.ndarray, time: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where a frame shows the positions of a grid `[N, 2]`, and whether nothing stands before them.

    Args:
        seen: `[H, W]`, the disparity of what the frame shows.
    """
    camera = composition.background.cameras[time]
    column, row = grid.astype(int).T
    there = camera.project_positions(column, row, scene.disparity[row, column], scene.intrinsics)  # [N, 3]
    positions = grid[:, 0] + 1j * grid[:, 1]
    owner = owners(composition.layers, positions)
    for number in np.unique(owner[owner >= 0]):
        own, region = owner == number, composition.layers[number].region
        there[own] = region.warp.project(positions[own], time)
        if not region.shown[time]:
            there[own, 2] = -1
    ahead = np.isfinite(there).all(1)
    places = np.where(ahead[:, None], there[:, :2], grid)
    width, height = camera.size
    x, y = np.rint(places).astype(np.int64).T
    inside = ahead & (x >= 0) & (y >= 0) & (x < width) & (y < height)
    front = seen[y.clip(0, height - 1), x.clip(0, width - 1)]
    return places, inside & (there[:, 2] >= front * (1 - HIDDEN) - AT_REST)
