"""Drawn motion that rides on a moving camera."""

import json

from template_sources.parts import checkpoint, editor, picture, preview, sampling, text, video
from templates import Node, Template

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
    note="""## A thing moves while the camera moves

1. Pick a picture in **Load Image**.
2. Draw in the **Trajectory Editor** how things move, as if the camera stood still.
3. Set the camera in **DragNUWA Camera Motion**.
4. **DragNUWA Merge Trajectories** in the mode `layer` moves the drags along with the camera. `clearance` keeps the
  camera's own drags that many pixels away from yours.
5. Press **Run**. The preview shows the sum of both.

Anything that follows the background can be the camera: a single drag is a shift, two are a shift, turn and growth.

This runs on the small model that comes with the pack.
""",
    nodes=[
        picture((0, 40)),
        checkpoint((0, 440)),
        text((0, 650), "a girl in front of a hill"),
        editor((340, 40), json.dumps(ARMS)),
        Node(
            "camera", "DragNUWACameraMotion", (800, 40), (320, 400),
            values={"zoom": 0.0, "pan": -20.0, "spacing": 20.0},
            links={"width": "editor.width", "height": "editor.height"},
        ),
        Node(
            "merge", "DragNUWAMergeTrajectories", (800, 500), (320, 210), values={"clearance": 24.0},
            links={
                "trajectories": "editor.trajectories", "under": "camera.trajectories", "width": "editor.width",
                "height": "editor.height", "frames": "editor.frames",
            },
        ),
        *preview((800, 780), "merge.trajectories"),
        *sampling((1260, 40), "merge.trajectories"),
        *video((2160, 40), "decode.IMAGE"),
    ],
)  # fmt: skip
