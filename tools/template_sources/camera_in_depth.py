"""A camera that moves through a picture whose depth is drawn by hand."""

from tools.blueprint_sources.move_camera_by_hand import BLUEPRINT
from tools.blueprint_sources.move_camera_in_depth import FRAMES
from tools.graph_parts import BESIDE, saved, start
from tools.outlines import NEAR_ROCK, ROCK, WREN, at_distances
from tools.templates import Node, Subgraph, Template

ROCKS = at_distances({"rock": (ROCK, 2.5), "wren": (WREN, 2.5), "near rock": (NEAR_ROCK, 1.5)})
WIDE, LOW = 768, 432
MOVE = {"truck": -0.12, "focus_x": 0.4, "focus_y": 0.6}
APP = ("picture.image", "editor.trajectories")


def in_depth(blueprint: Subgraph, drawing: str, picture: str, size: tuple[int, int], **values) -> list[Node]:
    """A photograph, the editor over it, and a blueprint of a camera in depth. Named picture, editor, made and save."""
    links = {name: f"editor.{name}" for name in ("width", "height", "frames", "fit", "trajectories")}
    return [
        *start(drawing, width=size[0], height=size[1], picture=picture, frames=FRAMES),
        Node("made", blueprint, (BESIDE, 40), (460, 560), values=values,
             links={"picture": "picture.IMAGE", **links}),
        saved((BESIDE, 660), "made.video"),
    ]  # fmt: skip


TEMPLATE = Template(
    title="Move the camera in depth",
    note="""## Near objects move more than far ones

1. Pick a picture in **Load Image**.
2. Press **B** in the editor and click on each object that stands before the rest. In the properties (**E**), its
  *Distance* goes from near to far; 1 is the ground at the lower edge of the picture.
3. Where there is ground, switch on the *Horizon* in the toolbar and drag the line to it. Objects then stand on the
  ground by themselves, and need no distance.
4. Set how the camera moves: *truck* to the right, *pedestal* up, *dolly* forwards, *orbit* around the focus. Ways are
  parts of the distance to the focus.
5. Press play to see it; stripes show what the picture does not show. Then press **Run**. No model is needed.

Drag an object, and it moves in the scene while the camera does.
""",
    chinese="""## 近处比远处移动得更多

1. 在 **Load Image** 中选择图片。
2. 在编辑器中按 **B**，单击每个处于前方的物体。在属性（**E**）中，*距离* 由近到远；1 是图片下边缘处的地面。
3. 有地面时，在工具栏中打开 *地平线* 并把线拖到地平线处。物体会自己站在地面上，无需距离。
4. 设置镜头运动：*truck* 向右，*pedestal* 向上，*dolly* 向前，*orbit* 环绕焦点。距离以到焦点距离的几分之几计。
5. 按播放预览；条纹处是图片中没有的内容。然后按“运行”。无需模型。

拖动一个物体，它会在镜头移动的同时在场景中移动。
""",
    nodes=in_depth(BLUEPRINT, ROCKS, "dragnuwa-wren.jpg", (WIDE, LOW), **MOVE),
    app_inputs=APP,
)
