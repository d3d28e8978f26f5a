"""Drags of the editor as text for LTXVDrawTracks of ComfyUI-LTXVideo, which steers LTX-2 by its motion-track LoRA."""

from tools.graph_parts import start
from tools.template_sources.trajectories_to_wan_move import DRAGS
from tools.templates import Node, Template

SIZE = {name: f"editor.{name}" for name in ("width", "height", "frames")}

TEMPLATE = Template(
    title="14 Drags for LTX-2",
    note="""## Draw here, generate with LTX-2

1. Pick a picture in **Load Image**, and draw on it.
2. **DragNUWA Export Trajectories** writes the format *ltx*: a position for each of the 121 frames of each drag.
3. Install [ComfyUI-LTXVideo](https://github.com/Lightricks/ComfyUI-LTXVideo), open its example workflow
  *LTX-2.3_ICLoRA_Motion_Track_Distilled*, and copy these nodes there. Connect *text* of the export to *tracks* of
  **LTX Draw Sparse Tracks**, and give it the same width and height.

The number of frames is a multiple of 8 plus 1, and must match the video.
""",
    nodes=[
        *start(DRAGS, width=512, height=512, frames=121),
        Node("export", "DragNUWAExportTrajectories", (920, 40), (460, 260), values={"format": "ltx"},
             links={"trajectories": "editor.trajectories", **SIZE}),
        Node("tracks", "PreviewAny", (920, 370), (460, 490), "To LTX Draw Sparse Tracks",
             links={"source": "export.text"}),
    ],
)  # fmt: skip
