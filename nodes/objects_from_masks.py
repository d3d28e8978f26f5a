"""Objects from Masks: the outline of each mask, as an object for the Trajectory Editor."""

import json

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.common.images import as_images
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from ..dragnuwa.trajectory import checks
from .inputs import EDIT, fit, height, width

OBJECTS = {"type": "dragnuwa.trajectories", "version": 2, "tracks": []}
RESTING = {"keys": [{"t": 0}]}


class ObjectsFromMasks(io.ComfyNode):
    """Traces masks, so that any node that segments can say what is dragged."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAObjectsFromMasks",
            display_name="DragNUWA Objects from Masks",
            category=EDIT,
            description="Traces the outline of each mask and makes it an object that rests until you move it. The "
            "Trajectory Editor uses this node to ask SAM3 or a background removal model what to cut out.",
            search_aliases=["mask to object", "outline", "contour", "segment", "SAM3", "cut out", "drag"],
            is_output_node=True,  # the editor queues it without any other node behind
            inputs=[
                io.Mask.Input(
                    "masks",
                    tooltip="Masks of objects in the picture, at the picture's or the clip's size. Empty masks are "
                    "left out; no mask gives no object.",
                ),
                io.Image.Input("image", tooltip="The picture in which the masks were found."),
                width(),
                height(),
                fit(
                    "How the picture is fitted to the clip's size. Use the same setting as in the Trajectory Editor.",
                    optional=True,
                ),
            ],
            outputs=[
                io.String.Output(
                    "trajectories", tooltip="The objects as JSON, one per mask, from back to front. They rest."
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, masks: torch.Tensor, image: torch.Tensor, width: int, height: int,
                fit: str = "crop") -> io.NodeOutput:  # fmt: skip
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.vision.segmentation.outline import outlines_of_masks

        checks.size((width, height))
        pictures = as_images(image)
        picture = pictures.shape[2], pictures.shape[1]
        none = masks.ndim == 3 and len(masks) == 0  # from a node that has found nothing
        outlines = [] if none else outlines_of_masks(masks, picture, (width, height), fit)
        outlines = [outline for outline in outlines if outline]
        objects = [{"outline": outline, "motion": RESTING} for outline in outlines]
        drags = trajectory.parse(json.dumps({**OBJECTS, "objects": objects}), width=width, height=height)
        return io.NodeOutput(drags.to_json(), ui={"dragnuwa_outlines": outlines})
