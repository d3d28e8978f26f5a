"""Trajectory Editor: the picture, the drags on it, and the size of the clip."""

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.common import images as fitting
from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import comes_from_a_file, interruptible, preview
from .inputs import DRAW, fit, frames, height, width

EMPTY = '{"type": "dragnuwa.trajectories", "version": 1, "tracks": []}'


class TrajectoryEditor(io.ComfyNode):
    """Stores the drags and fits the picture to the clip's size."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWATrajectoryEditor",
            display_name="DragNUWA Trajectory Editor",
            category=DRAW,
            description="Draws drags on a picture. The picture is fitted to the clip's size, so that a drag acts "
            "where it is drawn.",
            search_aliases=[
                "draw",
                "animate",
                "move",
                "drag",
                "trajectory",
                "path",
                "spline",
                "tracks",
                "motion",
                "image to video",
            ],
            has_intermediate_output=True,  # the host sends the canvas its picture even if the result is cached
            inputs=[
                io.Image.Input(
                    "image",
                    optional=True,
                    tooltip="The picture to move, or a video, one image per frame. All images of a batch are fitted.",
                ),
                io.String.Input(
                    "trajectories",
                    multiline=True,
                    default=EMPTY,
                    socketless=True,
                    extra_dict={"widgetType": "DRAGNUWA_TRAJECTORY"},  # the canvas of web/; the value stays this text
                    tooltip="The drags as JSON. KJNodes coordinates and tracking points from the earlier DragNUWA pack "
                    "are also read, in pixels of width x height.",
                ),
                width(advanced=True),  # the page sets them by the picture
                height(advanced=True),
                frames(advanced=True),
                fit(
                    "How the picture is fitted to width x height: crop fills the frame and trims the excess evenly, "
                    "pad shows the whole picture with black bars, stretch distorts it.",
                    advanced=True,
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="Masks of objects in the picture, at the picture's or the clip's size, from any node that "
                    "detects or paints them. After a run, the editor offers them as objects.",
                ),
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.prompt],
            outputs=[
                io.String.Output("trajectories", tooltip="The drags, checked, as JSON with every field written out."),
                io.Image.Output("image", tooltip="The picture at the clip's size; empty if no picture is connected."),
                io.Int.Output("width", tooltip="Width of the clip in pixels."),
                io.Int.Output("height", tooltip="Height of the clip in pixels."),
                io.Int.Output("frames", tooltip="Number of frames of the clip."),
                io.Combo.Output("fit", tooltip="How the picture is fitted, for nodes that take the original picture."),
                io.Mask.Output(
                    "masks",
                    tooltip="The enabled objects, from back to front, one mask each at the clip's size; one empty mask "
                    "if there are none. The pack's own nodes get the objects with the drags.",
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, trajectories: str, width: int, height: int, frames: int, fit: str,
                image: torch.Tensor | None = None, masks: torch.Tensor | None = None) -> io.NodeOutput:  # fmt: skip
        clip = ModelClip(width, height, frames)
        drags = trajectory.parse(trajectories, width=width, height=height)
        fitted = None if image is None else fitting.fit(image, width, height, fit)
        shown = {}
        if image is not None:  # under "images", the page would show it a second time
            is_file = comes_from_a_file(cls.hidden, "image")
            shown["dragnuwa_picture"] = preview(image[:1] if is_file else image)
        if masks is not None:
            shown["dragnuwa_outlines"] = _outlines(masks, image, clip, fit)
        objects = _empty(clip)
        if drags.enabled_objects:
            objects = torch.from_numpy(drags.object_masks(width, height))
        return io.NodeOutput(drags.to_json(), fitted, width, height, frames, fit, objects, ui=shown)


def _empty(clip: ModelClip) -> torch.Tensor:
    return torch.zeros(1, clip.height, clip.width)


def _outlines(masks: torch.Tensor, image: torch.Tensor | None, clip: ModelClip, fit: str) -> list:
    """The outline of each mask, in the objects' format, for the canvas."""
    need_opencv()  # imported here, so that the other nodes load without OpenCV
    from ..dragnuwa.vision.segmentation.outline import outlines_of_masks

    picture = clip.size if image is None else (image.shape[2], image.shape[1])
    return outlines_of_masks(masks, picture, clip.size, fit)
