"""The first template: nothing has to be downloaded."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 128, "height": 128},
 "tracks": [
  {"id": "t1", "name": "dress", "color": "#d62728", "kind": "path", "points": [{"x": 0.5, "y": 0.65}, {"x": 0.58, "y": 0.55}, {"x": 0.66, "y": 0.65}]},
  {"id": "t2", "name": "hair", "color": "#1f77b4", "kind": "path", "points": [{"x": 0.36, "y": 0.2}, {"x": 0.44, "y": 0.1}, {"x": 0.52, "y": 0.2}]}
 ]}"""  # noqa: E501
APP = ("picture.image", "editor.trajectories", "made.prompt")

TEMPLATE = Template(
    title="01 Drag a picture",
    note="""## 1. Pick a picture

in **Load Image**, or drop one on the editor.

## 2. Draw on it

Press on an object and drag it to where it should go. The play button shows the motion, **?** the keys.

## 3. Press Run

The video appears on the right.

---

No download is needed: the small model comes with the pack.

To choose exactly what moves, right-click **Load Image**, choose *Open in MaskEditor*, and paint it.
""",
    nodes=[*start(DRAGS), *drag_to(BLUEPRINT, values={"prompt": "a girl in a pink dress"})],
    app_inputs=APP,
)
