"""Restore Detail: restores the picture's fine detail in a clip generated from it."""

from typing import Any

import torch

from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from .inputs import PICTURE, OpticalFlow, fit, fraction, trajectories

MAX_SIDE = 8192
MOST_BETWEEN = 32
FOLLOW = 0.5  # `dragnuwa.detail.restore.FOLLOW`, repeated because importing that needs OpenCV


class RestoreDetail(io.ComfyNode):
    """Makes a generated clip as sharp and as large as its start picture."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWARestoreDetail",
            display_name="DragNUWA Restore Detail",
            category=PICTURE,
            description="Restores the start picture's detail in a generated clip, along its motion, and upscales the "
            "clip to the picture's size, to the pixel. Works after any image-to-video model.",
            search_aliases=["upscale", "sharpen", "detail transfer", "enhance", "face restore", "super resolution"],
            inputs=[
                io.Image.Input("images", tooltip="The generated clip, one image per frame, of any size."),
                io.Image.Input(
                    "picture",
                    tooltip="The picture that the clip was made from, at full size, preferably straight from Load "
                    "Image. Only the first image of a batch is used.",
                ),
                io.Int.Input(
                    "width",
                    default=0,
                    min=0,
                    max=MAX_SIDE,
                    tooltip="Width of the result in pixels. 0 follows from the height, or from the picture if both are "
                    "0; the result is then even, as video codecs require.",
                ),
                io.Int.Input(
                    "height",
                    default=0,
                    min=0,
                    max=MAX_SIDE,
                    tooltip="Height of the result in pixels. 0 follows from the width, or from the picture if both are "
                    "0; the result is then even, as video codecs require.",
                ),
                fraction("strength", "How much of the detail is restored: 0 only upscales the clip.", default=1.0),
                fit(
                    "How the picture was fitted to the clip's size. Use the same setting as in the Trajectory Editor; "
                    "the models' own nodes crop.",
                    optional=True,
                ),
                trajectories(
                    "The drags that the clip was made with, if any. They help to find the motion.", optional=True
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="Masks of what is dragged, at the picture's or the clip's size. Connect one per drag (an "
                    "empty mask for none), or any number: each drag then gets the smallest mask that it starts in. "
                    "Without masks, objects are detected.",
                ),
                OpticalFlow.Input(
                    "optical_flow",
                    optional=True,
                    tooltip="A model from Load Optical Flow Model (RAFT). Without one, OpenCV's DIS is used, which "
                    "needs no model file.",
                ),
                io.Image.Input(
                    "background",
                    optional=True,
                    tooltip="The picture without the moving objects, from an inpainting model or a second photograph, "
                    "of any size. It fills what they uncover. Use the same one as in DragNUWA Carry.",
                ),
                fraction(
                    "follow",
                    "How much the generated clip counts where it differs from the moved picture. 0 shows only the "
                    "moved picture; 1 follows the clip wherever it looks different. Use a low value for the pack's "
                    "small model, and a higher one for a model whose clips you like.",
                    default=FOLLOW,
                    optional=True,
                ),
                io.Int.Input(
                    "interpolate",
                    default=1,
                    min=1,
                    max=MOST_BETWEEN,
                    optional=True,
                    tooltip="Frames of the result for each frame of the clip: 3 makes 22 frames from 8. Moving layers "
                    "are rendered at every frame; the clip is blended between its own. Multiply the frame rate of "
                    "Create Video by the same number.",
                ),
            ],
            outputs=[
                io.Image.Output("images", tooltip="The clip with the picture's detail, one image per frame."),
                io.Mask.Output(
                    "mask", tooltip="Confidence with which each pixel was traced to the picture, frame by frame."
                ),
                io.String.Output("report", tooltip="A short summary of what was found."),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, images: torch.Tensor, picture: torch.Tensor, width: int, height: int, strength: float,
                fit: str = "crop", trajectories: str | None = None, masks: torch.Tensor | None = None,
                optical_flow: Any = None, background: torch.Tensor | None = None, follow: float = FOLLOW,
                interpolate: int = 1) -> io.NodeOutput:  # fmt: skip
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.detail.restore import ClipAndPicture, DetailSettings
        from ..dragnuwa.host.detail import restore_detail

        settings = DetailSettings(width, height, strength, fit, follow, interpolate)
        given = ClipAndPicture(images, picture, background)
        restored = restore_detail(given, trajectories, masks, settings, optical_flow)
        return io.NodeOutput(restored.images, restored.mask, restored.report)
