"""Trajectory Editor: the picture, the drags on it, and the clip's size, always in agreement."""

import torch
from comfy_api.latest import io

from ..dragnuwa import fit as fitting
from ..dragnuwa import trajectory
from ..dragnuwa.clip_shape import ClipShape
from .sockets import CATEGORY, frames, height, width

EMPTY = '{"type": "dragnuwa.trajectories", "version": 1, "tracks": []}'


class TrajectoryEditor(io.ComfyNode):
    """Holds the drags and fits the picture to the clip's size."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWATrajectoryEditor",
            display_name="DragNUWA Trajectory Editor",
            category=CATEGORY,
            description="Drags on a picture. The picture is fitted to the clip's size, so that a drag lies "
            "where it is drawn.",
            search_aliases=["drag", "trajectory", "spline", "tracks", "motion"],
            inputs=[
                io.Image.Input("image", optional=True, tooltip="The picture to move. A batch is fitted as a whole."),
                io.String.Input(
                    "trajectories",
                    multiline=True,
                    default=EMPTY,
                    socketless=True,
                    tooltip="The drags as JSON. Coordinates of KJNodes and tracking points of the earlier pack are "
                    "read too, in pixels of width x height.",
                ),
                width(),
                height(),
                frames(),
                io.Combo.Input(
                    "fit",
                    options=list(fitting.MODES),
                    default="crop",
                    tooltip="How the picture gets to width x height: crop fills the frame and cuts off the rest, "
                    "pad shows it whole on black, stretch distorts it.",
                ),
            ],
            outputs=[
                io.String.Output("trajectories", tooltip="The drags, checked, as JSON."),
                io.Image.Output("image", tooltip="The picture at the clip's size; nothing if no picture is connected."),
                io.Int.Output("width", tooltip="Width of the clip in pixels."),
                io.Int.Output("height", tooltip="Height of the clip in pixels."),
                io.Int.Output("frames", tooltip="Number of frames of the clip."),
            ],
        )

    @classmethod
    def execute(
        cls, trajectories: str, width: int, height: int, frames: int, fit: str, image: torch.Tensor | None = None
    ) -> io.NodeOutput:
        ClipShape(width, height, frames)
        drags = trajectory.parse(trajectories, width=width, height=height)
        fitted = None if image is None else fitting.fit(image, width, height, fit)
        return io.NodeOutput(drags.to_json(), fitted, width, height, frames)
