"""A picture in depth, drawn by hand, seen by the camera of a video."""

from tools.blueprint_sources.move_camera_by_hand import FARTHEST
from tools.blueprint_sources.move_camera_in_depth import DRAWN, FRAMES, OF_CLIP, RATE
from tools.templates import Node, Subgraph

INPUTS = (*OF_CLIP, *DRAWN, "path_scale", "focus_x", "focus_y", "farthest", "longer_side")

BLUEPRINT = Subgraph(
    title="Take the Camera of a Video (no model)",
    description="Finds how the camera of a video moved (DragNUWA Camera from Video), and moves the camera through a "
    "picture in the same way, with parallax, at the picture's size: the objects and the horizon that are drawn in a "
    "DragNUWA Trajectory Editor say how far everything is. Connect a video's images, a picture and such an editor.",
    chinese="求出视频中镜头的运动（DragNUWA 视频镜头），并让镜头以同样的方式带视差地穿过一张图片，尺寸与图片相同："
    "在 DragNUWA 轨迹编辑器中绘制的物体和地平线说明各处的远近。请连接视频的图像、一张图片和这样的编辑器。",
    aliases=("camera", "match move", "camera tracking", "solve", "parallax", "depth", "2.5d"),
    inputs=("video", "picture", "view_angle", *INPUTS, "fps"),
    nodes=[
        Node("found", "DragNUWACameraFromVideo", (0, 40), (300, 160), values={"view_angle": 0.0},
             links={"images": "inputs.video", "view_angle": "inputs.view_angle"}),
        Node(
            "camera", "DragNUWACameraInDepth", (340, 40), (320, 760),
            values={"frames": FRAMES, "dolly": 0.0, "farthest": FARTHEST, "longer_side": 0},
            links={"image": "inputs.picture", "path": "found.camera"} | {name: f"inputs.{name}" for name in INPUTS},
        ),
        Node("video", "CreateVideo", (700, 40), (260, 110), values={"fps": RATE},
             links={"images": "camera.images", "fps": "inputs.fps"}),
    ],
    outputs={"video": "video.VIDEO", "images": "camera.images", "mask": "camera.mask",
             "trajectories": "camera.trajectories", "camera": "found.camera"},
)  # fmt: skip
