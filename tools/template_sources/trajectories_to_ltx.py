"""Drags of the editor as text for LTXVDrawTracks of ComfyUI-LTXVideo, which steers LTX-2 by its motion-track LoRA."""

from tools.graph_parts import BESIDE, start
from tools.outlines import TAKING_OFF
from tools.templates import MORE, Node, Template

SIZE = {name: f"editor.{name}" for name in ("width", "height", "frames")}

TEMPLATE = Template(
    title="Drags for LTX-2",
    folder=MORE,
    note="""## Drags for LTX-2, as text

**This workflow makes no video**: LTX-2 follows drags only with the nodes of another pack. Run gives the text for them.

1. Pick a picture in **Load Image**, and draw on it.
2. **DragNUWA Export Trajectories** writes the format *ltx*: a position for each of the 121 frames of each drag.
3. Install [ComfyUI-LTXVideo](https://github.com/Lightricks/ComfyUI-LTXVideo), open its example workflow
  *LTX-2.3_ICLoRA_Motion_Track_Distilled*, and copy these nodes there. Connect *text* of the export to *tracks* of
  **LTX Draw Sparse Tracks**, and give it the same width and height.

The number of frames is a multiple of 8 plus 1, and must match the video.
""",
    chinese="""## 供 LTX-2 使用的轨迹文本

**此工作流不生成视频**：LTX-2 需要另一个节点包的节点才能跟随轨迹。运行后得到供其使用的文本。

1. 在 **Load Image** 中选择图片，并在上面绘制。
2. **DragNUWA Export Trajectories** 输出 *ltx* 格式：每条轨迹在 121 帧中每一帧的位置。
3. 安装 [ComfyUI-LTXVideo](https://github.com/Lightricks/ComfyUI-LTXVideo)，打开其示例工作流
  *LTX-2.3_ICLoRA_Motion_Track_Distilled*，把这些节点复制进去。把导出节点的 *text* 连接到 **LTX Draw Sparse Tracks** 的
  *tracks*，并设置相同的宽度和高度。

帧数为 8 的倍数加 1，且须与视频一致。
""",
    nodes=[
        *start(TAKING_OFF, width=640, height=416, frames=121, picture="dragnuwa-rocket.jpg"),
        Node("export", "DragNUWAExportTrajectories", (BESIDE, 40), (460, 260), values={"format": "ltx"},
             links={"trajectories": "editor.trajectories", **SIZE}),
        Node("tracks", "PreviewAny", (BESIDE, 370), (460, 490), "To LTX Draw Sparse Tracks",
             links={"source": "export.text"}),
    ],
)  # fmt: skip
