"""A picture with depth, and things that are dragged in it, seen by a moving camera: the video, what of it the picture
does not show, and tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.interrupt import Progress, checkpoint, no_progress
from ...trajectory import Trajectories
from ...trajectory.arrays import from_arrays
from ...vision.inpainting.fill import FillHole, fill_hole
from .behind import Behind, behind, looked_up
from .camera import PinholeCamera
from .cut import CutThings
from .scene import DepthScene
from .view import ViewWithEdges, view, view_with_edges

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
        trajectories: tracks of positions on a grid, hidden where something stands before them.
    """

    video: Tensor
    disoccluded: Tensor
    trajectories: Trajectories


@dataclass(frozen=True)
class SeenFrame:
    """
    Attributes:
        colors: `[H, W, 3]` float32 from 0 to 1.
        missing: `[H, W]` float32 from 0 to 1, what the picture does not show.
        near: `[H, W]` float32, the disparity of what is seen; -1 where nothing is.
    """

    colors: np.ndarray
    missing: np.ndarray
    near: np.ndarray


def seen_frames(
    picture: Tensor,
    scene: DepthScene,
    cameras: Sequence[PinholeCamera],
    times: Sequence[int],
    device: torch.device | str = "cpu",
    cut: CutThings | None = None,
    fill_with: FillHole = fill_hole,
) -> Iterator[SeenFrame]:
    """What a moving camera sees of a picture with depth, frame by frame.

    Args:
        picture: `[H, W, 3]` from 0 to 1, of the scene's size.
        cameras: one for each frame of the clip. One at rest shows the picture bit for bit.
        times: the frames that are wanted.
        device: where pixels are projected.
        cut: the things that were cut out of this picture, and move in it.
        fill_with: fills what the picture does not show.
    """
    cut = None if cut is None else cut.seen_by(cameras)
    pixels = np.ascontiguousarray(picture.detach().cpu().float().numpy())
    stage = _Stage(scene, pixels, None) if cut is None else _Stage(cut.ground, cut.picture, cut)
    moving = [cameras[time] for time in times if not _rests(cameras[time], scene)]
    ground = behind(stage.scene, stage.picture, moving, fill_with) if moving else None
    for time in times:
        checkpoint()
        camera = cameras[time]
        still = _rests(camera, scene)
        if still and (time == 0 or cut is None):
            yield SeenFrame(pixels, np.zeros(pixels.shape[:2], np.float32), scene.disparity)
            continue
        colors, near, missing = stage.at_rest() if still else stage.seen(ground, camera, device)
        if cut is not None:
            cut.over(colors, near, missing, camera, time)
        yield SeenFrame(colors.clip(0, 1), missing, near)


def parallax(
    picture: Tensor,
    scene: DepthScene,
    cameras: Sequence[PinholeCamera],
    spacing: float = 32.0,
    progress: Progress = no_progress,
    device: torch.device | str = "cpu",
    cut: CutThings | None = None,
) -> Parallax:
    """
    Args:
        picture, cameras, device, cut: as for `seen_frames`.
        spacing: px between tracks in the picture.
        progress: called after each frame.
    """
    frames, (width, height) = len(cameras), scene.size
    video, disoccluded = torch.empty(frames, height, width, 3), torch.empty(frames, height, width)
    grid = _grid(scene, spacing, cut)
    points, visible = np.zeros((len(grid), frames, 2)), np.ones((len(grid), frames), bool)
    seen = seen_frames(picture, scene, cameras, range(frames), device, cut)
    for time, frame in enumerate(seen):
        video[time], disoccluded[time] = torch.from_numpy(frame.colors), torch.from_numpy(frame.missing)
        points[:, time], visible[:, time] = _followed(scene, cameras[time], grid, frame.near, time, cut)
        progress(time + 1, frames)
    kept = visible[:, 0]
    return Parallax(video, disoccluded, from_arrays(points[kept] + 0.5, visible[kept], width=width, height=height))


@dataclass(frozen=True)
class _Stage:
    """What lies behind the things that move: the picture itself, or what was filled where they were cut out."""

    scene: DepthScene
    picture: np.ndarray
    cut: CutThings | None

    def at_rest(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A frame of the first camera: colours `[H, W, 3]`, disparity, and what the picture does not show `[H, W]`."""
        return self.picture.copy(), self.scene.disparity.copy(), self.cut.hole.copy()

    def seen(
        self, ground: Behind, camera: PinholeCamera, device: torch.device | str
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same of another camera."""
        seen = view_with_edges(self.scene, camera, ground.apart.owner, device)
        frame, near = _frame(seen, ground, camera, device)
        missing = (~seen.shown).astype(np.float32)
        if self.cut is not None:
            x, y = (np.ascontiguousarray(np.nan_to_num(seen.sources[..., axis])) for axis in (0, 1))
            missing = np.maximum(missing, cv2.remap(self.cut.hole, x, y, cv2.INTER_LINEAR))
        return frame, near, missing


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


def _grid(scene: DepthScene, spacing: float, cut: CutThings | None) -> np.ndarray:
    """`[N, 2]`: whole pixels on a grid in the middle of the picture, and where something was drawn."""
    axes = []
    for side in scene.size:
        count = max(1, int(side // max(spacing, 1)))
        axes.append(np.rint((np.arange(count) + 0.5) * side / count - 0.5))
    grid = np.stack(np.meshgrid(*axes), -1).reshape(-1, 2)
    if cut is None:
        return grid
    drawn = np.stack([cut.drawn.real, cut.drawn.imag], -1)
    inside = (drawn > -0.5).all(1) & (drawn < np.array(scene.size) - 0.5).all(1)
    return np.concatenate([grid, np.rint(drawn[inside])])


def _followed(
    scene: DepthScene, camera: PinholeCamera, grid: np.ndarray, near: np.ndarray, time: int, cut: CutThings | None
) -> tuple[np.ndarray, np.ndarray]:
    """Where a camera sees the positions of a grid `[N, 2]`, and whether nothing stands before them.

    Args:
        near: `[H, W]`, the disparity of what it sees.
    """
    column, row = grid.astype(int).T
    there = camera.project_positions(column, row, scene.disparity[row, column], scene.intrinsics)  # [N, 3]
    if cut is not None:
        positions = grid[:, 0] + 1j * grid[:, 1]
        owners = cut.owners(positions)
        for number in np.unique(owners[owners >= 0]):
            own = owners == number
            there[own] = cut.things[number].project(positions[own], camera, scene, time)
            if not cut.things[number].layer.shown[time]:
                there[own, 2] = -1
    ahead = np.isfinite(there).all(1)
    positions = np.where(ahead[:, None], there[:, :2], grid)
    width, height = camera.size
    x, y = np.rint(positions).astype(np.int64).T
    inside = ahead & (x >= 0) & (y >= 0) & (x < width) & (y < height)
    front = near[y.clip(0, height - 1), x.clip(0, width - 1)]
    return positions, inside & (there[:, 2] >= front * (1 - HIDDEN) - AT_REST)
