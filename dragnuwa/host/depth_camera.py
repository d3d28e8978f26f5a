"""A camera that moves through a picture with depth, for the nodes; and the same camera for Wan Fun Camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import comfy.model_management
import numpy as np
import torch
from comfy_execution.graph_utils import ExecutionBlocker
from comfy_extras.nodes_camera_trajectory import process_pose_params
from torch import Tensor

from ..carry.depth.camera import ClipFrame, PinholeCamera, intrinsics_as_fractions
from ..carry.depth.layers import cut_out
from ..carry.depth.parallax import Parallax, filmed
from ..carry.depth.path import CameraMoves
from ..carry.depth.readers import DrawnDepth, depth_from_geometry, depth_from_image, fitted, packed
from ..carry.depth.scene import DepthScene
from ..carry.drawing import drawing_on
from ..carry.find import find
from ..carry.settings import CarrySettings
from ..common.errors import InputError
from ..common.images import OF_CLIP, as_images, fit, full_size, same_shape
from ..trajectory import Trajectories
from .running_node import check_interrupt, preview, progress_bar

if TYPE_CHECKING:
    from ..carry.composite import CarryInputs
    from ..carry.depth.cameras.paths import CameraPath

GROUP = 4  # frames of a latent frame of Wan, after the first


def depth_of(
    geometry: Any, depth: Tensor | None, drawn: Trajectories, white: str, farthest: float, angle: float
) -> DepthScene | DrawnDepth:
    """The depth of a picture: a geometry's, that of a grey picture, or what was drawn by hand.

    Raises:
        InputError: if there is none of them, or it cannot be used.
    """
    if geometry is not None:
        return depth_from_geometry(geometry, angle)
    if depth is not None:
        return depth_from_image(as_images(depth), white, farthest, angle)
    if drawn.horizon is None and not drawn.enabled_objects:
        raise InputError(
            "There is no depth. Connect the geometry of MoGe or Depth Anything 3, or a picture of the depth; or draw "
            "objects and a horizon in the Trajectory Editor, and connect its trajectories."
        )
    return DrawnDepth(drawn.horizon, farthest, angle)


@dataclass(frozen=True)
class DepthOptions:
    """
    Attributes:
        spacing: px of the clip between tracks in the picture.
        grows: as of `dragnuwa.carry.depth.projected.Relief`.
        longer_side: of the video in pixels, as `dragnuwa.common.images.full_size` takes it.
    """

    spacing: float
    grows: bool = False
    longer_side: int = OF_CLIP


@dataclass(frozen=True)
class Seen:
    """
    Attributes:
        parallax: what the camera sees.
        cameras: one for each frame of the clip.
        focus: the distance to the focus.
        measured: the depth of the picture, fitted to the clip; None if it was drawn by hand.
    """

    parallax: Parallax
    cameras: list[PinholeCamera]
    focus: float
    measured: DepthScene | None


def seen_by(
    inputs: CarryInputs,
    settings: CarrySettings,
    depth: DepthScene | DrawnDepth,
    camera: CameraPath,
    moves: CameraMoves,
    options: DepthOptions,
) -> Seen:
    """A picture seen by a moving camera, as a video of the clip's size or of the picture's.

    Args:
        inputs: the picture, what moves in it, and the clip.
        settings: how the picture is fitted to the clip.
        depth: of any size, of the same picture; by hand, as drawn on the clip.
        camera: the path that it follows, with the moves on top of it.
        moves: their focus is in fractions of the clip.
        options: of the depth and the video.
    """
    image, clip = as_images(inputs.image), inputs.clip
    video = full_size((image.shape[2], image.shape[1]), clip.size, settings.fit, options.longer_side)
    frame = ClipFrame(clip.size, video.size, video.area)
    by_hand = isinstance(depth, DrawnDepth)
    measured = None if by_hand else fitted(_of_same_shape(depth, image), clip.size, settings.fit)
    if options.longer_side != OF_CLIP:
        inputs, settings = inputs.in_video(video, settings)
    there = replace(depth, frame=frame) if by_hand else fitted(depth, video.size, video.mode)
    drawing = drawing_on(image[0], inputs.trajectories, inputs.clip, inputs.masks, settings)
    picture = fit(image[:1], *video.size, video.mode)[0]
    moves = replace(moves, focus=frame.video_fraction(moves.focus))
    cut = cut_out(find(drawing), picture.movedim(-1, 0), there, options.grows)
    cameras = camera.cameras(moves, cut.scene, clip.frames)
    composition = cut.seen_by(cameras, range(clip.frames), comfy.model_management.get_torch_device())
    scene, drawn = cut.scene, cut.drawn
    del cut, drawing  # what nothing needs any more is not kept beside the video
    made = filmed(composition, scene, options.spacing, drawn, progress_bar(), frame)
    return Seen(made, [frame.camera(each) for each in cameras], scene.distance(*moves.focus), measured)


def _of_same_shape(scene: DepthScene, image: Tensor) -> DepthScene:
    if not same_shape(scene.size, (image.shape[2], image.shape[1])):
        raise InputError(
            f"The depth should have the picture's shape; found {scene.size[0]}x{scene.size[1]} for a picture of "
            f"{image.shape[2]}x{image.shape[1]} pixels. Make it from the same picture."
        )
    return scene


def shown_on_page(seen: Seen) -> dict[str, Any]:
    """What the editor's page plays a camera with: the depth as a picture in the temporary folder, and its lens."""
    if seen.measured is None:
        return {}
    picture, lens = packed(seen.measured)
    return {"dragnuwa_depth": preview(picture), "dragnuwa_lens": lens}


def wan_camera(cameras: Sequence[PinholeCamera], unit: float) -> Tensor | ExecutionBlocker:
    """As `camera_embedding`. For a number of frames that Wan cannot take, only what it is connected to does not run,
    with that error's message: who wants no embedding may have any number."""
    try:
        return camera_embedding(cameras, unit)
    except InputError as error:
        return ExecutionBlocker(str(error))


def camera_embedding(cameras: Sequence[PinholeCamera], unit: float) -> Tensor:
    """A camera as ComfyUI's WanCameraEmbedding gives it, by its own functions: `[1, 24, (T + 3) / 4, H, W]`.

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
    starts = range(1 - GROUP, len(cameras), GROUP)  # the first latent frame is the first frame, GROUP times
    made = torch.empty(len(starts), 6 * GROUP, height, width, device=comfy.model_management.intermediate_device())
    for number, start in enumerate(starts):  # ComfyUI's function takes several times the memory of what it gives
        check_interrupt()
        own = rows[np.arange(start, start + GROUP).clip(min=0)]
        rays = process_pose_params(
            np.concatenate([rows[:1], own]),  # the first is the origin
            width=width,
            height=height,
            original_pose_width=width,
            original_pose_height=height,
        )[1:]  # [GROUP, H, W, 6]
        made[number] = rays.permute(3, 0, 1, 2).reshape(6 * GROUP, height, width)
    return made[None].transpose(1, 2)


def _row(camera: PinholeCamera, unit: float) -> list[float]:
    """As a line of a RealEstate10K file: frame, intrinsics in parts of the sides, two zeros, camera to world."""
    inside = intrinsics_as_fractions(camera.intrinsics, camera.size)
    return [0.0, *inside, 0.0, 0.0, *camera.camera_to_world(unit).ravel()]
