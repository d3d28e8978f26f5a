"""Camera Motion: pan, tilt, zoom and roll as drags."""

from ..dragnuwa import trajectory
from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from ..dragnuwa.trajectory.motion.camera import Camera, camera_motion
from ..dragnuwa.trajectory.motion.layer import concatenate
from .inputs import DRAW, centre, degrees, height, motion_time, percent, spacing, trajectories, width


class CameraMotion(io.ComfyNode):
    """Makes tracks on a grid that follow a camera motion."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWACameraMotion",
            display_name="DragNUWA Camera Motion",
            category=DRAW,
            description="Moves the camera: pan, tilt, zoom, roll, or any combination of them, as drags on a grid.",
            search_aliases=[
                "camera",
                "pan",
                "tilt",
                "zoom",
                "roll",
                "dolly",
                "animate",
                "motion",
                "move",
                "drag",
                "trajectory",
            ],
            inputs=[
                width(),
                height(),
                percent(
                    "pan",
                    "Pan over the clip, in percent of the width. Positive values turn the camera right, so the picture "
                    "moves left.",
                ),
                percent(
                    "tilt",
                    "Tilt over the clip, in percent of the height. Positive values turn the camera up, so the picture "
                    "moves down.",
                ),
                percent(
                    "zoom",
                    "Zoom over the clip, in percent: 20 makes all distances from the centre 20 % longer. Negative "
                    "values zoom out.",
                    default=20.0,
                    min=-95.0,
                ),
                degrees(
                    "roll",
                    "Roll over the clip, in degrees. Positive values turn the camera clockwise, so the picture turns "
                    "counterclockwise.",
                    limit=1000.0,
                ),
                *centre("zoom and roll"),
                *motion_time(),
                spacing(),
                trajectories(
                    "Drags to add on top of the camera's. They are not changed; to move them with the camera, use "
                    "DragNUWA Merge Trajectories.",
                    optional=True,
                ),
            ],
            outputs=[io.String.Output("trajectories", tooltip="The camera's drags, with the connected drags on top.")],
        )

    @classmethod
    @interruptible
    def execute(cls, width: int, height: int, pan: float, tilt: float, zoom: float, roll: float, centre_x: float,
                centre_y: float, ease: str, start: float, end: float, spacing: float,
                trajectories: str | None = None) -> io.NodeOutput:  # fmt: skip
        camera = Camera(pan, tilt, zoom, roll, (centre_x, centre_y), ease, start, end)
        size = ModelClip(width, height, 2).size
        moved = camera_motion(camera, size, spacing=spacing)
        if trajectories is not None:
            drags = trajectory.parse(trajectories, width=width, height=height)
            moved = concatenate([moved, drags])
        return io.NodeOutput(moved.to_json())
