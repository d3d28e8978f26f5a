"""Wan 2.1 VACE paints what the moved picture uncovers."""

from tools.blueprint_sources.drag_to_video_vace import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.template_sources.cut_and_drag import HOP
from tools.templates import MORE, Template

TEMPLATE = Template(
    title="With Wan VACE",
    folder=MORE,
    note="""## Wan 2.1 VACE

The picture's own pixels move along the drags, and VACE paints what they uncover. It needs the three files of Wan 2.1
  VACE that **Drag to Video** names; ComfyUI offers to download them.

1. Pick a picture in **Load Image**, and draw on it. Here the osprey is cut out (**B**) and hops.
2. Describe the video in **prompt**.
3. Press **Run**.

The number of frames is a multiple of 4 plus 1. **margin** sets how far around the uncovered area, in pixels, the
  model may paint.
""",
    chinese="""## Wan 2.1 VACE

图片自身的像素沿轨迹移动，由 VACE 绘制露出的部分。需要 **Drag to Video** 中列出的三个 Wan 2.1 VACE 文件；
  ComfyUI 会提供下载。

1. 在 **Load Image** 中选择图片，并在上面绘制。示例中抠出的鱼鹰（**B**）跳动。
2. 在 **prompt** 中描述视频。
3. 按“运行”。

帧数为 4 的倍数加 1。**margin** 设定模型可以在露出部分周围绘制多少像素。
""",
    nodes=[
        *start(HOP, width=832, height=464, frames=33, picture="dragnuwa-osprey.jpg"),
        *drag_to(BLUEPRINT, values={"prompt": "an osprey hops along a branch"}, masks="picture.MASK"),
    ],
    app_inputs=("picture.image", "editor.trajectories", "made.prompt"),
)
