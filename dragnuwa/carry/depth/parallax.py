"""A picture with depth, seen by a moving camera: the video, what of it the picture does not show, and tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.interrupt import InterruptCheck, Progress, no_interrupt, no_progress
from ...trajectory import Trajectories
from ...trajectory.arrays import from_arrays
from .apart import looked_up
from .behind import Behind, behind
from .scene import DepthScene
from .view import PinholeCamera, View, ViewWithEdges, view, view_with_edges

AT_REST = 1e-12
HIDDEN = 0.03  # part of the disparity by which a point may lie behind what is seen in its place
AROUND = np.ones((7, 7), np.uint8)  # of what is filled, from which pixels between others are filled
STRAY = 3  # px, of what neither the picture nor the filling behind it shows


@dataclass(frozen=True)
class Parallax:
    """
    Attributes:
        video: `[T, H, W, 3]` from 0 to 1.
        disoccluded: `[T, H, W]` from 0 to 1, what the picture does not show.
        trajectories: tracks of places on a grid, hidden where something stands before them.
    """

    video: Tensor
    disoccluded: Tensor
    trajectories: Trajectories


def parallax(
    picture: Tensor,
    scene: DepthScene,
    cameras: Sequence[PinholeCamera],
    spacing: float = 32.0,
    check_interrupt: InterruptCheck = no_interrupt,
    progress: Progress = no_progress,
    device: torch.device | str = "cpu",
) -> Parallax:
    """
    Args:
        picture: `[H, W, 3]` from 0 to 1, of the scene's size.
        cameras: one for each frame. One at rest shows the picture bit for bit.
        spacing: px between tracks in the picture.
        check_interrupt: called many times for each frame.
        progress: called after each frame.
        device: where pixels are projected.
    """
    pixels = np.ascontiguousarray(picture.detach().cpu().float().numpy())
    moving = [camera for camera in cameras if not _rests(camera, scene)]
    ground = behind(scene, pixels, moving, check_interrupt) if moving else None
    video = picture.detach().cpu().float()[None].repeat(len(cameras), 1, 1, 1)
    disoccluded = video.new_zeros(video.shape[:3])
    grid = _grid(scene, spacing)
    points, visible = np.zeros((len(grid), len(cameras), 2)), np.ones((len(grid), len(cameras)), bool)
    for time, camera in enumerate(cameras):
        check_interrupt()
        if ground is None or _rests(camera, scene):
            points[:, time] = grid
        else:
            seen = view_with_edges(scene, camera, ground.apart.owner, device)
            frame, _ = _frame(seen, ground, camera, device)
            video[time] = torch.from_numpy(frame)
            disoccluded[time] = torch.from_numpy(~seen.shown)
            points[:, time], visible[:, time] = _followed(scene, camera, grid, seen)
        progress(time + 1, len(cameras))
    width, height = scene.size
    kept = visible[:, 0]
    return Parallax(video, disoccluded, from_arrays(points[kept] + 0.5, visible[kept], width=width, height=height))


def _rests(camera: PinholeCamera, scene: DepthScene) -> bool:
    same = np.abs(camera.turn - np.eye(3)).max() + np.abs(camera.shift).max()
    return bool(same + np.abs(camera.intrinsics - scene.intrinsics).max() < AT_REST)


def _frame(
    seen: ViewWithEdges, ground: Behind, camera: PinholeCamera, device: torch.device | str
) -> tuple[np.ndarray, np.ndarray]:
    """`[H, W, 3]` float32: the picture where the camera sees it, and elsewhere what is behind it; and the disparity
    `[H, W]` float32 of what each pixel shows, -1 where neither is."""
    frame = ground.apart.looked_up(seen.sources)
    if not len(seen.edges) and seen.shown.all():
        return frame.clip(0, 1), seen.disparity
    wanted = ~seen.shown
    wanted.ravel()[seen.edges] = True
    rest = view(ground.scene, camera, cv2.dilate(wanted.astype(np.uint8), AROUND) > 0, device)
    back = looked_up(ground.picture, np.nan_to_num(rest.sources))
    if not rest.shown.all():
        back = _closed(np.where(seen.shown[..., None], frame, back), ~rest.shown & ~seen.shown)
    frame = np.where(seen.shown[..., None], frame, back)
    behind_them = back.reshape(-1, 1, 3)[seen.edges]
    parts = ground.apart.composed(seen.parts, seen.beside, seen.second, behind_them)  # [K, P, 3]
    frame.reshape(-1, 3)[seen.edges] = parts.mean(1)
    return frame.clip(0, 1), np.where(seen.shown, seen.disparity, rest.disparity)


def _closed(frame: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """The few pixels that neither shows, by those around them."""
    small = np.round(frame.clip(0, 1) * 255).astype(np.uint8)
    filled = cv2.inpaint(small, missing.astype(np.uint8), STRAY, cv2.INPAINT_TELEA)
    return np.where(missing[..., None], filled.astype(np.float32) / 255, frame)


def _grid(scene: DepthScene, spacing: float) -> np.ndarray:
    """`[N, 2]`: whole pixels on a grid in the middle of the picture."""
    axes = []
    for side in scene.size:
        count = max(1, int(side // max(spacing, 1)))
        axes.append(np.rint((np.arange(count) + 0.5) * side / count - 0.5))
    return np.stack(np.meshgrid(*axes), -1).reshape(-1, 2)


def _followed(scene: DepthScene, camera: PinholeCamera, grid: np.ndarray, seen: View) -> tuple[np.ndarray, np.ndarray]:
    """Where a camera sees the places of a grid `[N, 2]`, and whether nothing stands before them."""
    column, row = grid.astype(int).T
    there = camera.project_places(column, row, scene.disparity[row, column], scene.intrinsics)  # [N, 3]
    ahead = np.isfinite(there).all(1)
    places = np.where(ahead[:, None], there[:, :2], grid)
    width, height = camera.size
    x, y = np.rint(places).astype(np.int64).T
    inside = ahead & (x >= 0) & (y >= 0) & (x < width) & (y < height)
    front = seen.disparity[y.clip(0, height - 1), x.clip(0, width - 1)]
    return places, inside & (there[:, 2] >= front * (1 - HIDDEN) - AT_REST)
