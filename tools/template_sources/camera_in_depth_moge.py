"""A camera that moves through a picture of which MoGe finds the depth."""

from tools.blueprint_sources.move_camera_in_depth import BLUEPRINT
from tools.graph_parts import NO_DRAGS
from tools.outlines import on_ground
from tools.template_sources.camera_in_depth import APP, LOW, WIDE, in_depth
from tools.templates import MORE, Template

TEMPLATE = Template(
    title="With MoGe (camera in depth)",
    folder=MORE,
    note="""## The camera moves in a picture, and MoGe finds its depth

1. Pick a picture in **Load Image**. ComfyUI offers to download the model.
2. Set how the camera moves: *truck* to the right, *pedestal* up, *dolly* forwards, *orbit* around the focus.
3. Drag objects in the editor if you like: they move at their depth, and pass behind what is nearer.
4. Press **Run**. After that, play in the editor shows the camera, too.

For Depth Anything 3, connect its geometry in place of MoGe's: open the subgraph.
""",
    chinese="""## 镜头在图片中移动，由 MoGe 求出深度

1. 在 **Load Image** 中选择图片。ComfyUI 会提示下载模型。
2. 设置镜头运动：*truck* 向右，*pedestal* 向上，*dolly* 向前，*orbit* 环绕焦点。
3. 需要时在编辑器中拖动物体：它们按各自的深度移动，会被更近的东西遮住。
4. 按“运行”。此后编辑器中的播放也会显示镜头运动。

使用 Depth Anything 3 时，打开子图，用它的几何代替 MoGe 的几何。
""",
    nodes=in_depth(
        BLUEPRINT, NO_DRAGS, "dragnuwa-desert.jpg", (WIDE, LOW), truck=0.15, pedestal=0.05, dolly=0.2, focus_y=0.85
    ),
    shown_drags=on_ground(NO_DRAGS, 0.45),
    app_inputs=APP,
)
