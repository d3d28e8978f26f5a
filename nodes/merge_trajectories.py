"""Merge Trajectories: two drawings become one."""

from comfy_api.latest import io

from ..dragnuwa import trajectory
from ..dragnuwa.clip_shape import ModelClip
from ..dragnuwa.trajectory.motion.layer import MODES, merge
from .sockets import CATEGORY, frames, height, trajectories, width


class MergeTrajectories(io.ComfyNode):
    """Puts drags side by side, or object motion on a moving camera."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAMergeTrajectories",
            display_name="DragNUWA Merge Trajectories",
            category=CATEGORY,
            description="Puts two sets of drags together, or lets drawn motion ride on a moving camera.",
            search_aliases=["combine", "concatenate", "layer", "camera", "drag", "trajectory"],
            inputs=[
                trajectories(),
                io.String.Input(
                    "under",
                    force_input=True,
                    tooltip="What comes below: the camera, or more drags. Where drags meet on a pixel the upper ones "
                    "count.",
                ),
                io.Combo.Input(
                    "mode",
                    options=list(MODES),
                    default="layer",
                    tooltip="concatenate takes both as they are. layer takes trajectories as motion in front of a "
                    "camera that stands still, and moves it along with the camera in under.",
                ),
                io.Float.Input(
                    "clearance",
                    default=0.0,
                    min=0.0,
                    max=4096.0,
                    step=1.0,
                    tooltip="Pixels around each drag in which under does not count, so that a single drag does not "
                    "drown in a grid. 0 leaves all.",
                ),
                width(),
                height(),
                frames(),
            ],
            outputs=[io.String.Output("trajectories", tooltip="All drags: those of under, then the others.")],
        )

    @classmethod
    def execute(
        cls, trajectories: str, under: str, mode: str, clearance: float, width: int, height: int, frames: int
    ) -> io.NodeOutput:
        clip = ModelClip(width, height, frames)
        drags = trajectory.parse(trajectories, width=width, height=height)
        below = trajectory.parse(under, width=width, height=height)
        merged = merge(drags, below, mode, clearance, clip)
        return io.NodeOutput(merged.to_json())
