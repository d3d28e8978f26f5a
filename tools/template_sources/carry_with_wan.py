"""Wan 2.1 image-to-video, without any DragNUWA weights, steered by the carried picture."""

from tools.blueprint_sources.drag_to_video_wan import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.template_sources.cut_and_drag import HOP
from tools.templates import Template

TEMPLATE = Template(
    title="With Wan 2.1",
    note="""## Wan 2.1 image-to-video

No DragNUWA weights are needed: the picture itself is moved along the drags, and the model turns it into a video.
  It needs the four files of Wan 2.1 that **Drag to Video** names; ComfyUI offers to download them.

1. Pick a picture in **Load Image**, and draw on it. Here the osprey is cut out (**B**) and hops.
2. Describe the video in **prompt**.
3. Press **Run**.

The number of frames is a multiple of 4 plus 1. **hold**: higher follows the drags more closely, lower lets the
  model repair more.
""",
    chinese="""## Wan 2.1 图生视频

不需要 DragNUWA 权重：图片本身沿轨迹移动，再由模型变成视频。
  需要 **Drag to Video** 中列出的四个 Wan 2.1 文件；ComfyUI 会提供下载。

1. 在 **Load Image** 中选择图片，并在上面绘制。示例中抠出的鱼鹰（**B**）跳动。
2. 在 **prompt** 中描述视频。
3. 按“运行”。

帧数为 4 的倍数加 1。**hold**：越高越贴近轨迹，越低模型修补得越多。
""",
    nodes=[
        *start(HOP, width=832, height=464, frames=33, picture="dragnuwa-osprey.jpg"),
        *drag_to(BLUEPRINT, values={"prompt": "an osprey hops along a branch"}),
    ],
    app_inputs=("picture.image", "editor.trajectories", "made.prompt"),
)
