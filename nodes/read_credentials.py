"""Read Credentials: the drags of a video, and what its content credentials say."""

from ..dragnuwa.host import files, signed_video
from ..dragnuwa.host.node_api import io, ui
from ..dragnuwa.host.running_node import interruptible, show_text
from .inputs import CREDENTIALS


class ReadCredentials(io.ComfyNode):
    """Reads who signed a video and how it was made, and gives its drags back."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWAReadCredentials",
            display_name="DragNUWA Read Credentials",
            category=CREDENTIALS,
            description="Reads a video's content credentials (C2PA): whether it was changed, who signed it and how it "
            "was made. Gives its drags back, also from ComfyUI's own metadata.",
            search_aliases=[
                "c2pa", "content credentials", "provenance", "verify", "signature", "metadata", "load drags",
                "content authenticity",
            ],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
            inputs=[
                io.Combo.Input(
                    "file", options=files.input_videos(), upload=io.UploadType.video,
                    tooltip="The video, in ComfyUI's input folder.",
                ),
            ],
            outputs=[
                io.String.Output(
                    "trajectories",
                    tooltip="The drags that it was made from, checked, as JSON. If there are none, what is connected "
                    "here does not run.",
                ),
                io.String.Output(
                    "report",
                    tooltip="Whether the file is as it was signed, who signed it, how it was made, and where the "
                    "drags come from. Also shown on the node.",
                ),
            ],
        )  # fmt: skip

    @classmethod
    def validate_inputs(cls, file: str) -> bool | str:
        try:
            files.input_file(file, "file")
        except ValueError as error:
            return str(error)
        return True

    @classmethod
    def fingerprint_inputs(cls, file: str) -> tuple:
        return signed_video.fingerprint_to_read(file)

    @classmethod
    @interruptible
    def execute(cls, file: str) -> io.NodeOutput:
        drags, report = signed_video.read_video(file)
        show_text(report, cls.hidden.unique_id)
        return io.NodeOutput(drags, report, ui=ui.PreviewText(report))
