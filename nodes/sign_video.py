"""Sign Video: saves a video with content credentials, which say how it was made and by whom."""

from typing import Any

import torch

from ..dragnuwa.host import signed_video
from ..dragnuwa.host.node_api import Input, io, ui
from ..dragnuwa.host.running_node import interruptible, show_text
from ..dragnuwa.host.signed_video import Told
from ..dragnuwa.provenance.manifest import MADE
from .inputs import CREDENTIALS, trajectories


class SignVideo(io.ComfyNode):
    """Saves a video as MP4 and signs it as the last step."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWASignVideo",
            display_name="DragNUWA Sign Video",
            category=CREDENTIALS,
            description="Saves a video as MP4 with content credentials (C2PA): that a model has made it, from which "
            "picture and which drags, signed with your certificate.",
            search_aliases=[
                "c2pa", "content credentials", "provenance", "sign", "ai label", "save video",
                "content authenticity", "metadata",
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.prompt, io.Hidden.extra_pnginfo],
            is_output_node=True,
            inputs=[
                io.Video.Input("video", tooltip="The video to save and sign, as for Save Video."),
                io.String.Input(
                    "filename_prefix", default="video/DragNUWA",
                    tooltip="The file to write in ComfyUI's output folder, as for Save Video.",
                ),
                io.Combo.Input(
                    "made", options=list(MADE), default=next(iter(MADE)),
                    tooltip="How the video was made. You say so with your signature: all of it by a model; a picture's "
                    "own parts moved, and the rest by a model, as with Carry; or without any model.",
                ),
                io.String.Input(
                    "model", default="",
                    tooltip="Name of the model, to be recorded. If empty, the names of the model files that the "
                    "workflow loads for this video.",
                ),
                io.Image.Input(
                    "image", optional=True,
                    tooltip="The start picture. Its size and a checksum are recorded, not the picture.",
                ),
                trajectories("The drags, to be recorded in the file, so that they can be opened again.", optional=True),
            ],
            outputs=[
                io.String.Output(
                    "report",
                    tooltip="What was signed, by whom, and what the credentials say. Its first line is shown on the "
                    "node.",
                ),
            ],
        )  # fmt: skip

    @classmethod
    def validate_inputs(cls, made: str) -> bool | str:
        """Before anything runs: whether this machine can sign, so that no video is made for nothing. ComfyUI asks only
        if an input is taken here, and names that in its message."""
        if made not in MADE:
            return f"It should be one of: {'; '.join(MADE)}."
        return signed_video.refusal() or True

    @classmethod
    def fingerprint_inputs(cls, **_: Any) -> tuple:
        return signed_video.fingerprint_to_sign()

    @classmethod
    @interruptible
    def execute(
        cls,
        video: Input.Video,
        filename_prefix: str,
        made: str,
        model: str = "",
        image: torch.Tensor | None = None,
        trajectories: str | None = None,
    ) -> io.NodeOutput:
        hidden = cls.hidden
        told = Told(made, model, trajectories, image, hidden.prompt, hidden.extra_pnginfo, hidden.unique_id)
        saved = signed_video.save_signed(video, filename_prefix, told)
        show_text(saved.line, hidden.unique_id)  # short, since the video is below it
        file = ui.SavedResult(saved.file.name, saved.file.subfolder, io.FolderType.output)
        return io.NodeOutput(saved.report, ui=ui.PreviewVideo([file]))
