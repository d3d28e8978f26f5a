"""Find Objects: masks of what the drags will move, and of what that uncovers."""

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.carry.settings import CARRIES, CarrySettings
from ..dragnuwa.common.clip_shape import ModelClip
from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible
from .inputs import PICTURE, fit, frames, height, pixels, trajectories, width


class FindObjects(io.ComfyNode):
    """Finds what Carry will move, in advance, so that an inpainting model can paint what lies behind it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAFindObjects",
            display_name="DragNUWA Find Objects",
            category=PICTURE,
            description="Finds what the drags will move, and masks what this uncovers. Let an inpainting model paint "
            "the hole, and connect the result to background of DragNUWA Carry and Restore Detail.",
            search_aliases=["mask", "segment", "inpaint", "remove object", "clean plate", "background", "hole"],
            inputs=[
                io.Image.Input(
                    "image",
                    tooltip="The start image, preferably at full size, straight from Load Image. Only the first image "
                    "of a batch is used.",
                ),
                trajectories(),
                width(),
                height(),
                frames(),
                pixels(
                    "radius",
                    "Radius in pixels of the clip within which a drag carries its surroundings, as in DragNUWA Carry.",
                    default=24.0,
                    min=1.0,
                    step=0.5,
                ),
                io.Combo.Input(
                    "carries",
                    options=list(CARRIES),
                    default=CARRIES[0],
                    tooltip="What a drag without a mask carries: the object that it starts on, or only its "
                    "surroundings. Use the same setting as in DragNUWA Carry.",
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="Masks of what is dragged, at the picture's or the clip's size, as for DragNUWA Carry.",
                ),
                fit(
                    "How the picture is fitted to the clip's size. Use the same setting as in the Trajectory Editor.",
                    optional=True,
                ),
            ],
            outputs=[
                io.Mask.Output(
                    "objects",
                    tooltip="Masks of what is carried, at the picture's full size: one per drag (empty for none), "
                    "then one per object. You can connect them to masks of DragNUWA Carry.",
                ),
                io.Mask.Output(
                    "hole",
                    tooltip="One mask, at the picture's full size, of everything that moving objects uncover, edges "
                    "included, for an inpainting model to paint.",
                ),
                io.String.Output(
                    "trajectories",
                    tooltip="The same drawing, in which everything that its drags bend is an object with pins. Connect "
                    "it to nodes that see no picture, such as Encode Trajectories, so that all of it follows.",
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, image: torch.Tensor, trajectories: str, width: int, height: int, frames: int, radius: float,
                carries: str = CARRIES[0], masks: torch.Tensor | None = None,
                fit: str = "crop") -> io.NodeOutput:  # fmt: skip
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.carry.composite import find_in_clip, uncovered_by
        from ..dragnuwa.carry.find import with_bent_objects

        drags = trajectory.parse(trajectories, width=width, height=height)
        settings = CarrySettings(radius, carries, fit=fit)
        clip = ModelClip(width, height, frames)
        found = find_in_clip(image, drags, clip, masks, settings)
        bent = with_bent_objects(drags, found, clip)
        text = trajectories if bent is drags else bent.to_json()
        return io.NodeOutput(found.object_masks(), uncovered_by(found, image), text)
