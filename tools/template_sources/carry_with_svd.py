"""Stable Video Diffusion, without any DragNUWA weights, steered by the carried picture."""

from tools.blueprint_sources.drag_to_video_svd import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 768, "height": 768},
 "tracks": [
  {"id": "t1", "name": "dress", "color": "#d62728", "kind": "path", "points": [{"x": 0.5, "y": 0.556}, {"x": 0.58, "y": 0.556}, {"x": 0.66, "y": 0.556}]},
  {"id": "t2", "name": "hair", "color": "#1f77b4", "kind": "path", "points": [{"x": 0.42, "y": 0.286}, {"x": 0.5, "y": 0.286}, {"x": 0.58, "y": 0.286}]}
 ]}"""  # noqa: E501

TEMPLATE = Template(
    title="03 Drag a picture with SVD",
    note="""## Stable Video Diffusion

No DragNUWA weights are needed: the picture itself is moved along the drags, and the model turns it into a video.
  It needs *svd.safetensors* in *models/checkpoints*.

1. Pick a picture in **Load Image**, and draw on it.
2. To choose exactly what moves, right-click **Load Image**, choose *Open in MaskEditor*, and paint it.
3. Press **Run**.

**hold**: higher follows the drags more closely, lower lets the model repair more.
""",
    nodes=[*start(DRAGS, width=768, height=768, frames=14), *drag_to(BLUEPRINT)],
    app_inputs=("picture.image", "editor.trajectories", "made.seed"),
)
