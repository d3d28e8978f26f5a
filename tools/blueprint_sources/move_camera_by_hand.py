"""A camera that moves through a picture whose depth is drawn by hand, which needs no model."""

from tools.blueprint_sources.move_camera_in_depth import DRAWN, FRAMES, MOVES, OF_CLIP, RATE
from tools.templates import Node, Subgraph

FARTHEST = 20.0
INPUTS = (*OF_CLIP, *MOVES, *DRAWN, "farthest", "longer_side")

BLUEPRINT = Subgraph(
    title="Move the Camera in Depth (no model)",
    description="Moves the camera through a picture with parallax, without any model, at the picture's size: the "
    "objects and the horizon that are drawn in a DragNUWA Trajectory Editor say how far everything is (DragNUWA Camera "
    "in Depth). Connect a picture and such an editor.",
    chinese="让镜头在图片中带视差地移动，不用任何模型，尺寸与图片相同：在 DragNUWA 轨迹编辑器中绘制的"
    "物体和地平线说明各处的远近（DragNUWA 纵深镜头）。请连接一张图片和这样的编辑器。",
    aliases=("parallax", "camera", "dolly", "truck", "orbit", "dolly zoom", "depth", "2.5d", "ken burns", "layers"),
    inputs=("picture", *INPUTS, "fps"),
    nodes=[
        Node(
            "camera", "DragNUWACameraInDepth", (0, 40), (320, 760),
            values={"frames": FRAMES, "dolly": 0.0, "farthest": FARTHEST, "longer_side": 0},
            links={"image": "inputs.picture"} | {name: f"inputs.{name}" for name in INPUTS},
        ),
        Node("video", "CreateVideo", (360, 40), (260, 110), values={"fps": RATE},
             links={"images": "camera.images", "fps": "inputs.fps"}),
    ],
    outputs={"video": "video.VIDEO", "images": "camera.images", "mask": "camera.mask",
             "trajectories": "camera.trajectories"},
)  # fmt: skip
