"""What lies under a mask moves: the clouds of ComfyUI's example picture, found by their colour."""

from template_sources.parts import checkpoint, editor, picture, preview, sampling, text, video
from templates import Node, Template

WHITE = 0xFFFFFF

TEMPLATE = Template(
    note="""## Paint what moves, press Run

The clouds of the example are white, so **ImageColorToMask** finds them. For a picture of your own:

1. Pick it in **Load Image**. Right-click the node, choose *Open in MaskEditor*, paint what is to move, and save.
2. Connect the MASK of **Load Image** to **DragNUWA Motion Brush**, in place of the colour's.
3. Set how far it moves and where to, or let it grow or turn. `hold` keeps the rest where it is, with a soft edge of
  `feather` pixels.
4. Press **Run**.

For a second mask with its own motion, add another Motion Brush and connect the first one's drags to its
  `trajectories`. A drag drawn in the **Trajectory Editor** can be the way: connect it to `path`.

This runs on the small model that comes with the pack.
""",
    nodes=[
        picture((0, 40)),
        checkpoint((0, 440)),
        text((0, 650), "a girl in front of a hill"),
        editor((340, 40)),
        Node(
            "mask", "ImageColorToMask", (800, 40), (320, 80), values={"color": WHITE}, links={"image": "picture.IMAGE"}
        ),
        Node(
            "brush", "DragNUWAMotionBrush", (800, 180), (320, 480),
            values={"distance": 12.0, "direction": 180.0, "feather": 10.0, "spacing": 20.0},
            links={"mask": "mask.MASK", "width": "editor.width", "height": "editor.height",
                   "trajectories": "editor.trajectories"},
        ),
        *preview((800, 740), "brush.trajectories"),
        *sampling((1260, 40), "brush.trajectories"),
        *video((2160, 40), "decode.IMAGE"),
    ],
)  # fmt: skip
