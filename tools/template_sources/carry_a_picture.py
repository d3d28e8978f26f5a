"""The first template: nothing has to be downloaded, and nothing is drawn yet."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import TALL, WIDE, drag_to, start
from tools.outlines import RISING
from tools.templates import Template

APP = ("picture.image", "editor.trajectories", "made.prompt")

TEMPLATE = Template(
    title="Drag a picture",
    note="""## 1. Pick a picture

in **Load Image**, or drop one on the editor.

## 2. Draw on it

Press on an object and drag it to where it should go. The play button shows the motion, **?** the keys.

## 3. Press Run

The video appears on the right: two seconds at the picture's size.

---

No download is needed: the small model comes with the pack.

To choose exactly what moves, press **B** and click on it.
""",
    chinese="""## 1. 选择图片

在 **Load Image** 中选择，或把图片拖放到编辑器上。

## 2. 在图片上绘制

按住一个物体，把它拖到要去的地方。播放按钮可预览运动，**?** 显示按键。

## 3. 按“运行”

视频出现在右侧：两秒，与图片同样大小。

---

无需下载：小模型随节点包附带。

要精确选择移动的内容，请按 **B** 再单击它。
""",
    nodes=[
        *start(width=WIDE, height=TALL, picture="dragnuwa-rocket.jpg"),
        *drag_to(BLUEPRINT, values={"prompt": "a white rocket between towers at dusk"}),
    ],
    app_inputs=APP,
    shown_drags=RISING,
)
