"""The picture carried along the drags, where Segment Anything 3 (SAM3) says what is dragged."""

from template_sources.carry_a_picture import workflow
from templates import Node, Template

SAM3 = {
    "name": "sam3.1_multiplex_fp16.safetensors",
    "url": "https://huggingface.co/Comfy-Org/sam3.1/resolve/main/checkpoints/sam3.1_multiplex_fp16.safetensors",
    "directory": "checkpoints",
}


def segmenting() -> list[Node]:
    """From words to the mask of what they name."""
    return [
        Node(
            "sam3", "CheckpointLoaderSimple", (-380, 640), (340, 100), values={"ckpt_name": SAM3["name"]},
            properties={"models": [SAM3]},
        ),
        Node(
            "what", "CLIPTextEncode", (-380, 800), (340, 110), "What is dragged", values={"text": "girl"},
            links={"clip": "sam3.CLIP"},
        ),
        Node(
            "detect", "SAM3_Detect", (0, 640), (300, 240),
            links={"model": "sam3.MODEL", "image": "picture.IMAGE", "conditioning": "what.CONDITIONING"},
        ),
        Node("mask", "MaskPreview", (0, 940), (300, 300), "What SAM3 has found", links={"mask": "detect.masks"}),
    ]  # fmt: skip


TEMPLATE = Template(
    note="## Say what is dragged\n\nA text says what the drags carry, and Segment Anything 3 finds it in the picture. "
    "It needs `sam3.1_multiplex_fp16.safetensors` in models/checkpoints.\n\n"
    "1. Name the thing in **What is dragged**, in a word or two.\n"
    "2. Draw in the **Trajectory Editor**, and begin the drags on that thing.\n"
    "3. Press **Run**. Under *What SAM3 has found* you see the mask. Where it is empty, Carry itself looks for the "
    "object under the drag's start.\n\n"
    "**Carry** moves all of the mask along the drags, and **Restore Detail** puts the picture's own detail on it. The "
    "video is made by the small model that comes with the pack. The same nodes give the masks in `carry_with_svd` and "
    "`carry_with_wan`: connect *masks* of SAM3 Detect to *masks* of Carry.\n",
    nodes=workflow("detect.masks", *segmenting()),
)
