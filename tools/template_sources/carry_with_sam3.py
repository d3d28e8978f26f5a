"""Carry, with Segment Anything 3 (SAM3) finding what is dragged."""

from tools.blueprint_sources.drag_to_video_embedded import BLUEPRINT
from tools.graph_parts import drag_to, loader, start
from tools.template_sources.carry_a_picture import DRAGS
from tools.templates import Node, Subgraph, Template

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

TEMPLATE = Template(
    title="12 Drag what a word names (SAM3)",
    note="""## Say what is dragged

A text says what the drags carry, and Segment Anything 3 finds it in the picture. It needs
  *sam3.1_multiplex_fp16.safetensors* in *models/checkpoints*.

1. Name the object in **words**.
2. Draw drags that begin on that object.
3. Press **Run**. **Preview Mask** shows what was found. If it is empty, the object under the drag's start is used.

The same masks work with SVD and Wan: connect them to *masks* of their **Drag to Video**.
""",
    nodes=[
        *start(DRAGS, editor_width=480),
        Node("find", FIND, (840, 40), (320, 160), values={"words": "girl"}, links={"picture": "picture.IMAGE"}),
        Node("found", "MaskPreview", (840, 300), (320, 320), "Preview Mask", links={"mask": "find.masks"}),
        *drag_to(BLUEPRINT, 1190, values={"prompt": "a girl in a pink dress"}, masks="find.masks"),
    ],
)  # fmt: skip
