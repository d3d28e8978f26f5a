"""DragAnything: an object moves as a whole, and anchors hold the background."""

from tools.blueprint_sources.drag_to_video_draganything import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 432, "height": 432},
 "tracks": [
  {"id": "t1", "name": "dress", "color": "#d62728", "kind": "path", "points": [{"x": 0.5, "y": 0.556}, {"x": 0.58, "y": 0.556}, {"x": 0.66, "y": 0.54}]},
  {"id": "t2", "name": "hill", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": 0.1, "y": 0.9}]},
  {"id": "t3", "name": "hill", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": 0.9, "y": 0.9}]},
  {"id": "t4", "name": "sky", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": 0.1, "y": 0.15}]},
  {"id": "t5", "name": "sky", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": 0.9, "y": 0.15}]}
 ]}"""  # noqa: E501

FILES = """It needs:

- *svd.safetensors* in *models/checkpoints*
- DragAnything's ControlNet from [huggingface.co/weijiawu/DragAnything](https://huggingface.co/weijiawu/DragAnything),
  with its *config.json*, in the folder *models/controlnet/DragAnything*
- any Stable Diffusion 1.5 in *models/checkpoints*, which says what the objects are
"""

TEMPLATE = Template(
    title="15 Drag an object with DragAnything",
    note=f"""## An object moves as a whole

Each drag moves the object that it begins on. The anchors, one click and Enter each, hold the background, so that the
  camera does not drift.

{FILES}
To choose exactly what moves, right-click **Load Image**, choose *Open in MaskEditor*, and paint it.
""",
    nodes=[*start(DRAGS, width=432, height=432, frames=14), *drag_to(BLUEPRINT)],
    app_inputs=("picture.image", "editor.trajectories", "made.seed"),
)
