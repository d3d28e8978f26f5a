"""The area under a mask moves: the clouds of ComfyUI's example picture, found by their colour."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import drag_to, start
from tools.templates import Node, Template

WHITE = 0xFFFFFF

TEMPLATE = Template(
    title="09 Paint what moves",
    note="""## Paint what moves, press Run

The clouds of the example are white, so **ImageColorToMask** finds them. For your own picture:

1. Pick it in **Load Image**. Right-click the node, choose *Open in MaskEditor*, paint what should move, and save.
2. Connect the MASK of **Load Image** to **DragNUWA Motion Brush**, in place of the colour's.
3. Set distance and direction, scale or rotation. *hold* keeps the rest in place.
4. Press **Run**.

For a second mask, add another Motion Brush and connect the first one's drags to its *trajectories*.
""",
    nodes=[
        *start(editor_width=480),
        Node("mask", "ImageColorToMask", (840, 40), (320, 80), values={"color": WHITE},
             links={"image": "picture.IMAGE"}),
        Node(
            "brush", "DragNUWAMotionBrush", (840, 190), (320, 480),
            values={"distance": 12.0, "direction": 180.0, "feather": 10.0, "spacing": 20.0},
            links={"mask": "mask.MASK", "width": "editor.width", "height": "editor.height",
                   "trajectories": "editor.trajectories"},
        ),
        *drag_to(BLUEPRINT, 1190, "brush.trajectories", values={"prompt": "a girl in front of a hill"}),
    ],
)  # fmt: skip
