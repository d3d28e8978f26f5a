"""A camera motion, without any drawn drags."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import TALL, WIDE, drag_to, start
from tools.templates import Node, Template

TEMPLATE = Template(
    title="Move the camera",
    note="""## Move the camera, press Run

1. Pick a picture in **Load Image**.
2. Set **DragNUWA Camera Motion**: pan, tilt, zoom and roll add up. The amounts apply to the whole clip.
3. Press **Run**. No download is needed.

The motion comes from that node. Drags that you draw lie over the camera's. To make them move with the camera, use
  *Move the camera and a thing*.

*spacing* is 20 here, 2.5 times the small model's sigma. For the released checkpoints, use 50.
""",
    chinese="""## 移动镜头，按“运行”

1. 在 **Load Image** 中选择图片。
2. 设置 **DragNUWA Camera Motion**：平移、俯仰、缩放和旋转会叠加，数值针对整个片段。
3. 按“运行”。无需下载。

运动来自该节点，您绘制的轨迹叠加在镜头运动之上。要让它们随镜头一起移动，请使用模板 *Move the camera and a thing*。

此处 *spacing* 为 20，即小模型 sigma 的 2.5 倍。对于已发布的 checkpoint，请用 50。
""",
    nodes=[
        *start(width=WIDE, height=TALL, picture="dragnuwa-desert.jpg", editor_size=(480, 820)),
        Node(
            "camera", "DragNUWACameraMotion", (840, 40), (320, 440),
            values={"zoom": 30.0, "pan": 10.0, "ease": "ease_in_out", "spacing": 20.0},
            links={"width": "editor.width", "height": "editor.height", "trajectories": "editor.trajectories"},
        ),
        *drag_to(BLUEPRINT, 1190, "camera.trajectories", values={"prompt": "a dune in a desert"}),
    ],
)  # fmt: skip
