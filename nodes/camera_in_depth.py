"""Camera in Depth: moves the camera through a picture of which the depth is known."""

from typing import Any

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.carry.depth.cameras.paths import FORMATS, CameraPath, write_path
from ..dragnuwa.carry.depth.path import EASES, CameraMoves
from ..dragnuwa.carry.depth.scene import WHITE
from ..dragnuwa.carry.settings import MATRICES, CarrySettings
from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.common.images import OF_CLIP
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible, show_text
from .inputs import (
    PICTURE,
    camera_matrices,
    camera_number,
    fit,
    fraction,
    frames,
    height,
    longer_side,
    motion_time,
    number,
    pixels,
    trajectories,
    width,
)  # fmt: skip

WAYS = "in parts of the distance to the focus: 0.2 is a fifth of it."


class CameraInDepth(io.ComfyNode):
    """Shows a picture with depth as a moving camera sees it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWACameraInDepth",
            display_name="DragNUWA Camera in Depth",
            category=PICTURE,
            description="Moves the camera through a picture whose depth is known: near objects move more than far ones "
            "and cover them, and what comes into view is filled.",
            search_aliases=[
                "parallax", "camera", "dolly", "truck", "orbit", "pan", "dolly zoom", "vertigo", "depth", "2.5d", "3d",
                "ken burns", "handheld",
            ],
            inputs=[
                io.Image.Input("image", tooltip="The picture, preferably at full size. Only the first one is used."),
                io.MultiType.Input(
                    "geometry",
                    types=[io.Custom("MOGE_GEOMETRY"), io.Custom("DA3_GEOMETRY")],
                    optional=True,
                    tooltip="The geometry of the same picture, from ComfyUI's MoGe or Depth Anything 3.",
                ),
                io.Image.Input(
                    "depth", optional=True,
                    tooltip="Instead of a geometry, a grey picture of the depth, from any node.",
                ),
                width(),
                height(),
                frames(),
                fit("How the picture is fitted to width and height."),
                number("pan", "Turns the camera, in degrees. Positive: to the right.", limit=89.0, step=0.1),
                number("tilt", "Turns the camera, in degrees. Positive: upwards.", limit=89.0, step=0.1),
                number("roll", "Turns the camera, in degrees. Positive: clockwise.", limit=360.0, step=0.1),
                number("truck", f"Moves the camera to the right (below 0 to the left), {WAYS}", limit=5.0),
                number("pedestal", f"Moves the camera upwards (below 0 downwards), {WAYS}", limit=5.0),
                number("dolly", f"Moves the camera forwards (below 0 backwards), {WAYS}", limit=5.0, default=0.15,
                       max=0.9),
                number("orbit", "Orbits the focus, in degrees. Positive: to the right.",
                       limit=89.0, step=0.1),
                number("rise", "Orbits the focus, in degrees. Positive: upwards.", limit=89.0,
                       step=0.1),
                number("zoom", "Increases the focal length: 0.5 shows everything 1.5 times as large.", limit=10.0,
                       min=-0.9),
                io.Boolean.Input(
                    "dolly_zoom", default=False,
                    tooltip="Zooms against the dolly, so that the focus keeps its size while what is behind it grows "
                    "or shrinks.",
                ),
                number("handheld", "Camera shake: its maximum angle, in degrees.", limit=20.0,
                       min=0.0, step=0.1),
                # Said aloud: the page counts saved values, and would take one for that of an input without a widget.
                io.Int.Input("seed", default=0, min=0, max=2**32 - 1, tooltip="Of the camera shake.", advanced=True,
                             control_after_generate=io.ControlAfterGenerate.fixed),
                fraction("focus_x", "Focus of dolly zoom and orbit, and what distances refer to: 0 is the left edge, 1 "
                         "the right one.", default=0.5),
                fraction("focus_y", "The same: 0 is the top, 1 the bottom.", default=0.5),
                *motion_time(EASES),
                io.Combo.Input("white", options=list(WHITE), default=WHITE[0], advanced=True,
                               tooltip="Depth map convention: white is near, or white is far."),
                number("farthest", "Where no geometry says it: how many times as far the farthest is as the nearest.",
                       limit=1000.0, min=1.1, default=10.0, step=0.5, advanced=True),
                number("view_angle", "What the picture's longer side shows, in degrees, where no geometry says it. "
                       "MoGe's does, and that of Depth Anything 3 in the mode multiview, of two pictures or more.",
                       limit=170.0, min=1.0, default=55.0, step=1.0, advanced=True),
                pixels("spacing", "Distance between neighbouring tracks, in pixels of the clip.", default=32.0,
                       min=4.0),
                io.Boolean.Input(
                    "grow", default=False, optional=True,
                    tooltip="Whether dragged objects grow as they come nearer along the ground on which they stand, "
                    "and shrink as they go away. Otherwise they keep their size.",
                ),
                trajectories(
                    "Drags and objects from the Trajectory Editor: they move in the scene, at their depth, behind what "
                    "is nearer. Without a geometry, their distances and the horizon are the depth.",
                    optional=True,
                ),
                io.Mask.Input(
                    "masks", optional=True,
                    tooltip="Masks of what is dragged, at the picture's or the clip's size, as of DragNUWA Carry.",
                ),
                io.String.Input(
                    "path", default="", multiline=True, optional=True, advanced=True,
                    tooltip="A path that the camera follows: lines such as 0.5: truck 0.2, orbit 15, with a time from "
                    "0 to 1, or a file of RealEstate10K, CameraCtrl, MotionCtrl, ReCamMaster, NeRF, Blender, "
                    "COLMAP, KITTI or TUM. The moves above come on top of it: for the path alone, set dolly to 0.",
                ),
                camera_matrices(),
                number("path_scale", "How far the path of a file goes: at 1, its unit is the distance to the focus.",
                       limit=1000.0, min=0.001, default=1.0, advanced=True, optional=True),
                io.Load3DCamera.Input(
                    "load3d_camera", optional=True,
                    tooltip="The camera_info of Load 3D, to which the camera moves. The front view of that viewport is "
                    "the picture, its target the focus, and the distance at which it opens that of the focus.",
                ),
                longer_side(or_of_clip=True),
                camera_number(),
            ],
            hidden=[io.Hidden.unique_id],
            outputs=[
                io.Image.Output("images", tooltip="The video, one image per frame. The first one is the picture."),
                io.Mask.Output(
                    "mask", tooltip="What the picture does not show, for each frame: for DragNUWA Tie Video, "
                    "which lets a model paint it, or for inpainting."
                ),
                io.String.Output(
                    "trajectories", tooltip="Tracks of the picture's places, hidden where something covers them: for "
                    "Encode Trajectories, or Wan-Move and ATI by Export Trajectories."
                ),
                io.WanCameraEmbedding.Output(
                    "camera_embedding", tooltip="The same camera for Wan Fun Camera. With a number of frames that Wan "
                    "does not take, what is connected here does not run."
                ),
                io.String.Output(
                    "camera", tooltip="The same camera as RealEstate10K text, in which the distance to the focus is 1: "
                    "for DragNUWA Export Camera, or for path."
                ),
            ],
        )  # fmt: skip

    @classmethod
    @interruptible
    def execute(cls, image: torch.Tensor, width: int, height: int, frames: int, fit: str, focus_x: float,
                focus_y: float, white: str, farthest: float, view_angle: float, spacing: float, grow: bool = False,
                geometry: Any = None, depth: torch.Tensor | None = None, path: str = "", matrices: str = MATRICES[0],
                path_scale: float = 1.0, trajectories: str = "[]", masks: torch.Tensor | None = None,
                load3d_camera: Any = None, longer_side: int = OF_CLIP, camera_number: int = 1,
                **moves: Any) -> io.NodeOutput:  # fmt: skip
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.carry.composite import CarryInputs
        from ..dragnuwa.host.depth_camera import DepthOptions, depth_of, seen_by, shown_on_page, wan_camera

        clip = ModelClip(width, height, frames)
        drawn = trajectory.parse(trajectories, width=width, height=height)
        known = depth_of(geometry, depth, drawn, white, farthest, view_angle)
        camera = CameraMoves(focus=(focus_x, focus_y), **moves)
        followed = CameraPath(path, matrices, path_scale, load3d_camera, camera_number)
        inputs, options = CarryInputs(image, drawn, clip, masks), DepthOptions(spacing, grow, longer_side)
        made = seen_by(inputs, CarrySettings(fit=fit), known, followed, camera, options)
        show_text("\n".join(followed.left_out()), cls.hidden.unique_id)
        seen, embedding = made.parallax, wan_camera(made.cameras, made.focus)
        tracks = seen.trajectories.to_json()
        text = write_path(made.cameras, FORMATS[0], made.focus)
        return io.NodeOutput(seen.video, seen.disoccluded, tracks, embedding, text, ui=shown_on_page(made))
