"""The last frame of the clip, as a picture."""

from tools.blueprint_sources.drag_to_video_embedded import INPUTS, nodes
from tools.templates import Node, Subgraph

BLUEPRINT = Subgraph(
    title="Drag to Picture",
    description="A picture with its objects where the drags have moved them: the last frame of a short clip by the "
    "pack's small model, with the picture's own pixels and detail. Connect a DragNUWA Trajectory Editor.",
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
