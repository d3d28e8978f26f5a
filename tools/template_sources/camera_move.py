"""A camera motion, without any drawn drags."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Node, Template

TEMPLATE = Template(
    title="07 Move the camera",
    note="""## Move the camera, press Run

1. Pick a picture in **Load Image**.
2. Set **DragNUWA Camera Motion**: pan, tilt, zoom and roll add up. The amounts apply to the whole clip.
3. Press **Run**.

Your own drags lie over the camera's. To make them move with the camera, use *08 Move a thing and the camera*.

*spacing* is 20 here, 2.5 times the small model's sigma. For the released checkpoints, use 50.
""",
    nodes=[
        *start(editor_width=480),
        Node(
            "camera", "DragNUWACameraMotion", (840, 40), (320, 440),
            values={"zoom": 30.0, "pan": 10.0, "ease": "ease_in_out", "spacing": 20.0},
            links={"width": "editor.width", "height": "editor.height", "trajectories": "editor.trajectories"},
        ),
        *drag_to(BLUEPRINT, 1190, "camera.trajectories", values={"prompt": "a girl in front of a hill"}),
    ],
)  # fmt: skip
