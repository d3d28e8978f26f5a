"""DragAnything: an object moves as a whole, and anchors hold the background."""

from tools.blueprint_sources.drag_to_video_draganything import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.outlines import OSPREY, moved, with_anchors
from tools.templates import MORE, Template

CORNERS = [(0.08, 0.15), (0.92, 0.15), (0.08, 0.9), (0.92, 0.9)]
ACROSS = with_anchors(moved("osprey", OSPREY, {"points": [{"x": 0.4, "y": 0.45}, {"x": 0.5, "y": 0.43}]}), CORNERS)

FILES = """It needs:

- *svd.safetensors* in *models/checkpoints*
- DragAnything's ControlNet from [huggingface.co/weijiawu/DragAnything](https://huggingface.co/weijiawu/DragAnything),
  with its *config.json*, in the folder *models/controlnet/DragAnything*
- any Stable Diffusion 1.5 in *models/checkpoints*, which says what the objects are
"""
FILES_IN_CHINESE = """需要：

- *models/checkpoints* 中的 *svd.safetensors*
- [huggingface.co/weijiawu/DragAnything](https://huggingface.co/weijiawu/DragAnything) 的 DragAnything ControlNet，
  连同其 *config.json*，放入文件夹 *models/controlnet/DragAnything*
- *models/checkpoints* 中的任一 Stable Diffusion 1.5，用于识别物体
"""

TEMPLATE = Template(
    title="With DragAnything",
    folder=MORE,
    note=f"""## An object moves as a whole

Each drag moves the object that it begins on. The anchors, one click and Enter each, hold the background, so that the
  camera does not drift.

{FILES}
To choose exactly what moves, press **B** and click on it. Here the osprey is cut out.
""",
    chinese=f"""## 物体整体移动

每条轨迹移动它起点处的物体。锚点（单击并按 Enter）固定背景，使镜头不漂移。

{FILES_IN_CHINESE}
要精确选择移动的内容，请按 **B** 再单击它。示例中抠出了鱼鹰。
""",
    nodes=[*start(ACROSS, width=576, height=320, frames=14, picture="dragnuwa-osprey.jpg"), *drag_to(BLUEPRINT)],
    app_inputs=("picture.image", "editor.trajectories", "made.seed"),
)
