"""ObjMC: how closely a video follows its drags."""

import torch

from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible, progress_bar
from .inputs import EVALUATE, trajectories


class ObjMC(io.ComfyNode):
    """Tracks the dragged points in a video and measures their distance from the drags."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAObjMC",
            display_name="DragNUWA ObjMC",
            category=EVALUATE,
            description="Measures how closely a video follows its drags, by tracking the dragged points in it.",
            search_aliases=["drag", "trajectory", "evaluate", "metric", "motion control", "tracking"],
            inputs=[
                io.Image.Input("image", tooltip="The video at the size of the clip, one image per frame."),
                trajectories("The drags from which the video was made."),
            ],
            outputs=[
                io.Float.Output(
                    "objmc", tooltip="Mean distance in pixels between the drags and the tracked points. 0 is perfect."
                ),
                io.Float.Output(
                    "relative_objmc",
                    tooltip="objmc divided by that of a still video: 0 follows exactly, 1 is as far off as no motion, "
                    "above 1 the motion is wrong.",
                ),
                io.String.Output(
                    "report",
                    tooltip="One line for the video, and one per drag: how far it should move, how far it moved, and "
                    "where tracking lost it.",
                ),
                io.Image.Output(
                    "image",
                    tooltip="The video with each drag in its own colour and its tracked point in magenta, hollow where "
                    "tracking lost it.",
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, image: torch.Tensor, trajectories: str) -> io.NodeOutput:
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.overlay.preview import compare_images

        found, drawn = compare_images(image, trajectories, progress_bar())
        return io.NodeOutput(found.objmc, found.relative_objmc, found.report, drawn)
