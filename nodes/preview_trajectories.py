"""Preview Trajectories: the drags drawn over pictures."""

import torch

from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible, progress_bar
from .inputs import EDIT, Flow, frames, trajectories


class PreviewTrajectories(io.ComfyNode):
    """Shows where the drags are in every frame, over one picture or over a finished video."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAPreviewTrajectories",
            display_name="DragNUWA Preview Trajectories",
            category=EDIT,
            description="Draws the drags over a picture or a video, frame by frame.",
            search_aliases=["drag", "trajectory", "overlay", "visualize"],
            inputs=[
                io.Image.Input(
                    "image",
                    tooltip="One picture, which is repeated for every frame, or a video with as many frames as the "
                    "clip.",
                ),
                trajectories(),
                frames(),
                Flow.Input(
                    "flow",
                    optional=True,
                    tooltip="Drag maps to show under the drags: hue is direction, opacity is speed.",
                ),
                io.Mask.Input(
                    "mask", optional=True, tooltip="One or more masks to tint under the drags, each in its own colour."
                ),
            ],
            outputs=[
                io.Image.Output("image", tooltip="One image per frame. Connect it to Preview Image or Create Video.")
            ],
        )

    @classmethod
    @interruptible
    def execute(
        cls,
        image: torch.Tensor,
        trajectories: str,
        frames: int,
        flow: torch.Tensor | None = None,
        mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.overlay.preview import preview

        drawn = preview(image, trajectories, frames, flow=flow, mask=mask, progress=progress_bar())
        return io.NodeOutput(drawn)
