"""Drags of the editor steer Wan-Move, ComfyUI's own, through TRACKS."""

from tools.blueprint_sources.drag_to_video_wan_move import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.outlines import TAKING_OFF
from tools.templates import MORE, Template

TEMPLATE = Template(
    title="With Wan-Move",
    folder=MORE,
    note="""## Draw here, generate with Wan-Move

It needs the four files of Wan-Move that **Drag to Video** names; ComfyUI offers to download them.

1. Pick a picture in **Load Image**, and draw on it.
2. Describe the video in **prompt**.
3. Press **Run**.

The number of frames is a multiple of 4 plus 1. Instead of the editor, you can connect any source of drags:
  a camera, a motion brush, the motion of a video.
""",
    chinese="""## 在此绘制，用 Wan-Move 生成

需要 **Drag to Video** 中列出的四个 Wan-Move 文件；ComfyUI 会提供下载。

1. 在 **Load Image** 中选择图片，并在上面绘制。
2. 在 **prompt** 中描述视频。
3. 按“运行”。

帧数为 4 的倍数加 1。除编辑器外，也可以连接任何轨迹来源：镜头、运动画笔、视频的运动。
""",
    nodes=[
        *start(TAKING_OFF, width=624, height=416, frames=81, picture="dragnuwa-rocket.jpg"),
        *drag_to(BLUEPRINT, values={"prompt": "a white rocket rises between towers at dusk"}),
    ],
)
