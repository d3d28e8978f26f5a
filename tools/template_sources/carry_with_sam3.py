"""Carry, with Segment Anything 3 (SAM3) finding what is dragged."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import LONG, LOW, drag_to, loader, start
from tools.templates import MORE, Node, Subgraph, Template

URL = "https://huggingface.co/Comfy-Org/sam3.1/resolve/main/checkpoints/sam3.1_multiplex_fp16.safetensors"
FIND = Subgraph(
    title="Find by words (SAM3)",
    inputs=("picture", "words", "sam3"),  # in the page, two new nodes would share a widget of one name
    nodes=[
        loader("sam3", "CheckpointLoaderSimple", 40, "ckpt_name", URL, "checkpoints"),
        Node("what", "CLIPTextEncode", (340, 40), (300, 120),
             links={"clip": "sam3.CLIP", "text": "inputs.words"}),
        Node("detect", "SAM3_Detect", (680, 40), (300, 240),
             links={"model": "sam3.MODEL", "image": "inputs.picture", "conditioning": "what.CONDITIONING"}),
    ],
    outputs={"masks": "detect.masks"},
)  # fmt: skip

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 168, "height": 96},
 "tracks": [
  {"id": "t1", "name": "bird", "color": "#d62728", "kind": "path", "points": [{"x": 0.385, "y": 0.33}, {"x": 0.47, "y": 0.375}]}
 ]}"""  # noqa: E501

TEMPLATE = Template(
    title="Drag what a word names (SAM3)",
    folder=MORE,
    note="""## Say what is dragged

A text says what the drags carry, and Segment Anything 3 finds it in the picture. It needs
  *sam3.1_multiplex_fp16.safetensors* in *models/checkpoints*.

1. Name the object in **words**.
2. Draw drags that begin on that object.
3. Press **Run**. **Preview Mask** shows what was found. If it is empty, the object under the drag's start is used.

The same masks work with SVD and Wan: connect them to *masks* of their **Drag to Video**.
""",
    chinese="""## 用文字说明拖动什么

文字说明轨迹带动什么，Segment Anything 3 在图片中找到它。需要在 *models/checkpoints* 中放入
  *sam3.1_multiplex_fp16.safetensors*。

1. 在 **words** 中写出物体的名称。
2. 绘制从该物体开始的轨迹。
3. 按“运行”。**Preview Mask** 显示找到的内容。如果为空，则使用轨迹起点下的物体。

这些遮罩也可用于 SVD 和 Wan：把它们连接到其 **Drag to Video** 的 *masks*。
""",
    nodes=[
        *start(DRAGS, width=LONG, height=LOW, picture="dragnuwa-wren.jpg", editor_size=(480, 820)),
        Node("find", FIND, (840, 40), (320, 160), values={"words": "bird"}, links={"picture": "picture.IMAGE"}),
        Node("found", "MaskPreview", (840, 300), (320, 320), "Preview Mask", links={"mask": "find.masks"}),
        *drag_to(BLUEPRINT, 1190, values={"prompt": "a small bird behind a rock"}, masks="find.masks"),
    ],
)  # fmt: skip
