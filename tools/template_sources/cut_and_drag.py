"""An object is cut out, and rotates as it moves: an object of the editor with keys."""

import json

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Template

GIRL = """
    0.187 0.067, 0.171 0.079, 0.167 0.104, 0.187 0.134, 0.196 0.138, 0.206 0.171, 0.229 0.198, 0.255 0.245, 0.333
    0.337, 0.333 0.392, 0.347 0.401, 0.366 0.401, 0.384 0.386, 0.409 0.382, 0.458 0.407, 0.458 0.421, 0.435 0.425,
    0.419 0.448, 0.278 0.45, 0.259 0.456, 0.243 0.476, 0.247 0.497, 0.265 0.511, 0.407 0.509, 0.403 0.636, 0.394
    0.692, 0.343 0.825, 0.351 0.866, 0.337 0.886, 0.329 0.915, 0.29 0.956, 0.286 0.981, 0.296 0.999, 0.39 0.999,
    0.39 0.987, 0.411 0.972, 0.413 0.958, 0.429 0.938, 0.456 0.864, 0.462 0.858, 0.503 0.858, 0.519 0.905, 0.517
    0.962, 0.538 0.999, 0.628 0.999, 0.632 0.966, 0.62 0.862, 0.646 0.845, 0.649 0.819, 0.64 0.796, 0.636 0.737,
    0.581 0.597, 0.581 0.509, 0.761 0.495, 0.78 0.478, 0.78 0.456, 0.761 0.438, 0.579 0.452, 0.567 0.435, 0.534
    0.429, 0.53 0.396, 0.581 0.374, 0.62 0.431, 0.649 0.433, 0.663 0.417, 0.663 0.396, 0.651 0.366, 0.729 0.278,
    0.749 0.243, 0.792 0.19, 0.831 0.126, 0.831 0.103, 0.813 0.087, 0.776 0.081, 0.608 0.169, 0.558 0.177, 0.538
    0.196, 0.474 0.204, 0.468 0.187, 0.431 0.153, 0.405 0.153, 0.366 0.124, 0.282 0.087
"""  # x y of each corner, fractions of ComfyUI's example picture


def ring(corners: str) -> list[dict[str, float]]:
    places = (corner.split() for corner in corners.split(","))
    return [{"x": float(x), "y": float(y)} for x, y in places]


JUMP = {
    "type": "dragnuwa.trajectories",
    "version": 2,
    "canvas": {"width": 128, "height": 128},
    "tracks": [],
    "objects": [
        {
            "id": "girl",
            "name": "girl",
            "color": "#d62728",
            "outline": [ring(GIRL)],
            "motion": {
                "keys": [
                    {"t": 0.5, "x": 0.02, "y": -0.1, "rotation": -14, "ease": "ease_out"},
                    {"t": 1, "x": 0.06, "rotation": 16, "scale": 0.9, "ease": "ease_in"},
                ]
            },
        }
    ],
}

TEMPLATE = Template(
    title="17 Cut and drag an object",
    note="""## Cut out an object and move it

1. Pick a picture in **Load Image**.
2. Press **B** in the editor and click on an object. Shift-click adds what is missing, Alt-click takes away what is too
  much, **M** paints it.
3. Drag it along its path. Or go to a later frame and use the handles: the round one turns it, the square one makes it
  larger.
4. Press play to preview the motion. Then press **Run**.

Here the girl jumps and turns. Delete her to start over.
""",
    nodes=[*start(json.dumps(JUMP)), *drag_to(BLUEPRINT, values={"prompt": "a girl in front of a hill"})],
    app_inputs=("picture.image", "editor.trajectories", "made.prompt"),
)
