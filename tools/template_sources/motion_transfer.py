"""The motion of a video on another picture. The driving video is made inside the graph, so that no file is needed."""

from dataclasses import replace

from template_sources.parts import checkpoint, editor, picture, preview, sampling, text, video
from templates import Group, Node, Template

HEAD = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 128, "height": 128},
 "tracks": [
  {"id": "head", "name": "head", "color": "#1f77b4", "points": [{"x": 0.5, "y": 0.32}, {"x": 0.57, "y": 0.3}, {"x": 0.64, "y": 0.33}]}
 ]}"""  # noqa: E501

SIZE = {name: f"editor.{name}" for name in ("width", "height", "frames")}


def driving() -> list[Node]:
    """A video of the picture in other colours, whose head moves to the side. Named "driver"; connect its video."""
    drawn = replace(editor((-1180, 40), HEAD, image="other.IMAGE"), name="drawn", title="What the driving video does")
    return [
        Node("other", "ImageInvert", (-1520, 40), (300, 60), links={"image": "picture.IMAGE"}),
        drawn,
        Node(
            "driver", "DragNUWACarry", (-720, 40), (300, 380), values={"radius": 36.0},
            links={
                "image": "drawn.image", "trajectories": "drawn.trajectories", "vae": "checkpoint.vae",
                "latent": "conditioning.latent", **SIZE,
            },
        ),
        Node(
            "driving_video", "PreviewImage", (-720, 480), (300, 340), "The driving video",
            links={"images": "driver.video"},
        ),
    ]  # fmt: skip


TEMPLATE = Template(
    note="""## The motion of a video, on your picture

1. Pick a picture in **Load Image**.
2. Press **Run**. **DragNUWA Sample Trajectories** finds how the driving video moves and draws tracks where it moves
  most; they become the drags of your picture. The preview shows them.
3. Another `seed` draws other tracks, a larger `count` more of them.

For a video of your own: add **Load Video** and **Get Video Components**, and connect their images to `video` of
  **Sample Trajectories**. Then delete what stands in the frame *The driving video*: it makes one without a file, the
  example in other colours whose head is moved to the side.

The clip takes the whole way of the driving video, whatever its number of frames. Use a shot of the same kind as your
  picture: the tracks lie at the same places.

This runs on the small model that comes with the pack.
""",
    nodes=[
        *driving(),
        picture((0, 40)),
        checkpoint((0, 440)),
        text((0, 650), "a girl in front of a hill"),
        editor((340, 40)),
        Node("sample", "DragNUWASampleTrajectories", (800, 40), (320, 230),
             values={"count": 8, "seed": 3, "control_after_generate": "fixed"}, links={"video": "driver.video"}),
        *preview((800, 360), "sample.trajectories"),
        *sampling((1260, 40), "sample.trajectories"),
        *video((2160, 40), "decode.IMAGE"),
    ],
    groups=[Group("The driving video", (-1540, -40), (1140, 900))],
    note_at=(-1920, 40),
)  # fmt: skip
