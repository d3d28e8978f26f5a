"""The last frame of the clip, as a picture."""

from tools.blueprint_sources.drag_to_video_embedded import INPUTS, nodes
from tools.templates import Node, Subgraph

BLUEPRINT = Subgraph(
    title="Drag to Picture",
    description="A picture with its objects where the drags have moved them: the last frame of a short clip by the "
    "pack's small model, with the picture's own pixels and detail. Connect a DragNUWA Trajectory Editor.",
    chinese="得到一张物体已移到轨迹终点的图片：随节点包附带的小模型所生成短片的最后一帧，使用图片自身的像素和细节"
    "。请连接 DragNUWA 轨迹编辑器。",
    aliases=("drag", "move", "edit", "DragGAN", "DragDiffusion", "image to image"),
    inputs=INPUTS,
    nodes=[
        *nodes(),
        # An index beyond the last frame is the last frame.
        Node("last", "ImageFromBatch", (1000, 480), (260, 110), "The last frame",
             values={"batch_index": 4095, "length": 1}, links={"image": "restore.images"}),
    ],
    outputs={"image": "last.IMAGE", "images": "restore.images"},
)  # fmt: skip
