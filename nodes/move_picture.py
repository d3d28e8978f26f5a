"""Move Picture: moves the picture's own pixels along the drags at full size, as a video without any model."""

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.carry.settings import CARRIES, CarrySettings
from ..dragnuwa.common.clip_shape import ClipShape
from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from .inputs import PICTURE, all_frames, fit, longer_side, picture_height, picture_width, pixels, trajectories


class MovePicture(io.ComfyNode):
    """Makes a video from a picture and drags, without a model."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAMovePicture",
            display_name="DragNUWA Move Picture",
            category=PICTURE,
            description="Moves the picture's own pixels along the drags, at the picture's size, and fills the areas "
            "that they uncover. Takes seconds and needs no model.",
            search_aliases=["composite", "animate", "no model", "parallax", "cut and drag", "2d animation", "puppet"],
            inputs=[
                io.Image.Input(
                    "image",
                    tooltip="The picture at full size, straight from Load Image. Only the first image of a batch is "
                    "used.",
                ),
                trajectories(),
                picture_width(),
                picture_height(),
                all_frames("Number of frames of the video. The drags span the whole video, however long it is."),
                longer_side(),
                pixels(
                    "radius",
                    "Radius within which a drag carries its surroundings, if no object is found or carries is set to "
                    "surroundings. In pixels of a video of width and height.",
                    default=24.0,
                    min=1.0,
                    step=0.5,
                ),
                io.Combo.Input(
                    "carries",
                    options=list(CARRIES),
                    default=CARRIES[0],
                    tooltip="What a drag without a mask carries: the object that it starts on, segmented by colours "
                    "and edges, or only its surroundings. Drags that move together carry one object.",
                ),
                fit(
                    "How the picture is fitted to width and height. Use the same setting as in the Trajectory Editor.",
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="Masks of what is dragged, at the picture's or the clip's size. Connect one per drag (an "
                    "empty mask for none), or any number: each drag then gets the smallest mask that it starts in.",
                ),
                io.Image.Input(
                    "background",
                    optional=True,
                    tooltip="The picture without the moving objects, from an inpainting model or a second photograph, "
                    "of any size. It fills what they uncover; without it, the picture around them is continued.",
                ),
            ],
            outputs=[
                io.Image.Output("images", tooltip="The video, one image per frame; the first is the picture."),
                io.Mask.Output("mask", tooltip="What was moved, in each frame."),
                io.Mask.Output(
                    "uncovered",
                    tooltip="The filled background in each frame, for a video model to repaint.",
                ),
                io.Mask.Output(
                    "objects",
                    tooltip="Masks of what was moved, at the picture's full size: one per drag (empty for none), then "
                    "one per object.",
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, image: torch.Tensor, trajectories: str, width: int, height: int, frames: int, longer_side: int,
                radius: float, carries: str = CARRIES[0], fit: str = "crop", masks: torch.Tensor | None = None,
                background: torch.Tensor | None = None) -> io.NodeOutput:  # fmt: skip
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.carry.composite import CarryInputs
        from ..dragnuwa.host.carry import move_picture

        drags = trajectory.parse(trajectories, width=width, height=height)
        clip, settings = ClipShape(width, height, frames), CarrySettings(radius=radius, carries=carries, fit=fit)
        moved = move_picture(CarryInputs(image, drags, clip, masks, background), settings, longer_side)
        return io.NodeOutput(moved.video, moved.carried, moved.uncovered, moved.objects)
