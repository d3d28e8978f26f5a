"""The area under a mask moves: an otter that is painted in the picture's file, as the mask editor saves it."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import LONG, LOW, drag_to, start
from tools.templates import Node, Template

TEMPLATE = Template(
    title="Paint what moves",
    note="""## Paint what moves, press Run

1. Pick a picture in **Load Image**. Right-click the node, choose *Open in MaskEditor*, paint what should move, and
  save. In the example, the otter is painted.
2. In **DragNUWA Motion Brush**, set distance and direction, scale or rotation. *hold* keeps the rest in place.
3. Press **Run**. No download is needed.

The motion comes from the brush. Drags that you draw are added to it.

With *feather* 0 the painted area moves as a whole. A larger one lets the motion fade out around it, for water, smoke
  or grass without an edge.
""",
    chinese="""## 涂抹要移动的部分，按“运行”

1. 在 **Load Image** 中选择图片。右键单击节点，选择“在遮罩编辑器中打开”，涂抹要移动的部分并保存。示例中已涂抹水獭。
2. 在 **DragNUWA Motion Brush** 中设置距离和方向、缩放或旋转。*hold* 使其余部分保持不动。
3. 按“运行”。无需下载。

运动来自画笔，您绘制的轨迹会叠加其上。

*feather* 为 0 时，涂抹的区域整体移动。较大的值使运动在其周围逐渐减弱，适合没有边缘的水、烟或草。
""",
    nodes=[
        *start(width=LONG, height=LOW, picture="dragnuwa-otter.webp", editor_size=(480, 820)),
        Node(
            "brush", "DragNUWAMotionBrush", (840, 40), (320, 480),
            values={"distance": 7.0, "direction": 180.0, "feather": 0.0, "spacing": 20.0},
            links={"mask": "picture.MASK", "width": "editor.width", "height": "editor.height", "fit": "editor.fit",
                   "trajectories": "editor.trajectories"},
        ),
        *drag_to(BLUEPRINT, 1190, "brush.trajectories", values={"prompt": "an otter on a rock by the water"}),
    ],
)  # fmt: skip
