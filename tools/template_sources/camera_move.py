"""A camera motion, without a single drag drawn."""

from template_sources.parts import checkpoint, editor, picture, preview, sampling, text, video
from templates import Node, Template

TEMPLATE = Template(
    note="""## Move the camera, press Run

1. Pick a picture in **Load Image**.
2. Set **DragNUWA Camera Motion**: pan, tilt, zoom and roll add up. Amounts are for the whole clip.
3. Press **Run**. The preview shows how each place of the picture moves; the video appears at the right.

Drags that you draw in the **Trajectory Editor** come over the camera's. To let them ride on the camera, take the
  template `camera_under_object`.

`spacing` is 20 here, 2.5 times the sigma of **Encode Trajectories**: so the drag maps are as strong as the motion.
  For the released checkpoints, with sigma 20, it is 50.

This runs on the small model that comes with the pack. It follows a camera only a little yet.
""",
    nodes=[
        picture((0, 40)),
        checkpoint((0, 440)),
        text((0, 650), "a girl in front of a hill"),
        editor((340, 40)),
        Node(
            "camera", "DragNUWACameraMotion", (800, 40), (320, 400),
            values={"zoom": 30.0, "pan": 10.0, "ease": "ease_in_out", "spacing": 20.0},
            links={"width": "editor.width", "height": "editor.height", "trajectories": "editor.trajectories"},
        ),
        *preview((800, 540), "camera.trajectories"),
        *sampling((1260, 40), "camera.trajectories"),
        *video((2160, 40), "decode.IMAGE"),
    ],
)  # fmt: skip
