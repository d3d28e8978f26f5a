"""Motion Brush: moves the area under a mask."""

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.common import masks as fitting
from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from ..dragnuwa.trajectory.motion import brush as brushes
from ..dragnuwa.trajectory.motion.layer import concatenate
from .inputs import DRAW, degrees, fit, height, motion_time, percent, pixels, spacing, trajectories, width


class MotionBrush(io.ComfyNode):
    """Makes moving tracks inside a mask, and anchors around it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAMotionBrush",
            display_name="DragNUWA Motion Brush",
            category=DRAW,
            description="Moves, scales or rotates the area under a mask, and keeps the rest still.",
            search_aliases=["mask", "brush", "paint", "animate", "motion", "move", "drag", "trajectory"],
            inputs=[
                io.Mask.Input(
                    "mask",
                    tooltip="The area to move, in white: painted in the mask editor, or from any node that outputs a "
                    "mask. In a batch, each mask can have its own motion.",
                ),
                width(),
                height(),
                fit(
                    "How the mask is fitted to width x height. Use the same setting as in the Trajectory Editor, so "
                    "that the mask stays aligned with the picture."
                ),
                percent("distance", "How far the area moves over the clip, in percent of the width.", default=10.0),
                degrees(
                    "direction",
                    "Direction of the motion in degrees: 0 is right, 90 up, 180 left, 270 down.",
                    limit=360.0,
                ),
                percent(
                    "scale",
                    "How much the area grows about the centre of the mask, in percent. Negative values shrink it.",
                    min=-100.0,
                ),
                degrees(
                    "rotation",
                    "Rotation of the area about the centre of the mask, in degrees. Positive values are clockwise.",
                    limit=1000.0,
                ),
                io.Boolean.Input(
                    "hold",
                    default=True,
                    tooltip="Adds anchors outside the mask and its feather, to hold the rest still.",
                ),
                pixels(
                    "feather",
                    "Distance in pixels around the mask over which the motion falls off smoothly to zero.",
                    default=40.0,
                ),
                *motion_time(),
                spacing(),
                io.String.Input(
                    "motions",
                    default="",
                    multiline=True,
                    advanced=True,
                    tooltip="For a batch of masks: one line per mask, such as distance=20, direction=90. Values that a "
                    "line omits are taken from the inputs above. If empty, all masks move the same way.",
                ),
                trajectories(
                    "A drag for the mask to follow, instead of distance, direction, scale, rotation, ease, start and "
                    "end. One for all masks, or one per mask.",
                    id="path",
                    optional=True,
                ),
                trajectories(
                    "Drags to add on top of the brush's, such as those from another Motion Brush.", optional=True
                ),
            ],
            outputs=[io.String.Output("trajectories", tooltip="The brush's drags, with the connected drags on top.")],
        )

    @classmethod
    @interruptible
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
            along = trajectory.parse(path, width=width, height=height)
            moves = brushes.paths(along, len(masks))
        brush = brushes.Brush(spacing, feather, hold, ease, start, end)
        moved = brushes.motion_brush(masks, moves, brush)
        if trajectories is not None:
            drags = trajectory.parse(trajectories, width=width, height=height)
            moved = concatenate([moved, drags])
        return io.NodeOutput(moved.to_json())
