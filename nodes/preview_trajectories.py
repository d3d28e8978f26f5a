"""Preview Trajectories: the drags drawn over pictures."""

import torch
from comfy_api.latest import io

from ..dragnuwa import trajectory
from ..dragnuwa.clip_shape import MAX_FRAMES, MIN_FRAMES
from .inputs import CATEGORY, Flow, frames, trajectories


class PreviewTrajectories(io.ComfyNode):
    """Shows where the drags are in every frame, over one picture or over a finished video."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAPreviewTrajectories",
            display_name="DragNUWA Preview Trajectories",
            category=CATEGORY,
            description="Draws the drags over a picture or a video, frame by frame.",
            search_aliases=["drag", "trajectory", "overlay", "visualize"],
            inputs=[
                io.Image.Input(
                    "image", tooltip="One picture, which is repeated, or a video of as many frames as the clip has."
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
    def execute(
        cls,
        image: torch.Tensor,
        trajectories: str,
        frames: int,
        flow: torch.Tensor | None = None,
        mask: torch.Tensor | None = None,
    ) -> io.NodeOutput:
        from ..dragnuwa.overlay import maps as fields
        from ..dragnuwa.overlay import (  # OpenCV, which a server without graphics libraries may fail to load
            tracks as draw,
        )

        if image is None:
            raise ValueError("There is no picture to draw on. Connect an image to the Trajectory Editor.")
        if not MIN_FRAMES <= frames <= MAX_FRAMES or image.shape[0] not in (1, frames):
            raise ValueError(
                f"Expected one picture or {frames} of them ({MIN_FRAMES} to {MAX_FRAMES} frames); "
                f"found {image.shape[0]}. Set 'frames' to the clip's number of frames."
            )
        height, width = image.shape[1:3]
        drags = trajectory.parse(trajectories, width=width, height=height)
        images = image[..., :3].expand(frames, -1, -1, -1)  # [T, H, W, 3]
        if flow is not None:
            images = fields.over_flow(images, flow)
        if mask is not None:
            images = fields.over_masks(images, mask)
        return io.NodeOutput(draw.drags(images, drags))
