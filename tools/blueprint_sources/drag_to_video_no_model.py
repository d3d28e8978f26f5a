"""The moved picture alone, which needs no model."""

from tools.graph_parts import CLIP, size
from tools.templates import Node, Subgraph

FRAMES, RATE = 60, 24.0

BLUEPRINT = Subgraph(
    title="Drag to Video (no model)",
    description="Turns a picture and drags on it into a video in seconds, without any model: the picture's own pixels "
    "are moved along the drags, at the picture's size, and the areas they uncover are filled (DragNUWA Move "
    "Picture). Connect a DragNUWA Trajectory Editor.",
    chinese="数秒内把图片和其上的轨迹变成视频，不用任何模型：图片自身的像素按原尺寸沿轨迹移动，露出的区域会被填补"
    "。请连接 DragNUWA 轨迹编辑器。",
    aliases=("animate", "draw", "motion", "move", "drag", "trajectory", "composite", "cut and drag"),
    inputs=("picture", *CLIP, "fit", "masks", "background", "longer_side", "fps"),
    nodes=[
        *size(frames=FRAMES),
        Node(
            "move", "DragNUWAMovePicture", (340, 40), (300, 330),
            links={"image": "inputs.picture", "trajectories": "inputs.trajectories", "width": "size.width",
                   "height": "size.height", "frames": "frames.INT", "longer_side": "inputs.longer_side",
                   "fit": "inputs.fit", "masks": "inputs.masks", "background": "inputs.background"},
        ),
        Node("video", "CreateVideo", (680, 40), (260, 110), values={"fps": RATE},
             links={"images": "move.images", "fps": "inputs.fps"}),
    ],
    outputs={"video": "video.VIDEO", "images": "move.images"},
)  # fmt: skip
