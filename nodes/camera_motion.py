"""Camera Motion: pan, tilt, zoom and roll as drags."""

from comfy_api.latest import io

from ..dragnuwa import trajectory
from ..dragnuwa.clip_shape import ModelClip
from ..dragnuwa.trajectory.motion.camera import Camera, camera_motion
from ..dragnuwa.trajectory.motion.layer import concatenate
from .sockets import CATEGORY, height, motion_time, spacing, width


class CameraMotion(io.ComfyNode):
    """Tracks on a grid that follow a camera motion."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWACameraMotion",
            display_name="DragNUWA Camera Motion",
            category=CATEGORY,
            description="Moves the camera: pan, tilt, zoom and roll, or any sum of them, as drags on a grid.",
            search_aliases=["camera", "pan", "tilt", "zoom", "roll", "dolly", "drag", "trajectory"],
            inputs=[
                width(),
                height(),
                io.Float.Input(
                    "pan",
                    default=0.0,
                    min=-1000.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="Percent of the width over the clip. Above 0 the camera turns to the right, so that the "
                    "picture moves to the left.",
                ),
                io.Float.Input(
                    "tilt",
                    default=0.0,
                    min=-1000.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="Percent of the height over the clip. Above 0 the camera turns upwards, so that the "
                    "picture moves down.",
                ),
                io.Float.Input(
                    "zoom",
                    default=20.0,
                    min=-95.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="Percent by which the picture grows over the clip: 20 moves each point away from the "
                    "centre by 20 % of its distance. Below 0 zooms out.",
                ),
                io.Float.Input(
                    "roll",
                    default=0.0,
                    min=-1000.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="Degrees over the clip. Above 0 the camera turns clockwise, so that the picture turns "
                    "counterclockwise.",
                ),
                io.Float.Input(
                    "centre_x",
                    default=0.5,
                    min=-10.0,
                    max=10.0,
                    step=0.01,
                    tooltip="Where zoom and roll have their centre: 0 is the left edge, 1 the right one.",
                ),
                io.Float.Input(
                    "centre_y",
                    default=0.5,
                    min=-10.0,
                    max=10.0,
                    step=0.01,
                    tooltip="Where zoom and roll have their centre: 0 is the top edge, 1 the bottom one.",
                ),
                *motion_time(),
                spacing(),
                io.String.Input(
                    "trajectories",
                    optional=True,
                    force_input=True,
                    tooltip="Drags to put the camera under. They stay as they are; to let them ride on the camera, "
                    "use DragNUWA Merge Trajectories.",
                ),
            ],
            outputs=[io.String.Output("trajectories", tooltip="The camera's drags, and over them those that came in.")],
        )

    @classmethod
    def execute(cls, width: int, height: int, pan: float, tilt: float, zoom: float, roll: float, centre_x: float,
                centre_y: float, ease: str, start: float, end: float, spacing: float,
                trajectories: str | None = None) -> io.NodeOutput:  # fmt: skip
        camera = Camera(pan, tilt, zoom, roll, (centre_x, centre_y), ease, start, end)
        moved = camera_motion(camera, ModelClip(width, height, 2).size, spacing=spacing)
        if trajectories is not None:
            moved = concatenate([moved, trajectory.parse(trajectories, width=width, height=height)])
        return io.NodeOutput(moved.to_json())
