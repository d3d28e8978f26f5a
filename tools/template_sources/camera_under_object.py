"""Drawn motion on top of a moving camera."""

import json

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Node, Template

ARMS = {
    "type": "dragnuwa.trajectories",
    "version": 1,
    "canvas": {"width": 128, "height": 128},
    "tracks": [
        {
            "id": "left",
            "name": "left arm",
            "color": "#1f77b4",
            "points": [{"x": 0.27, "y": 0.47}, {"x": 0.24, "y": 0.36}, {"x": 0.3, "y": 0.26}],
        },
        {
            "id": "right",
            "name": "right arm",
            "color": "#d62728",
            "points": [{"x": 0.75, "y": 0.47}, {"x": 0.78, "y": 0.36}, {"x": 0.72, "y": 0.26}],
        },
    ],
}

TEMPLATE = Template(
    title="08 Move a thing and the camera",
    note="""## An object moves while the camera moves

1. Pick a picture in **Load Image**.
2. Draw how objects move, as if the camera stood still.
3. Set the camera in **DragNUWA Camera Motion**.
4. **DragNUWA Merge Trajectories** in the mode *layer* moves the drags along with the camera. *clearance* keeps the
  camera's own drags that many pixels away from yours.
5. Press **Run**.

Any drags that follow the background can be the camera: one drag shifts it, two also rotate and scale it.
""",
    nodes=[
        *start(json.dumps(ARMS), editor_width=480),
        Node(
            "camera", "DragNUWACameraMotion", (840, 40), (320, 440),
            values={"zoom": 0.0, "pan": -20.0, "spacing": 20.0},
            links={"width": "editor.width", "height": "editor.height"},
        ),
        Node(
            "merge", "DragNUWAMergeTrajectories", (840, 560), (320, 230), values={"clearance": 24.0},
            links={
                "trajectories": "editor.trajectories", "under": "camera.trajectories", "width": "editor.width",
                "height": "editor.height", "frames": "editor.frames",
            },
        ),
        *drag_to(BLUEPRINT, 1190, "merge.trajectories", values={"prompt": "a girl in front of a hill"}),
    ],
)  # fmt: skip
