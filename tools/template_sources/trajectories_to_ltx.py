"""Drags of the editor as text for LTXVDrawTracks of ComfyUI-LTXVideo, which steers LTX-2 by its motion-track LoRA."""

from dataclasses import replace

from template_sources.parts import editor, picture, preview
from template_sources.trajectories_to_wan_move import DRAGS
from templates import Node, Template

SIZE = {name: f"editor.{name}" for name in ("width", "height")}


def drawn() -> Node:
    made = editor((340, 40), DRAGS)
    return replace(made, values=made.values | {"width": 512, "height": 512, "frames": 121})


TEMPLATE = Template(
    note="""## Draw here, generate with LTX-2

1. Pick a picture in **Load Image**, and draw in the **Trajectory Editor**.
2. **DragNUWA Export Trajectories** writes the format `ltx`: a position for each of the 121 frames of each drag.
3. Install [ComfyUI-LTXVideo](https://github.com/Lightricks/ComfyUI-LTXVideo), open its example workflow
  `LTX-2.3_ICLoRA_Motion_Track_Distilled`, and copy these nodes there. Connect `text` of the export to `tracks` of
  **LTX Draw Sparse Tracks**, in place of its own track editor, and give it the same width and height.

Without that pack this template shows the drags and the text. The number of frames is a multiple of 8 and one more, and
  that of the video. Everything that makes drags can be connected in place of the editor.
""",
    nodes=[
        picture((0, 40)),
        drawn(),
        Node("export", "DragNUWAExportTrajectories", (800, 40), (320, 260), values={"format": "ltx"},
             links={"trajectories": "editor.trajectories", "frames": "editor.frames", **SIZE}),
        Node("tracks", "PreviewAny", (1160, 40), (360, 260), "To LTX Draw Sparse Tracks",
             links={"source": "export.text"}),
        *preview((800, 370), "editor.trajectories"),
    ],
)  # fmt: skip
