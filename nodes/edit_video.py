"""Edit Video: moves, removes, holds or copies objects in a video by drags, and leaves the rest as it was."""

from typing import Any

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.carry.settings import CARRIES, CarrySettings
from ..dragnuwa.common.clip_shape import ClipShape, odd_sides
from ..dragnuwa.common.errors import need_opencv
from ..dragnuwa.common.images import shape_of
from ..dragnuwa.host.node_api import io
from ..dragnuwa.host.running_node import interruptible, progress_bar, show_text
from .inputs import VIDEO, Sam3Tracks, fit, picture_height, picture_width, pixels, trajectories


class EditVideo(io.ComfyNode):
    """Makes an edited video from a video and drags, without a model."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAEditVideo",
            display_name="DragNUWA Edit Video",
            category=VIDEO,
            description="Moves objects in a video along the drags, or removes, holds, delays or copies them. "
            "Everything else stays as it was, pixel by pixel. Needs no model.",
            search_aliases=[
                "video to video",
                "motion editing",
                "drag in a video",
                "remove object",
                "object removal",
                "inpaint video",
                "clean plate",
                "freeze",
                "time shift",
                "tracking",
            ],
            inputs=[
                io.Image.Input(
                    "images",
                    tooltip="The video, one image per frame, at full size: from Load Video and Get Video Components.",
                ),
                trajectories(),
                picture_width(),
                picture_height(),
                pixels(
                    "radius",
                    "Radius within which a drag takes its surroundings along, if no object is found or carries is set "
                    "to surroundings. In pixels of a picture of width and height.",
                    default=24.0,
                    min=1.0,
                    step=0.5,
                ),
                io.Combo.Input(
                    "carries",
                    options=list(CARRIES),
                    default=CARRIES[0],
                    tooltip="What a drag moves: the object that it starts on, found by its motion, or else by colours "
                    "and edges, in the frame where the drag begins; or only its surroundings. It is then followed "
                    "through the video.",
                ),
                fit("How the video is fitted to width and height. Use the same setting as in the Trajectory Editor."),
                pixels(
                    "margin",
                    "Distance around the change over which the mask fades out, in pixels of the video: what a model "
                    "may repaint around it.",
                    default=16.0,
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="Masks of the objects, at the video's size: for each drag and then each object one per "
                    "frame, grouped by object; or one for each, of the frame in which it is drawn. Without masks, they "
                    "are found and followed here.",
                ),
                Sam3Tracks.Input(
                    "sam3_tracks",
                    optional=True,
                    tooltip="The track_data of SAM3 Video Track, of the same frames. What is drawn on an object "
                    "that SAM3 has tracked moves that object.",
                ),
            ],
            hidden=[io.Hidden.unique_id],
            outputs=[
                io.Image.Output("images", tooltip="The edited video, one image per frame."),
                io.Mask.Output(
                    "mask", tooltip="Where it differs from the video, frame by frame, fading out over the margin."
                ),
                io.Image.Output("plate", tooltip="The video without the objects."),
                io.String.Output(
                    "trajectories",
                    tooltip="Drags on the objects as they move in the edited video, for models that take drags: "
                    "Encode Trajectories, or Wan-Move and ATI by Export Trajectories.",
                ),
                io.Mask.Output(
                    "things",
                    tooltip="Where each object was found in the video, a mask for each frame, grouped by object. "
                    "Correct them and connect them to masks.",
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(cls, images: torch.Tensor, trajectories: str, width: int, height: int, radius: float,
                carries: str = CARRIES[0], fit: str = "crop", margin: float = 16.0,
                masks: torch.Tensor | None = None, sam3_tracks: Any = None) -> io.NodeOutput:  # fmt: skip
        need_opencv()  # imported here, so that the other nodes load without OpenCV
        from ..dragnuwa.carry.video.clip_editing import edit_video, faded
        from ..dragnuwa.carry.video.from_masks import sam3_objects

        frames, high, wide = shape_of(images, "images")
        show_text(odd_sides(wide, high) or "", cls.hidden.unique_id)
        drags = trajectory.parse(trajectories, width=width, height=height)
        settings = CarrySettings(radius=radius, carries=carries, fit=fit)
        tracked = () if sam3_tracks is None else sam3_objects(sam3_tracks, ClipShape(wide, high, frames))
        made = edit_video(images, drags, (width, height), settings, masks, tracked, progress_bar())
        # All outputs are made always: what is connected to them is no part of what ComfyUI caches a node's outputs by.
        mask, plate = faded(made.change, margin), made.plate()
        return io.NodeOutput(made.video, mask, plate, made.trajectories.to_json(), made.masks())
