"""The background of a picture with depth, as a moving camera sees it: the picture where it shows that, and elsewhere
what is filled behind its near parts (`behind`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from ...vision.inpainting.fill import FillHole, fill_hole
from ..layers import Frame, Region, whole_picture
from .behind import InpaintedBackground, inpaint_background, looked_up
from .camera import PinholeCamera, is_at_rest
from .scene import DepthScene
from .view import ViewWithEdges, view, view_with_edges

AROUND = np.ones((7, 7), np.uint8)  # of what is filled, from which pixels between others are filled
STRAY = 3  # px, of what neither the picture nor the filling behind it shows


@dataclass(frozen=True)
class DepthBackground:
    """
    Attributes:
        region: the whole picture.
        scene: its depth, without the layers that were cut out.
        picture: `[H, W, 3]` float32, without them.
        hole: `[H, W]` float32, 1 where that was filled.
        inpainted: what is behind the near parts of the scene; None if no camera moves.
        cameras: one for each frame. One at rest shows the picture bit for bit.
        device: where pixels are projected.
    """

    region: Region
    scene: DepthScene
    picture: np.ndarray
    hole: np.ndarray
    inpainted: InpaintedBackground | None
    cameras: Sequence[PinholeCamera]
    device: torch.device | str = "cpu"

    def at(self, time: int) -> Frame:
        """It alone, in a frame; `Frame.disoccluded` is what the picture does not show."""
        camera = self.cameras[time]
        if is_at_rest(camera, self.scene):
            return _frame(self.picture, self.hole, self.scene.disparity.copy())
        seen = view_with_edges(self.scene, camera, self.inpainted.edges.owner, self.device)
        colors, disparity = _composed(seen, self.inpainted, camera, self.device)
        x, y = (np.ascontiguousarray(np.nan_to_num(seen.sources[..., axis])) for axis in (0, 1))
        filled = cv2.remap(self.hole, x, y, cv2.INTER_LINEAR) if self.hole.any() else 0
        return _frame(colors, np.maximum((~seen.shown).astype(np.float32), filled), disparity)


def depth_background(
    scene: DepthScene,
    picture: np.ndarray,
    hole: np.ndarray,
    cameras: Sequence[PinholeCamera],
    times: Sequence[int],
    device: torch.device | str = "cpu",
    fill_with: FillHole = fill_hole,
) -> DepthBackground:
    """
    Args:
        scene, picture, hole, cameras, device: as of `DepthBackground`.
        times: the frames that are wanted.
        fill_with: fills what the picture does not show.
    """
    moving = [cameras[time] for time in times if not is_at_rest(cameras[time], scene)]
    inpainted = inpaint_background(scene, picture, moving, fill_with) if moving else None
    region = whole_picture(None, scene.size, len(cameras))
    return DepthBackground(region, scene, picture, hole, inpainted, cameras, device)


def _frame(colors: np.ndarray, missing: np.ndarray, disparity: np.ndarray) -> Frame:
    nothing = np.zeros_like(missing)
    pixels = np.concatenate([np.moveaxis(colors, -1, 0), np.stack([nothing, missing, nothing])])
    return Frame(torch.from_numpy(pixels.astype(np.float32)), disparity)


def _composed(
    seen: ViewWithEdges, ground: InpaintedBackground, camera: PinholeCamera, device: torch.device | str
) -> tuple[np.ndarray, np.ndarray]:
    """`[H, W, 3]` float32: the picture where the camera sees it, and elsewhere what is behind it; and the disparity
    `[H, W]` float32 of what each pixel shows, -1 where neither is."""
    frame = ground.edges.looked_up(seen.sources)
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
    parts = ground.edges.composed(seen.parts, seen.beside, seen.second, behind_them)  # [K, P, 3]
    frame.reshape(-1, 3)[seen.edges] = parts.mean(1)
    return frame.clip(0, 1), np.where(seen.shown, seen.disparity, rest.disparity)


def _closed(frame: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """The few pixels that neither shows, by those around them."""
    small = np.round(frame.clip(0, 1) * 255).astype(np.uint8)
    filled = cv2.inpaint(small, missing.astype(np.uint8), STRAY, cv2.INPAINT_TELEA)
    return np.where(missing[..., None], filled.astype(np.float32) / 255, frame)
