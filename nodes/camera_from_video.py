"""Camera from Video: how the camera of a video moved, as a camera path."""

import torch

from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.common.images import shape_of
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible, show_text
from .inputs import VIDEO, number


class CameraFromVideo(io.ComfyNode):
    """Finds where the camera was in each frame of a video."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWACameraFromVideo",
            display_name="DragNUWA Camera from Video",
            category=VIDEO,
            description="Finds how the camera of a video moved: how it turned, zoomed and travelled. A picture with "
            "depth, or another tool, then moves the same way. Needs no model.",
            search_aliases=[
                "camera tracking", "matchmove", "camera solve", "structure from motion", "slam", "camera pose",
                "camera path", "extrinsics", "motion transfer",
            ],
            inputs=[
                io.Image.Input(
                    "images", tooltip="The video, one image per frame, without cuts: from Load Video and Get Video "
                    "Components."
                ),
                number(
                    "view_angle", "What the video's longer side shows, in degrees; 0 finds it, too. Known is better.",
                    limit=170.0, min=0.0, default=0.0, step=1.0,
                ),
                io.Mask.Input(
                    "masks", optional=True,
                    tooltip="What moves by itself and is not looked at, one mask per frame or one for all: such as "
                    "people who fill much of the picture.",
                ),
            ],
            hidden=[io.Hidden.unique_id],
            outputs=[
                io.String.Output(
                    "camera", tooltip="The camera path as RealEstate10K text, for path of DragNUWA Camera in Depth, or "
                    "for DragNUWA Export Camera. Its unit is the distance to what the first frame shows."
                ),
                io.String.Output("report", tooltip="What was found. Also shown on the node."),
            ],
        )  # fmt: skip

    @classmethod
    @interruptible
    def execute(cls, images: torch.Tensor, view_angle: float = 0.0, masks: torch.Tensor | None = None) -> io.NodeOutput:
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.carry.depth.cameras.from_video import camera_from_video

        shape_of(images, "images")
        found = camera_from_video(images, view_angle, masks)
        show_text(found.report, cls.hidden.unique_id)
        return io.NodeOutput(found.text, found.report)
