"""A camera that moves through a picture whose depth is drawn by hand; the small model paints what comes into view."""

from tools.blueprint_sources.move_camera_by_hand import FARTHEST
from tools.blueprint_sources.move_camera_in_depth import DRAWN, MOVES
from tools.graph_parts import checkpoint, sampling, size, text, video
from tools.templates import Node, Subgraph

RATE = 7.0
CLIP = {"width": "size.width", "height": "size.height", "frames": "frames.INT"}
TAKEN = ("fit", *MOVES, *DRAWN, "farthest")

BLUEPRINT = Subgraph(
    title="Move the Camera in Depth (embedded)",
    description="Moves the camera through a picture with parallax; the small model that comes with the pack paints "
    "what comes into view, tied to the rest. The objects and the horizon of a DragNUWA Trajectory Editor say how far "
    "everything is.",
    chinese="让镜头在图片中带视差地移动；随节点包附带的小模型绘制露出的部分，并与其余部分衔接。DragNUWA 轨迹编辑器中的"
    "物体和地平线说明各处的远近。",
    aliases=("parallax", "camera", "dolly", "truck", "orbit", "depth", "2.5d"),
    inputs=("picture", "image", "frames", *TAKEN, "prompt", "seed", "strength", "hold", "checkpoint"),
    nodes=[
        *size(),
        checkpoint(),
        text(),
        Node(
            "camera", "DragNUWACameraInDepth", (340, 660), (320, 760), values={"dolly": 0.0, "farthest": FARTHEST},
            links={"image": "inputs.picture", **CLIP} | {name: f"inputs.{name}" for name in TAKEN},
        ),
        *sampling(drags="camera.trajectories", adapted="tie.model"),
        Node("tie", "DragNUWATieVideo", (700, 660), (280, 200), values={"hold": 0.5},
             links={"model": "apply.model", "vae": "checkpoint.vae", "latent": "conditioning.latent",
                    "images": "camera.images", "mask": "camera.mask", "hold": "inputs.hold"}),
        Node("whole", "ImageCompositeMasked", (1000, 160), (260, 170), values={"x": 0, "y": 0, "resize_source": True},
             links={"destination": "camera.images", "source": "decode.IMAGE", "mask": "camera.mask"}),
        video(1000, 480, "whole.IMAGE", RATE),
    ],
    outputs={"video": "video.VIDEO", "images": "whole.IMAGE"},
)  # fmt: skip
