"""The released weights of DragNUWA 1.5."""

from tools.blueprint_sources.drag_to_video_dragnuwa import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 520, "height": 344},
 "tracks": [
  {"id": "t1", "name": "head", "color": "#d62728", "kind": "path", "points": [{"x": 0.1, "y": 0.25}, {"x": 0.22, "y": 0.25}]},
  {"id": "t2", "name": "body", "color": "#ff7f0e", "kind": "path", "points": [{"x": 0.13, "y": 0.52}, {"x": 0.25, "y": 0.52}]},
  {"id": "t3", "name": "middle hen", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": 0.6, "y": 0.55}]},
  {"id": "t4", "name": "right hen", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": 0.8, "y": 0.6}]}
 ]}"""  # noqa: E501

TEMPLATE = Template(
    title="With DragNUWA 1.5",
    note="""## Draw, press Run

It needs one of the released checkpoints in *models/checkpoints*:

- [dragnuwa-svd-pruned.fp16.safetensors](https://huggingface.co/benjamin-paine/dragnuwa-pruned-safetensors), about
  4.8 GB
- [drag_nuwa_svd.pth](https://huggingface.co/yinsming/DragNUWA), the authors' own, also on
  [Google Drive](https://drive.google.com/file/d/1Z4JOley0SJCb35kFF4PCc6N6P1ftfX4i)

Without them, *Drag a picture* works right away.

The model was trained at 576x320 pixels, of which 520x344 are about as many for this picture, and 14 frames. A click
  and Enter holds a spot still, as on two of the hens.
""",
    chinese="""## 绘制，按“运行”

需要在 *models/checkpoints* 中放入以下任一已发布的 checkpoint：

- [dragnuwa-svd-pruned.fp16.safetensors](https://huggingface.co/benjamin-paine/dragnuwa-pruned-safetensors)，约 4.8 GB
- [drag_nuwa_svd.pth](https://huggingface.co/yinsming/DragNUWA)，作者发布的原文件，
  也在 [Google Drive](https://drive.google.com/file/d/1Z4JOley0SJCb35kFF4PCc6N6P1ftfX4i) 上

没有它们时，模板 *Drag a picture* 可直接使用。

该模型以 576x320 像素、14 帧训练；对这张图片，520x344 的像素数大致相同。单击并按 Enter 可固定一处，如其中两只母鸡。
""",
    nodes=[
        *start(DRAGS, width=520, height=344, frames=14, picture="dragnuwa-hens.jpg"),
        *drag_to(BLUEPRINT),
    ],
    app_inputs=("picture.image", "editor.trajectories", "made.seed"),
)
