"""Wan 2.1 image-to-video, without any DragNUWA weights, steered by the carried picture."""

from tools.blueprint_sources.drag_to_video_wan import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 624, "height": 624},
 "tracks": [
  {"id": "t1", "name": "dress", "color": "#d62728", "kind": "path", "points": [{"x": 0.5, "y": 0.558}, {"x": 0.58, "y": 0.558}, {"x": 0.66, "y": 0.558}]},
  {"id": "t2", "name": "hair", "color": "#1f77b4", "kind": "path", "points": [{"x": 0.42, "y": 0.281}, {"x": 0.5, "y": 0.281}, {"x": 0.58, "y": 0.281}]}
 ]}"""  # noqa: E501

TEMPLATE = Template(
    title="04 Drag a picture with Wan",
    note="""## Wan 2.1 image-to-video

No DragNUWA weights are needed: the picture itself is moved along the drags, and the model turns it into a video.
  It needs the four files of Wan 2.1 that **Drag to Video** names; ComfyUI offers to download them.

1. Pick a picture in **Load Image**, and draw on it.
2. Describe the video in **prompt**.
3. Press **Run**.

The number of frames is a multiple of 4 plus 1. **hold**: higher follows the drags more closely, lower lets the
  model repair more.
""",
    nodes=[
        *start(DRAGS, width=624, height=624, frames=33),
        *drag_to(BLUEPRINT, values={"prompt": "a girl in a pink dress moves to the side"}),
    ],
    app_inputs=("picture.image", "editor.trajectories", "made.prompt"),
)
