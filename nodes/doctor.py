"""Doctor: what the installation has and lacks."""

import time
from pathlib import Path

from ..dragnuwa.host import doctor
from ..dragnuwa.host.node_api import io, ui
from ..dragnuwa.host.running_node import interruptible, show_text
from .inputs import HELP

PACK = Path(__file__).parents[1]


class Doctor(io.ComfyNode):
    """Writes versions, packages, model files and problems of this installation."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="DragNUWADoctor",
            display_name="DragNUWA Doctor",
            category=HELP,
            description="Shows what this installation has and lacks: versions of ComfyUI and of packages, the model "
            "files that the templates ask for, and problems with what to do. Copy it into a bug report.",
            search_aliases=["diagnose", "debug", "version", "bug report", "help", "missing models", "system info"],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
            not_idempotent=True,
            inputs=[],
            outputs=[
                io.String.Output(
                    "report",
                    tooltip="Versions, packages, model files and problems. It has no paths of the machine and no names "
                    "of your own files. Also shown on the node.",
                )
            ],
        )

    @classmethod
    def fingerprint_inputs(cls) -> int:
        return time.time_ns()  # another each time: what is installed may have changed

    @classmethod
    @interruptible
    def execute(cls) -> io.NodeOutput:
        found = doctor.report(PACK)
        show_text(found, cls.hidden.unique_id)
        return io.NodeOutput(found, ui=ui.PreviewText(found))
