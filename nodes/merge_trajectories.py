"""Merge Trajectories: combines two sets of drags."""

from ..dragnuwa import trajectory
from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from ..dragnuwa.trajectory.motion.layer import MODES, merge
from .inputs import EDIT, frames, height, pixels, trajectories, width


class MergeTrajectories(io.ComfyNode):
    """Concatenates drags, or adds a camera's motion to them."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAMergeTrajectories",
            display_name="DragNUWA Merge Trajectories",
            category=EDIT,
            description="Combines two sets of drags, or makes drawn drags move with the camera.",
            search_aliases=["combine", "concatenate", "layer", "camera", "drag", "trajectory"],
            inputs=[
                trajectories("The upper drags, such as those from the Trajectory Editor."),
                trajectories(
                    "The lower drags: a camera motion, or other drags. Where drags meet at a pixel, the upper ones "
                    "count.",
                    id="under",
                ),
                io.Combo.Input(
                    "mode",
                    options=list(MODES),
                    default="layer",
                    tooltip="concatenate keeps both sets unchanged. layer treats trajectories as drawn for a still "
                    "camera and moves them with the camera motion in under.",
                ),
                pixels(
                    "clearance",
                    "Radius in pixels around each upper drag within which the lower drags are ignored, so that a "
                    "single drag is not lost in a grid. 0 ignores none.",
                ),
                width(),
                height(),
                frames(),
            ],
            outputs=[io.String.Output("trajectories", tooltip="All drags: those from under first, then the others.")],
        )

    @classmethod
    @interruptible
    def execute(
        cls, trajectories: str, under: str, mode: str, clearance: float, width: int, height: int, frames: int
    ) -> io.NodeOutput:
        clip = ModelClip(width, height, frames)
        drags = trajectory.parse(trajectories, width=width, height=height)
        below = trajectory.parse(under, width=width, height=height)
        merged = merge(drags, below, mode, clearance, clip)
        return io.NodeOutput(merged.to_json())
