"""The motion of a video, transferred to another picture. The graph makes the driving video, so no file is needed."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import FRAMES, HEIGHT, SMALL, WIDTH, drag_to, start
from tools.templates import Node, Subgraph, Template

HEAD = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 128, "height": 128},
 "tracks": [
  {"id": "head", "name": "head", "color": "#1f77b4", "points": [{"x": 0.5, "y": 0.32}, {"x": 0.57, "y": 0.3}, {"x": 0.64, "y": 0.33}]}
 ]}"""  # noqa: E501
CLIP = {"width": "drawn.width", "height": "drawn.height"}

DRIVING = Subgraph(
    title="A driving video",
    inputs=("picture",),
    nodes=[
        Node("other", "ImageInvert", (0, 40), (300, 60), links={"image": "inputs.picture"}),
        Node(
            "drawn", "DragNUWATrajectoryEditor", (0, 180), (480, 740),
            values={"trajectories": HEAD, "width": WIDTH, "height": HEIGHT, "frames": FRAMES},
            links={"image": "other.IMAGE"},
        ),
        Node("checkpoint", "DragNUWALoadCheckpoint", (520, 40), (300, 150), values={"ckpt_name": SMALL}),
        Node("empty", "EmptyLatentImage", (520, 260), (300, 150), links={**CLIP, "batch_size": "drawn.frames"}),
        Node(
            "driver", "DragNUWACarry", (860, 40), (300, 380), values={"radius": 36.0},
            links={"image": "drawn.image", "trajectories": "drawn.trajectories", "vae": "checkpoint.vae",
                   "latent": "empty.LATENT", "frames": "drawn.frames", **CLIP},
        ),
    ],
    outputs={"images": "driver.video"},
)  # fmt: skip

TEMPLATE = Template(
    title="10 The motion of a video",
    note="""## The motion of a video, on your picture

1. Pick a picture in **Load Image**.
2. Press **Run**. **DragNUWA Sample Trajectories** finds how the driving video moves and draws tracks where it moves
  most; they become the drags of your picture.
3. Another *seed* picks other tracks, a larger *count* picks more.

For your own video: add **Load Video** and **Get Video Components**, and connect their images to *video* of
  **Sample Trajectories**, in place of *A driving video*, which is the example in other colours with its head moved.
""",
    nodes=[
        *start(editor_width=480),
        Node("driving", DRIVING, (840, 40), (320, 60), links={"picture": "picture.IMAGE"}),
        Node("sample", "DragNUWASampleTrajectories", (840, 190), (320, 230),
             values={"count": 8, "seed": 2, "control_after_generate": "fixed"}, links={"video": "driving.images"}),
        *drag_to(BLUEPRINT, 1190, "sample.trajectories", values={"prompt": "a girl in front of a hill"}),
    ],
)  # fmt: skip
