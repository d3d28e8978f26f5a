"""The released weights of DragNUWA 1.5."""

from tools.blueprint_sources.drag_to_video_dragnuwa import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 432, "height": 432},
 "tracks": [
  {"id": "t1", "name": "left arm", "color": "#1f77b4", "kind": "path", "points": [{"x": 0.27, "y": 0.47}, {"x": 0.24, "y": 0.36}, {"x": 0.3, "y": 0.26}]},
  {"id": "t2", "name": "right arm", "color": "#d62728", "kind": "path", "points": [{"x": 0.75, "y": 0.47}, {"x": 0.78, "y": 0.36}, {"x": 0.72, "y": 0.26}]},
  {"id": "t3", "name": "waist", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": 0.5, "y": 0.62}]}
 ]}"""  # noqa: E501

TEMPLATE = Template(
    title="02 Drag a picture with DragNUWA 1.5",
    note="""## Draw, press Run

It needs one of the released checkpoints in *models/checkpoints*:

- [dragnuwa-svd-pruned.fp16.safetensors](https://huggingface.co/benjamin-paine/dragnuwa-pruned-safetensors), about
  4.8 GB
- [drag_nuwa_svd.pth](https://huggingface.co/yinsming/DragNUWA), the authors' own, also on
  [Google Drive](https://drive.google.com/file/d/1Z4JOley0SJCb35kFF4PCc6N6P1ftfX4i)

Without them, *01 Drag a picture* works right away.

The model was trained at 576x320 pixels, of which 432x432 are as many for a square picture, and 14 frames. A click and
  Enter holds a spot still.
""",
    nodes=[*start(DRAGS, width=432, height=432, frames=14), *drag_to(BLUEPRINT)],
    app_inputs=("picture.image", "editor.trajectories", "made.seed"),
)
