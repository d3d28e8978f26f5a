"""Stable Video Diffusion, without any DragNUWA weights, steered by the carried picture."""

from tools.blueprint_sources.drag_to_video_svd import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.outlines import COW, moved
from tools.templates import Template

WALKING = moved("cow", COW, {"points": [{"x": 0.6, "y": 0.45}, {"x": 0.46, "y": 0.45}]})

TEMPLATE = Template(
    title="With Stable Video Diffusion",
    note="""## Stable Video Diffusion

No DragNUWA weights are needed: the picture itself is moved along the drags, and the model turns it into a video.
  It needs *svd.safetensors* in *models/checkpoints*; ComfyUI offers to download it.

1. Pick a picture in **Load Image**, and draw on it.
2. To choose exactly what moves, press **B** and click on it. Here the cow is cut out.
3. Press **Run**.

**hold**: higher follows the drags more closely, lower lets the model repair more.
""",
    chinese="""## Stable Video Diffusion

不需要 DragNUWA 权重：图片本身沿轨迹移动，再由模型变成视频。
  需要在 *models/checkpoints* 中放入 *svd.safetensors*；ComfyUI 会提供下载。

1. 在 **Load Image** 中选择图片，并在上面绘制。
2. 要精确选择移动的内容，请按 **B** 再单击它。示例中抠出了奶牛。
3. 按“运行”。

**hold**：越高越贴近轨迹，越低模型修补得越多。
""",
    nodes=[
        *start(WALKING, width=1024, height=576, frames=14, picture="dragnuwa-cow.jpg"),
        *drag_to(BLUEPRINT),
    ],
    app_inputs=("picture.image", "editor.trajectories", "made.seed"),
)
