"""Import Trajectories: drags from other tools, and a report of what was read."""

from typing import Any

from ..dragnuwa.host import exchange, files
from ..dragnuwa.host.node_api import io, ui
from ..dragnuwa.host.running_node import interruptible, show_text
from ..dragnuwa.trajectory.formats.reference import AS_SAID, DIRECTIONS, UNITS, Asked
from .inputs import EDIT, picture_height, picture_width

PoseKeypoint = io.Custom("POSE_KEYPOINT")


OTHERS = (
    "KJNodes",
    "FL Path Animator",
    "CoTracker",
    "TRACKS",
    "openpose",
    "After Effects",
    "Nuke",
    "Natron",
    "Blender",
)


class ImportTrajectories(io.ComfyNode):
    """Reads drags from text, TRACKS, poses or optical flow files."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAImportTrajectories",
            display_name="DragNUWA Import Trajectories",
            category=EDIT,
            description="Reads drags from other tools: text in any known format, TRACKS, poses, optical flow files, or "
            "files of arrays.",
            search_aliases=["drag", "trajectory", *OTHERS, "flo", "csv", "npy", "npz", "convert"],
            hidden=[io.Hidden.unique_id],
            inputs=[
                io.String.Input(
                    "text",
                    multiline=True,
                    default="",
                    tooltip="Drags as text: the pack's own JSON, KJNodes coordinates or points_store, lists of points "
                    "such as [[[25,25],[128,128]]], FL Path Animator's paths, poses, a CSV table, lines of x and y, "
                    "keyframes copied from After Effects, or tracker text from Nuke or Natron. Leave it empty to use "
                    "another source.",
                ),
                picture_width(),
                picture_height(),
                io.String.Input(
                    "flo",
                    default="",
                    tooltip="A file in ComfyUI's input folder: .flo, or a folder of numbered ones; arrays of tracks "
                    "(.npy, .npz, ATI's .pth); or any text that is read above. What it is is told by its content. "
                    "Leave it empty to use another source.",
                ),
                io.Int.Input(
                    "interval",
                    default=16,
                    min=1,
                    max=1024,
                    advanced=True,
                    tooltip="Grid spacing, in pixels, of the tracks made from .flo files. Other sources bring their "
                    "own tracks.",
                ),
                io.Tracks.Input(
                    "tracks", optional=True, tooltip="Tracks from another node, such as Generate Video Tracks."
                ),
                PoseKeypoint.Input(
                    "keypoints",
                    optional=True,
                    tooltip="Poses, one frame after another. Every detected joint becomes a track.",
                ),
                io.Combo.Input(
                    "positions",
                    options=list(UNITS),
                    default=AS_SAID,
                    optional=True,
                    advanced=True,
                    tooltip="What positions are counted in, where the report says that they look like something else: "
                    "pixels of a picture of this width and height, from its corner or its centre; fractions of it; or "
                    "-1 to 1 from edge to edge.",
                ),
                io.Combo.Input(
                    "y_counts",
                    options=list(DIRECTIONS),
                    default=AS_SAID,
                    optional=True,
                    advanced=True,
                    tooltip="Whether y counts downwards from the top; upwards from the bottom, as in files of "
                    "Blender's add-on Export Motion Tracking Data; or upwards from the top, so that all are below 0.",
                ),
            ],
            outputs=[
                io.String.Output("trajectories", tooltip="The drags, checked, as JSON."),
                io.String.Output(
                    "report",
                    tooltip="What was read, what the format cannot store, and what was left out. Also shown on the "
                    "node.",
                ),
            ],
        )

    @classmethod
    def fingerprint_inputs(cls, flo: str = "", **_: Any) -> tuple:
        return files.fingerprint(flo) if isinstance(flo, str) and flo.strip() else ()

    @classmethod
    @interruptible
    def execute(
        cls,
        text: str,
        width: int,
        height: int,
        flo: str = "",
        interval: int = 16,
        tracks: dict | None = None,
        keypoints: Any = None,
        positions: str = AS_SAID,
        y_counts: str = AS_SAID,
    ) -> io.NodeOutput:
        sources = exchange.Sources(text, flo, tracks, keypoints)
        found = exchange.read(sources, (width, height), interval=interval, asked=Asked(positions, y_counts))
        show_text(found.report, cls.hidden.unique_id)
        return io.NodeOutput(found.trajectories.to_json(), found.report, ui=ui.PreviewText(found.report))
