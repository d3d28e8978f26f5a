"""Export Trajectories: drags for other tools, and a report of what their format cannot store."""

import torch
from comfy_api.v0_0_2 import io, ui

from ..dragnuwa import trajectory
from ..dragnuwa.common.clip_shape import ClipShape
from ..dragnuwa.host import exchange
from ..dragnuwa.host.running_node import interruptible, show_text
from .inputs import EDIT, Flow, all_frames, picture_height, picture_width, trajectories

OTHERS = ("KJNodes", "ATI", "LTX", "TRACKS", "Wan-Move", "After Effects", "Nuke", "Natron", "Blender",
          "FL Path Animator", "CoTracker")  # fmt: skip


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
                    "Animator's paths; optical flow files; or files of arrays, also for ATI's own program.",
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
    ) -> io.NodeOutput:
        drags = trajectory.parse(trajectories, width=width, height=height)
        clip = ClipShape(width, height, frames)
        found = exchange.write(drags, format, clip, prefix=filename_prefix, flow=flow)
        show_text(found.report, cls.hidden.unique_id)
        tracks = exchange.tracks_of(drags, clip)
        return io.NodeOutput(found.text, tracks, found.report, ui=ui.PreviewText(found.report))
