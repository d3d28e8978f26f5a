"""A camera that moves through a picture with depth, for the nodes; and the same camera for Wan Fun Camera."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import comfy.model_management
import numpy as np
import torch
from comfy_extras.nodes_camera_trajectory import process_pose_params
from torch import Tensor

from ..carry.depth.cameras.paths import CameraPath
from ..carry.depth.parallax import Parallax, parallax
from ..carry.depth.path import CameraMoves
from ..carry.depth.readers import fitted, of_geometry, of_picture
from ..carry.depth.scene import DepthScene
from ..carry.depth.view import PinholeCamera
from ..common.clip_shape import ModelClip
from ..common.errors import InputError
from ..common.images import as_images, fit
from ..common.interrupt import Progress
from .running_node import check_interrupt

GROUP = 4  # frames of a latent frame of Wan, after the first


def depth_scene(geometry: Any, depth: Tensor | None, white: str, farthest: float, angle: float) -> DepthScene:
    """
    Raises:
        InputError: if there is neither a geometry nor a picture of the depth, or it cannot be used.
    """
    if geometry is not None:
        return of_geometry(geometry)
    if depth is None:
        raise InputError(
            "There is no depth. Connect the geometry of MoGe or Depth Anything 3, or a picture of the depth."
        )
    return of_picture(as_images(depth), white, farthest, angle)


def seen_by(
    image: Tensor,
    scene: DepthScene,
    moves: CameraMoves,
    clip: ModelClip,
    mode: str,
    spacing: float,
    progress: Progress,
    path: CameraPath | None = None,
) -> tuple[Parallax, list[PinholeCamera]]:
    """The picture, fitted to a clip, seen by a moving camera; and the camera in each frame.

    Args:
        image: `[B, H, W, 3]`; the first one is used.
        scene: of any size, of the same picture.
        mode: how the picture is fitted.
        path: that the camera follows, with the moves on top of it; by default it stays where it is.
    """
    image = as_images(image)
    shape = image.shape[2] / image.shape[1]
    own = scene.size[0] / scene.size[1]
    if abs(shape / own - 1) > 0.02:
        raise InputError(
            f"The depth should have the picture's shape; found {scene.size[0]}x{scene.size[1]} for a picture of "
            f"{image.shape[2]}x{image.shape[1]} pixels. Make it from the same picture."
        )
    there = fitted(scene, clip.size, mode)
    cameras = (path or CameraPath()).cameras(moves, there, clip.frames)
    picture = fit(image[:1], clip.width, clip.height, mode)[0]
    device = comfy.model_management.get_torch_device()
    made = parallax(picture, there, cameras, spacing, check_interrupt, progress, device)
    return made, cameras


def focus_distance(scene: DepthScene, moves: CameraMoves, clip: ModelClip, mode: str) -> float:
    """The distance to the focus, in the picture as it is fitted to a clip."""
    return fitted(scene, clip.size, mode).distance(*moves.focus)


def camera_embedding(cameras: Sequence[PinholeCamera], unit: float) -> Tensor:
    """A camera as ComfyUI's WanCameraEmbedding gives it, by its own functions.

    Args:
        unit: the distance that is 1 for the model.

    Raises:
        InputError: if the number of frames is not a multiple of 4 plus 1.
    """
    if (len(cameras) - 1) % GROUP:
        raise InputError(
            f"A Wan camera embedding takes a multiple of {GROUP} frames plus 1, such as 81; found {len(cameras)}."
        )
    width, height = cameras[0].size
    rows = np.array([_row(camera, unit) for camera in cameras])
    rays = process_pose_params(
        rows, width=width, height=height, original_pose_width=width, original_pose_height=height
    )  # [T, H, W, 6]
    video = rays.permute(3, 0, 1, 2)[None].to(comfy.model_management.intermediate_device())
    video = torch.cat([video[:, :, :1].repeat_interleave(GROUP, 2), video[:, :, 1:]], 2).transpose(1, 2)
    batch, frames, channels, *sides = video.shape
    grouped = video.contiguous().view(batch, frames // GROUP, GROUP, channels, *sides).transpose(2, 3)
    return grouped.contiguous().view(batch, frames // GROUP, channels * GROUP, *sides).transpose(1, 2)


def _row(camera: PinholeCamera, unit: float) -> list[float]:
    """As a line of a RealEstate10K file: frame, intrinsics in parts of the sides, two zeros, camera to world."""
    (width, height), own = camera.size, camera.intrinsics
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = camera.turn.T, -camera.turn.T @ camera.shift / unit
    inside = [own[0, 0] / width, own[1, 1] / height, (own[0, 2] + 0.5) / width, (own[1, 2] + 0.5) / height]
    return [0.0, *inside, 0.0, 0.0, *pose.ravel()]
