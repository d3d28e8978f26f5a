"""Causal Wan, which makes the video block by block, steered by the carried picture."""

from tools.blueprint_sources.drag_to_video_causal_wan import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.template_sources.cut_and_drag import HOP
from tools.templates import MORE, Template

TEMPLATE = Template(
    title="With causal Wan (streaming)",
    folder=MORE,
    note="""## Causal Wan

The picture itself is moved along the drags, and a causal Wan makes the video block by block, in four steps each.
  It needs the three files that **Drag to Video** names; ComfyUI offers to download them.

1. Pick a picture in **Load Image**, and draw on it. Here the osprey is cut out (**B**) and hops.
2. Describe the video in **prompt**.
3. Press **Run**.

The number of frames is a multiple of 4 plus 1. For a model that makes three latent frames at a time, set
  **num_frame_per_block** inside **Drag to Video** to 3.
""",
    chinese="""## 因果 Wan

图片本身沿轨迹移动，再由因果 Wan 逐块生成视频，每块四步。
  需要 **Drag to Video** 中列出的三个文件；ComfyUI 会提供下载。

1. 在 **Load Image** 中选择图片，并在上面绘制。示例中抠出的鱼鹰（**B**）跳动。
2. 在 **prompt** 中描述视频。
3. 按“运行”。

帧数为 4 的倍数加 1。若模型一次生成三个潜在帧，请在 **Drag to Video** 内将 **num_frame_per_block** 设为 3。
""",
    nodes=[
        *start(HOP, width=832, height=464, frames=81, picture="dragnuwa-osprey.jpg"),
        *drag_to(BLUEPRINT, values={"prompt": "an osprey hops along a branch"}),
    ],
    app_inputs=("picture.image", "editor.trajectories", "made.prompt"),
)
