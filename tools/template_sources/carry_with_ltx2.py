"""LTX-2 with sound, steered by the carried picture."""

from tools.blueprint_sources.drag_to_video_ltx2 import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.template_sources.cut_and_drag import HOP
from tools.templates import MORE, Template

TEMPLATE = Template(
    title="With LTX-2 (sound)",
    folder=MORE,
    note="""## LTX-2 with sound

The picture itself is moved along the drags, and LTX-2 makes a video and its sound of that, in eight steps.
  It needs the two files that **Drag to Video** names; ComfyUI offers to download them.

1. Pick a picture in **Load Image**, and draw on it. Here the osprey is cut out (**B**) and hops.
2. Describe the video and what is heard in **prompt**.
3. Press **Run**.

Width and height are multiples of 32, the number of frames is a multiple of 8 plus 1. **hold_steps**: more follow the
  drags more closely, fewer let the model repair more.
""",
    chinese="""## 有声的 LTX-2

图片本身沿轨迹移动，再由 LTX-2 用八步生成视频及其声音。
  需要 **Drag to Video** 中列出的两个文件；ComfyUI 会提供下载。

1. 在 **Load Image** 中选择图片，并在上面绘制。示例中抠出的鱼鹰（**B**）跳动。
2. 在 **prompt** 中描述视频和声音。
3. 按“运行”。

宽和高为 32 的倍数，帧数为 8 的倍数加 1。**hold_steps**：越多越贴近轨迹，越少模型修补得越多。
""",
    nodes=[
        *start(HOP, width=1088, height=608, frames=97, picture="dragnuwa-osprey.jpg"),
        *drag_to(BLUEPRINT, values={"prompt": "an osprey hops along a branch and calls"}),
    ],
    app_inputs=("picture.image", "editor.trajectories", "made.prompt"),
)
