"""The moved picture alone, without a model."""

from tools.blueprint_sources.drag_to_video_no_model import BLUEPRINT, FRAMES
from tools.graph_parts import TALL, WIDE, drag_to, start
from tools.outlines import CUP, SHADOW_OF_CUP, moved
from tools.templates import Template

PUSHED = moved("cup", CUP, {"points": [{"x": 0.45, "y": 0.38}, {"x": 0.58, "y": 0.4}]}, shadow=SHADOW_OF_CUP)

TEMPLATE = Template(
    title="Drag without a model",
    note="""## Seconds, at full size

1. Pick a picture in **Load Image**.
2. Draw from where an object is to where it should be. Press **Play** (Space) to see it move.
3. Press **Run**. The picture's own pixels move and stay sharp; nothing is generated, and nothing is downloaded.

**frames** in the editor sets the length: 60 frames are two and a half seconds. To choose exactly what moves, press
  **B** and click on it. Here the cup is cut out together with its shadow.
""",
    chinese="""## 数秒完成，保持原尺寸

1. 在 **Load Image** 中选择图片。
2. 从物体所在的位置画到它应在的位置。按 **播放**（空格）预览。
3. 按“运行”。移动的是图片自身的像素，保持清晰；不生成任何内容，也无需下载。

编辑器中的 **frames** 设置长度：60 帧为两秒半。要精确选择移动的内容，请按 **B** 再单击它。示例中的杯子连同影子一起抠出。
""",
    nodes=[*start(PUSHED, width=WIDE, height=TALL, frames=FRAMES, picture="dragnuwa-coffee.jpg"), *drag_to(BLUEPRINT)],
    app_inputs=("picture.image", "editor.trajectories"),
)
