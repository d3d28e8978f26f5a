"""Drags of the editor steer Wan-Move, ComfyUI's own, through TRACKS."""

from tools.blueprint_sources.drag_to_video_wan_move import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 480, "height": 480},
 "tracks": [
  {"id": "left", "name": "left arm", "color": "#1f77b4", "points": [{"x": 0.27, "y": 0.47}, {"x": 0.24, "y": 0.36}, {"x": 0.3, "y": 0.26}]},
  {"id": "right", "name": "right arm", "color": "#d62728", "points": [{"x": 0.75, "y": 0.47}, {"x": 0.78, "y": 0.36}, {"x": 0.72, "y": 0.26}]},
  {"id": "foot", "name": "feet stay", "color": "#2ca02c", "kind": "anchor", "points": [{"x": 0.45, "y": 0.93}]}
 ]}"""  # noqa: E501

TEMPLATE = Template(
    title="13 Drag a picture with Wan-Move",
    note="""## Draw here, generate with Wan-Move

It needs the four files of Wan-Move that **Drag to Video** names; ComfyUI offers to download them.

1. Pick a picture in **Load Image**, and draw on it.
2. Describe the video in **prompt**.
3. Press **Run**.

The number of frames is a multiple of 4 plus 1. Instead of the editor, you can connect any source of drags:
  a camera, a motion brush, the motion of a video.
""",
    nodes=[
        *start(DRAGS, width=480, height=480, frames=81),
        *drag_to(BLUEPRINT, values={"prompt": "a girl in a pink dress raises her arms"}),
    ],
)
