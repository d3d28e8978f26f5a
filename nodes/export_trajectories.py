"""Export Trajectories: drags for other tools, and a report of what their format cannot store."""

import torch

from ..dragnuwa import trajectory
from ..dragnuwa.common.clip_shape import ClipShape
from ..dragnuwa.common.errors import as_text
from ..dragnuwa.host import exchange
from ..dragnuwa.host.node_api import io, ui
from ..dragnuwa.host.running_node import interruptible, show_text
from ..dragnuwa.trajectory.formats.boxes import Scene, boxes_of
from .inputs import EDIT, BoundingBoxes, Flow, all_frames, picture_height, picture_width, trajectories

OTHERS = ("KJNodes", "ATI", "LTX", "TRACKS", "bounding boxes", "Wan-Move", "After Effects", "Nuke", "Natron", "Blender",
          "FL Path Animator", "CoTracker", "BBox Animator")  # fmt: skip


class ExportTrajectories(io.ComfyNode):
    """Writes drags as text for another tool, as TRACKS, and as files."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAExportTrajectories",
            display_name="DragNUWA Export Trajectories",
            category=EDIT,
            description="Writes drags for other tools: KJNodes, ATI, LTX-2, Wan-Move, After Effects, Nuke and others.",
            search_aliases=["drag", "trajectory", *OTHERS, "flo", "csv", "svg", "npy", "npz", "save"],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
            inputs=[
                trajectories(),
                picture_width(),
                picture_height(),
                all_frames(
                    "Number of frames of the clip, used for tracks and for formats with one position per frame."
                ),
                io.Combo.Input(
                    "format",
                    options=list(exchange.FORMATS),
                    default="dragnuwa",
                    tooltip="What to write: the pack's own JSON, which stores everything; KJNodes coordinates or "
                    "points_store; ATI's 121 positions; LTX-2 motion tracks; tracking points for the earlier DragNUWA "
                    "pack; an SVG drawing; a CSV table; After Effects keyframes; Nuke tracker text; FL Path "
                    "Animator's paths; optical flow files; files of arrays, also for ATI's own program; or the "
                    "objects as boxes, for ComfyUI's nodes or with prompts for LTX-2.5 (ltx_boxes).",
                ),
                io.String.Input(
                    "filename_prefix",
                    default="",
                    tooltip="The file to write in ComfyUI's output folder, such as trajectories/wing. If empty, no "
                    "file is written, except for flo and files of arrays, which go to trajectories/.",
                ),
                Flow.Input(
                    "flow",
                    optional=True,
                    tooltip="Drag maps to write as flo. Without them, the drags are encoded as for the released model.",
                ),
                io.String.Input(
                    "scene",
                    default="",
                    optional=True,
                    advanced=True,
                    tooltip="What the whole video shows, for ltx_boxes.",
                ),
                io.String.Input(
                    "style",
                    default="",
                    optional=True,
                    advanced=True,
                    tooltip="How it looks, for ltx_boxes.",
                ),
            ],
            outputs=[
                io.String.Output(
                    "text",
                    tooltip="The drags in the chosen format; for flo and arrays, the name to enter as flo in "
                    "DragNUWA Import Trajectories.",
                ),
                io.Tracks.Output(
                    "tracks",
                    tooltip="The position of each drag in every frame, with its visibility, for Wan-Move and other "
                    "nodes.",
                ),
                io.String.Output(
                    "report", tooltip="What was written, and what the format cannot store. Also shown on the node."
                ),
                BoundingBoxes.Output(
                    "boxes",
                    tooltip="The box around each object in every frame, with its text, for ComfyUI's nodes that take "
                    "bounding boxes, such as Draw BBoxes and SAM3 Detect.",
                ),
            ],
        )

    @classmethod
    @interruptible
    def execute(
        cls,
        trajectories: str,
        width: int,
        height: int,
        frames: int,
        format: str,
        filename_prefix: str = "",
        flow: torch.Tensor | None = None,
        scene: str = "",
        style: str = "",
    ) -> io.NodeOutput:
        drags = trajectory.parse(trajectories, width=width, height=height)
        clip = ClipShape(width, height, frames)
        texts = Scene(as_text(scene, "scene"), as_text(style, "style"))
        found = exchange.write(drags, format, clip, prefix=filename_prefix, flow=flow, scene=texts)
        show_text(found.report, cls.hidden.unique_id)
        tracks = exchange.tracks_of(drags, clip)
        boxes = boxes_of(drags, clip)
        return io.NodeOutput(found.text, tracks, found.report, boxes, ui=ui.PreviewText(found.report))
