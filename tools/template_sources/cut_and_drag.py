"""An object is cut out, and rotates as it moves: an object of the editor with keys."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import TALL, WIDE, drag_to, start
from tools.outlines import DRUM, moved
from tools.template_sources.carry_a_picture import APP
from tools.templates import Template

TURNED = moved(
    "drum",
    DRUM,
    {
        "keys": [
            {"t": 0.5, "x": 0.02, "y": -0.08, "rotation": 14, "ease": "ease_in_out"},
            {"t": 1, "x": 0.02, "y": -0.02, "rotation": 34, "scale": 1.1, "ease": "ease_in_out"},
        ]
    },
)

TEMPLATE = Template(
    title="Drag an object that you cut out",
    note="""## Cut out an object and move it

1. Pick a picture in **Load Image**.
2. Press **B** in the editor and click on an object. Shift-click adds what is missing, Alt-click takes away what is too
  much, **M** paints it.
3. Drag it along its path. Or go to a later frame and use the handles: the round one turns it, the square one makes it
  larger.
4. Press play to preview the motion. Then press **Run**.

Here the drum on the right leaps, turns and grows. No download is needed.
""",
    chinese="""## 抠出一个物体并移动它

1. 在 **Load Image** 中选择图片。
2. 在编辑器中按 **B**，单击一个物体。Shift+单击补上缺少的部分，Alt+单击去掉多余的部分，**M** 用画笔修改。
3. 沿路径拖动它。或者转到后面的帧使用手柄：圆形手柄旋转，方形手柄缩放。
4. 按播放预览运动，然后按“运行”。

示例中右侧的鼓跳起、旋转并变大。无需下载。
""",
    nodes=[
        *start(TURNED, width=WIDE, height=TALL, picture="dragnuwa-drums.jpg"),
        *drag_to(BLUEPRINT, values={"prompt": "three drums on grass"}),
    ],
    app_inputs=APP,
)
