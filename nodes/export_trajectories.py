"""Export Trajectories: drags for other tools, and a report of what their format cannot hold."""

import torch
from comfy_api.latest import io, ui

from ..dragnuwa import flow as drag_maps
from ..dragnuwa import trajectory
from ..dragnuwa.host import files, node_text
from ..dragnuwa.host import tracks as host_tracks
from ..dragnuwa.trajectory.formats import losses, writers
from ..dragnuwa.trajectory.formats.flo import MAX_TOTAL_PIXELS
from .inputs import CATEGORY, Flow, all_frames, picture_height, picture_width, trajectories

FLO = "flo"
ENDINGS = {"svg": ".svg", "csv": ".csv"}


class ExportTrajectories(io.ComfyNode):
    """Writes drags as text for another tool, as TRACKS, and as files."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAExportTrajectories",
            display_name="DragNUWA Export Trajectories",
            category=CATEGORY,
            description="Writes drags for other tools: KJNodes, ATI, Wan-Move, After Effects, Blender, .flo and SVG.",
            search_aliases=["drag", "trajectory", "KJNodes", "ATI", "TRACKS", "Wan-Move", "flo", "csv", "svg", "save"],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
            inputs=[
                trajectories(),
                picture_width(),
                picture_height(),
                all_frames("Number of frames of the clip, for tracks and for formats with one position per frame."),
                io.Combo.Input(
                    "format",
                    options=[*writers.FORMS, FLO],
                    default="dragnuwa",
                    tooltip="What to write: the pack's own JSON, which holds everything; KJNodes coordinates or "
                    "points_store; ATI's 121 positions; tracking points of the earlier DragNUWA pack; an SVG drawing; "
                    "a CSV table; or optical flow files.",
                ),
                io.String.Input(
                    "filename_prefix",
                    default="",
                    tooltip="The file to write in ComfyUI's output folder, such as trajectories/wing. If empty, no "
                    "file is written, except for flo, which goes to trajectories/flow.",
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
                    tooltip="The drags in the chosen format; for flo, the name of the folder, as DragNUWA Import "
                    "Trajectories takes it.",
                ),
                io.Tracks.Output(
                    "tracks", tooltip="The drags at every frame, with their visibility, for Wan-Move and other nodes."
                ),
                io.String.Output(
                    "report", tooltip="What was written, and what the format cannot hold. Also shown on the node."
                ),
            ],
        )

    @classmethod
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
        prefix = filename_prefix.strip()
        if format == FLO:
            maps = _maps(drags, width, height, frames) if flow is None else flow
            fields = maps[1:].movedim(1, -1).float().cpu().numpy()  # [T-1, H, W, 2]
            saved = files.save_flows(fields, prefix or "trajectories/flow")
            text, written = f"{saved} [output]", f"{len(fields)} .flo files in {saved}"
        else:
            text = writers.write(drags, format, frames, width, height)
            saved = files.save_text(text, prefix, ENDINGS.get(format, ".json")) if prefix else ""
            written = f"{format} to {saved}" if saved else format
        notes = losses.of(drags, format, frames, width, height)
        if flow is not None and format != FLO:
            notes.append("The connected drag maps are not part of this format.")
        report = "\n".join([f"Wrote {written}.", *notes])
        node_text.show(report, cls.hidden.unique_id)
        tracks = host_tracks.of(drags, frames, width, height)
        return io.NodeOutput(text, tracks, report, ui=ui.PreviewText(report))


def _maps(drags: trajectory.Trajectories, width: int, height: int, frames: int) -> torch.Tensor:
    if width * height * frames > MAX_TOTAL_PIXELS:
        raise ValueError(
            f"Expected at most {MAX_TOTAL_PIXELS:,} pixels of flow in all; found {frames} frames of {width}x{height}. "
            "Set a smaller size or fewer frames."
        )
    points, visible = drags.sample(frames, width, height)
    return drag_maps.encode(points, visible, height=height, width=width)
