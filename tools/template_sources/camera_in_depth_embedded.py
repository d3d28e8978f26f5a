"""A camera that moves through a picture whose depth is drawn by hand; the small model paints what comes into view."""

from tools.blueprint_sources.move_camera_embedded import BLUEPRINT
from tools.graph_parts import BESIDE, LONG, LOW, saved, start
from tools.template_sources.camera_in_depth import APP, MOVE, ROCKS
from tools.templates import MORE, Node, Template

TEMPLATE = Template(
    title="Move the camera in depth (small model)",
    folder=MORE,
    note="""## The small model paints what the camera brings into view

As *Move the camera in depth*, but a model is tied to the moved picture, and paints only what that does not show: the
  white of the mask. With a large model in place of the small one, the same nodes give what is behind objects.

1. Pick a picture in **Load Image**, outline objects in the editor, and set their distances.
2. Set how the camera moves, and press **Run**. No download is needed.
""",
    chinese="""## 小模型绘制镜头露出的部分

与 *Move the camera in depth* 相同，但有一个模型与移动后的图片衔接，只绘制图片中没有的部分，即遮罩的白色。换成大模型，
同样的节点就能画出物体后面的内容。

1. 在 **Load Image** 中选择图片，在编辑器中勾出物体并设置距离。
2. 设置镜头运动，按“运行”。无需下载。
""",
    nodes=[
        *start(ROCKS, width=LONG, height=LOW, picture="dragnuwa-wren.jpg"),
        Node(
            "made", BLUEPRINT, (BESIDE, 40), (460, 600), values={"prompt": "a bird on a rock", **MOVE},
            links={"picture": "picture.IMAGE", "image": "editor.image"}
            | {name: f"editor.{name}" for name in ("frames", "fit", "trajectories")},
        ),
        saved((BESIDE, 700), "made.video"),
    ],
    app_inputs=APP,
)  # fmt: skip
