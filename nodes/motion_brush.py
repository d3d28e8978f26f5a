"""Motion Brush: what lies under a mask moves."""

import torch
from comfy_api.latest import io

from ..dragnuwa import images as fitting
from ..dragnuwa import trajectory
from ..dragnuwa.clip_shape import ModelClip
from ..dragnuwa.trajectory.motion import brush as brushes
from ..dragnuwa.trajectory.motion.layer import concatenate
from .sockets import CATEGORY, fit, height, motion_time, spacing, width


class MotionBrush(io.ComfyNode):
    """Tracks inside a mask that move, and anchors around it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAMotionBrush",
            display_name="DragNUWA Motion Brush",
            category=CATEGORY,
            description="Moves, scales or turns what lies under a mask, and holds the rest.",
            search_aliases=["mask", "brush", "paint", "motion", "drag", "trajectory"],
            inputs=[
                io.Mask.Input(
                    "mask",
                    tooltip="What is to move: painted in the mask editor, or from any node that gives a mask. In a "
                    "batch each mask has its own motion.",
                ),
                width(),
                height(),
                fit("How the mask gets to width x height: as the picture does in the Trajectory Editor."),
                io.Float.Input(
                    "distance",
                    default=10.0,
                    min=-1000.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="How far it moves over the clip, in percent of the width.",
                ),
                io.Float.Input(
                    "direction",
                    default=0.0,
                    min=-360.0,
                    max=360.0,
                    step=1.0,
                    tooltip="Where to, in degrees: 0 to the right, 90 upwards, 180 to the left, 270 down.",
                ),
                io.Float.Input(
                    "scale",
                    default=0.0,
                    min=-100.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="Percent by which it grows about the middle of the mask. Below 0 it shrinks.",
                ),
                io.Float.Input(
                    "rotation",
                    default=0.0,
                    min=-1000.0,
                    max=1000.0,
                    step=1.0,
                    tooltip="Degrees by which it turns about the middle of the mask, above 0 clockwise.",
                ),
                io.Boolean.Input(
                    "hold", default=True, tooltip="Anchors outside of the mask and its feather, so that the rest stays."
                ),
                io.Float.Input(
                    "feather",
                    default=40.0,
                    min=0.0,
                    max=4096.0,
                    step=1.0,
                    tooltip="Pixels around the mask in which the motion falls off smoothly to nothing.",
                ),
                *motion_time(),
                spacing(),
                io.String.Input(
                    "motions",
                    default="",
                    multiline=True,
                    advanced=True,
                    tooltip="For a batch of masks: a line for each, such as distance=20, direction=90. What a line "
                    "leaves out is as above. Empty moves all of them alike.",
                ),
                io.String.Input(
                    "path",
                    optional=True,
                    force_input=True,
                    tooltip="A drag that the mask moves along, in place of distance, direction, scale, rotation, ease, "
                    "start and end. One for all masks, or one for each.",
                ),
                io.String.Input(
                    "trajectories",
                    optional=True,
                    force_input=True,
                    tooltip="Drags to put the brush's under, such as those of another Motion Brush.",
                ),
            ],
            outputs=[io.String.Output("trajectories", tooltip="The brush's drags, and over them those that came in.")],
        )

    @classmethod
    def execute(cls, mask: torch.Tensor, width: int, height: int, fit: str, distance: float, direction: float,
                scale: float, rotation: float, hold: bool, feather: float, ease: str, start: float, end: float,
                spacing: float, motions: str = "", path: str | None = None,
                trajectories: str | None = None) -> io.NodeOutput:  # fmt: skip
        ModelClip(width, height, 2)
        masks = fitting.fit_mask(mask, width, height, fit)
        if path is None:
            motion = brushes.BrushMotion(distance, direction, scale, rotation)
            moves = brushes.read_motions(motions, motion, len(masks))
        else:
            moves = brushes.paths(trajectory.parse(path, width=width, height=height), len(masks))
        moved = brushes.motion_brush(masks, moves, brushes.Brush(spacing, feather, hold, ease, start, end))
        if trajectories is not None:
            moved = concatenate([moved, trajectory.parse(trajectories, width=width, height=height)])
        return io.NodeOutput(moved.to_json())
