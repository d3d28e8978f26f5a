"""Wan 2.2 image-to-video in four steps, without any DragNUWA weights, steered by the carried picture."""

from tools.blueprint_sources.drag_to_video_wan_lightning import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.template_sources.cut_and_drag import HOP
from tools.templates import MORE, Template

TEMPLATE = Template(
    title="With Wan 2.2 Lightning",
    folder=MORE,
    note="""## Wan 2.2 image-to-video in four steps

The picture itself is moved along the drags, and Wan 2.2 with its Lightning LoRAs turns it into a video in four steps.
  It needs the six files that **Drag to Video** names; ComfyUI offers to download them.

1. Pick a picture in **Load Image**, and draw on it. Here the osprey is cut out (**B**) and hops.
2. Describe the video in **prompt**.
3. Press **Run**.

The number of frames is a multiple of 4 plus 1. **hold_steps**: for how many of the first two steps, which the model
  for high noise makes, the drags are held. 1 lets the model repair more.
""",
    chinese="""## Wan 2.2 图生视频，四步

图片本身沿轨迹移动，再由 Wan 2.2 及其 Lightning LoRA 用四步变成视频。
  需要 **Drag to Video** 中列出的六个文件；ComfyUI 会提供下载。

1. 在 **Load Image** 中选择图片，并在上面绘制。示例中抠出的鱼鹰（**B**）跳动。
2. 在 **prompt** 中描述视频。
3. 按“运行”。

帧数为 4 的倍数加 1。**hold_steps**：在高噪声模型所做的前两步中，有几步固定轨迹。设为 1 时模型修补得更多。
""",
    nodes=[
        *start(HOP, width=832, height=464, frames=33, picture="dragnuwa-osprey.jpg"),
        *drag_to(BLUEPRINT, values={"prompt": "an osprey hops along a branch"}),
    ],
    app_inputs=("picture.image", "editor.trajectories", "made.prompt"),
)
