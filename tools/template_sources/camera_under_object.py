"""An object moves while the camera moves."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import TALL, WIDE, drag_to, start
from tools.outlines import ROCKET, moved
from tools.templates import MORE, Node, Template

LIFTING = moved("rocket", ROCKET, {"points": [{"x": 0.504, "y": 0.6}, {"x": 0.504, "y": 0.42}], "ease": "ease_in"})

TEMPLATE = Template(
    title="Move the camera and a thing",
    folder=MORE,
    note="""## An object moves while the camera moves

1. Pick a picture in **Load Image**.
2. Draw how objects move, as if the camera stood still. Here the rocket is cut out and rises.
3. Set the camera in **DragNUWA Camera Motion**.
4. Press **Run**. No download is needed.

**DragNUWA Merge Trajectories** in the mode *layer* moves the drags along with the camera. *clearance* keeps the
  camera's own drags that many pixels away from yours.

Any drags that follow the background can be the camera: one drag shifts it, two also rotate and scale it.
""",
    chinese="""## 镜头移动的同时移动物体

1. 在 **Load Image** 中选择图片。
2. 绘制物体的运动，就像镜头静止一样。示例中抠出的火箭上升。
3. 在 **DragNUWA Camera Motion** 中设置镜头。
4. 按“运行”。无需下载。

**DragNUWA Merge Trajectories** 的 *layer* 模式让轨迹随镜头移动。*clearance* 使镜头自身的轨迹与您的轨迹保持该像素距离。

任何跟随背景的轨迹都可以作为镜头：一条平移，两条还可旋转和缩放。
""",
    nodes=[
        *start(LIFTING, width=WIDE, height=TALL, picture="dragnuwa-rocket.jpg", editor_size=(480, 820)),
        Node(
            "camera", "DragNUWACameraMotion", (840, 40), (320, 440),
            values={"zoom": 20.0, "spacing": 20.0},
            links={"width": "editor.width", "height": "editor.height"},
        ),
        Node(
            "merge", "DragNUWAMergeTrajectories", (840, 560), (320, 230), values={"clearance": 24.0},
            links={
                "trajectories": "editor.trajectories", "under": "camera.trajectories", "width": "editor.width",
                "height": "editor.height", "frames": "editor.frames",
            },
        ),
        *drag_to(BLUEPRINT, 1190, "merge.trajectories", values={"prompt": "a white rocket between towers at dusk"}),
    ],
)  # fmt: skip
