"""Import Trajectories: drags of other tools, with a word on what came of them."""

from typing import Any

from comfy_api.latest import io, ui

from ..dragnuwa.host import exchange, files, node_text
from .sockets import CATEGORY, picture_height, picture_width

PoseKeypoint = io.Custom("POSE_KEYPOINT")


class ImportTrajectories(io.ComfyNode):
    """Reads drags from text, TRACKS, poses or optical flow files, and says what it read."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAImportTrajectories",
            display_name="DragNUWA Import Trajectories",
            category=CATEGORY,
            description="Reads drags of other tools: text of any known format, TRACKS, poses, or optical flow files.",
            search_aliases=["drag", "trajectory", "KJNodes", "TRACKS", "openpose", "flo", "csv", "convert"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.String.Input(
                    "text",
                    multiline=True,
                    default="",
                    tooltip="Drags as text: our JSON, KJNodes coordinates or points_store, tracking points of the "
                    "earlier pack, poses, or a table with frame, track, x, y and visible. Empty for another source.",
                ),
                picture_width(),
                picture_height(),
                io.String.Input(
                    "flo",
                    default="",
                    tooltip="A .flo file, or a folder of them in the order of their numbers, in ComfyUI's input "
                    "folder. Empty for another source.",
                ),
                io.Int.Input(
                    "interval",
                    default=16,
                    min=1,
                    max=1024,
                    advanced=True,
                    tooltip="Pixels between the tracks that follow .flo files. Other sources have their own tracks.",
                ),
                io.Tracks.Input(
                    "tracks", optional=True, tooltip="Tracks of another node, such as Generate Video Tracks."
                ),
                PoseKeypoint.Input(
                    "keypoints", optional=True, tooltip="Poses, one a frame. Every joint that is seen becomes a track."
                ),
            ],
            outputs=[
                io.String.Output("trajectories", tooltip="The drags, checked, as JSON."),
                io.String.Output("report", tooltip="What was read, and what it does not hold or was left out."),
            ],
        )

    @classmethod
    def fingerprint_inputs(cls, flo: str = "", **_: Any) -> tuple:
        return files.fingerprint(flo) if isinstance(flo, str) and flo.strip() else ()

    @classmethod
    def execute(
        cls,
        text: str,
        width: int,
        height: int,
        flo: str = "",
        interval: int = 16,
        tracks: dict | None = None,
        keypoints: Any = None,
    ) -> io.NodeOutput:
        sources = exchange.Sources(text, flo, tracks, keypoints)
        found = exchange.read(sources, (width, height), interval=interval)
        node_text.show(found.report, cls.hidden.unique_id)
        return io.NodeOutput(found.trajectories.to_json(), found.report, ui=ui.PreviewText(found.report))
