"""The small model without Carry: its own response to drags and text."""

from tools.graph_parts import CLIP, checkpoint, drag_to, sampling, start, text, video
from tools.templates import Node, Subgraph, Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 128, "height": 128},
 "tracks": [
  {"id": "t1", "name": "left arm", "color": "#1f77b4", "kind": "path", "points": [{"x": 0.27, "y": 0.47}, {"x": 0.24, "y": 0.36}, {"x": 0.3, "y": 0.26}]},
  {"id": "t2", "name": "right arm", "color": "#d62728", "kind": "path", "points": [{"x": 0.75, "y": 0.47}, {"x": 0.78, "y": 0.36}, {"x": 0.72, "y": 0.26}]},
  {"id": "t3", "name": "waist", "color": "#7f7f7f", "kind": "anchor", "points": [{"x": 0.5, "y": 0.62}]}
 ]}"""  # noqa: E501
SIDES = ("width", "height")  # of the clip, which may have no picture here
ALONE = Subgraph(
    title="Drag to Video (embedded, without Carry)",
    inputs=(*CLIP, *SIDES, "prompt", "seed", "strength", "checkpoint"),
    nodes=[
        checkpoint(),
        text(),
        *sampling(clip={name: f"inputs.{name}" for name in ("frames", *SIDES)}),
        video(1000, 160, "decode.IMAGE"),
    ],
    outputs={"video": "video.VIDEO", "images": "decode.IMAGE"},
)

TEMPLATE = Template(
    title="06 The small model alone",
    note="""## Drags and text, nothing else

The small model that comes with the pack, without the moved picture that helps it in *01 Drag a picture*. It knows clips
  of 8 frames of about 128x128 pixels, and it is a beginner: see *models/README.md*.

1. Pick a picture in **Load Image**, and draw on it. A click and Enter holds a spot still.
2. Describe the picture in **prompt**, or leave it empty.
3. Press **Run**.

The drags are shown on the right, frame by frame.
""",
    nodes=[
        *start(DRAGS, editor_width=480),
        *drag_to(
            ALONE, 840, values={"prompt": "a girl with her arms stretched out"},
            **{name: f"editor.{name}" for name in SIDES},
        ),
        Node("preview", "DragNUWAPreviewTrajectories", (1330, 40), (340, 120),
             links={"image": "editor.image", "trajectories": "editor.trajectories", "frames": "editor.frames"}),
        Node("preview_image", "PreviewImage", (1330, 230), (340, 630), "The drags, frame by frame",
             links={"images": "preview.image"}),
    ],
)  # fmt: skip
