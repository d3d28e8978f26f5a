"""A changed picture in place of a video."""

from tools.blueprint_sources.drag_to_picture import BLUEPRINT
from tools.graph_parts import BESIDE, TALL, WIDE, drag_to, start
from tools.outlines import TIGER, moved
from tools.template_sources.carry_a_picture import APP
from tools.templates import Node, Template

AWAY = moved("tiger", TIGER, {"points": [{"x": 0.6, "y": 0.4}, {"x": 0.38, "y": 0.42}]})
made, _ = drag_to(BLUEPRINT, values={"prompt": "a tiger in the snow"})

TEMPLATE = Template(
    title="Drag to a new picture",
    note="""## Move objects in a picture

1. Pick a picture in **Load Image**.
2. Draw from where an object is to where it should be, or cut it out (**B**) and drag it.
3. Press **Run**. After a few seconds, the changed picture appears on the right.

It is the last frame of a short clip by the pack's small model, with the picture's own pixels. No download is needed.
""",
    chinese="""## 移动图片中的物体

1. 在 **Load Image** 中选择图片。
2. 从物体所在的位置画到它应在的位置，或抠出它（**B**）再拖动。
3. 按“运行”。几秒后，修改后的图片出现在右侧。

它是小模型生成的短片的最后一帧，使用图片自身的像素。无需下载。
""",
    nodes=[
        *start(AWAY, width=WIDE, height=TALL, picture="dragnuwa-tiger.jpg"),
        made,
        Node("save", "SaveImage", (BESIDE, 450), (460, 410), "The picture", values={"filename_prefix": "dragnuwa"},
             links={"images": "made.image"}),
    ],
    app_inputs=APP,
)  # fmt: skip
