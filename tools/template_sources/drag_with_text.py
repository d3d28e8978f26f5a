"""The small model without Carry: its own response to drags and text."""

from tools.graph_parts import CLIP, TALL, WIDE, checkpoint, drag_to, sampling, start, text, video
from tools.outlines import TAKING_OFF
from tools.templates import MORE, Node, Subgraph, Template

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
    title="The small model alone",
    folder=MORE,
    note="""## Drags and text, nothing else

The small model that comes with the pack, without the moved picture that helps it in *Drag a picture*. It knows clips
  of 8 frames of about 128x128 pixels, and it is a beginner: see *models/README.md*.

1. Pick a picture in **Load Image**, and draw on it. A click and Enter holds a spot still.
2. Describe the picture in **prompt**, or leave it empty.
3. Press **Run**.

The drags are shown on the right, frame by frame.
""",
    chinese="""## 只有轨迹和文字

随节点包附带的小模型，没有 *Drag a picture* 中帮助它的移动图片。它只熟悉约 128x128 像素、8 帧的片段，还是个初学者：见
  *models/README.md*。

1. 在 **Load Image** 中选择图片，并在上面绘制。单击并按 Enter 可使一处保持不动。
2. 在 **prompt** 中描述图片，或留空。
3. 按“运行”。

轨迹逐帧显示在右侧。
""",
    nodes=[
        *start(TAKING_OFF, width=WIDE, height=TALL, picture="dragnuwa-rocket.jpg", editor_size=(480, 820)),
        *drag_to(
            ALONE, 840, values={"prompt": "a white rocket between towers at dusk, rising"},
            **{name: f"editor.{name}" for name in SIDES},
        ),
        Node("preview", "DragNUWAPreviewTrajectories", (1330, 40), (340, 120),
             links={"image": "editor.image", "trajectories": "editor.trajectories", "frames": "editor.frames"}),
        Node("preview_image", "PreviewImage", (1330, 230), (340, 630), "The drags, frame by frame",
             links={"images": "preview.image"}),
    ],
)  # fmt: skip
