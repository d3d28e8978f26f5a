"""A camera that moves through a picture, of which MoGe finds the depth."""

from tools.graph_parts import loader
from tools.templates import Node, Subgraph

URL = "https://huggingface.co/Comfy-Org/MoGe/resolve/main/geometry_estimation/moge_2_vitl_normal_fp16.safetensors"
MOVES = ("truck", "pedestal", "dolly", "orbit", "rise", "pan", "tilt", "dolly_zoom", "handheld", "focus_x", "focus_y")
OF_CLIP, DRAWN = ("width", "height", "frames", "fit"), ("grow", "trajectories", "masks")
FRAMES, RATE = 49, 24.0

BLUEPRINT = Subgraph(
    title="Move the Camera in Depth (MoGe)",
    description="Moves the camera through a picture with parallax: MoGe finds the depth, near objects move more than "
    "far ones and cover them, and what comes into view is filled, at the picture's size (DragNUWA Camera in Depth). "
    "Connect a picture; with a DragNUWA Trajectory Editor, objects that are dragged move in the scene.",
    chinese="让镜头在图片中带视差地移动：由 MoGe 求出深度，近处比远处移动得更多并将其遮挡，露出的部分会被填补"
    "（DragNUWA 纵深镜头）。请连接一张图片。",
    aliases=("parallax", "camera", "dolly", "truck", "orbit", "dolly zoom", "vertigo", "depth", "2.5d", "ken burns"),
    inputs=("picture", *OF_CLIP, *MOVES, *DRAWN, "longer_side", "fps", "model"),
    nodes=[
        loader("model", "LoadMoGeModel", 40, "model_name", URL, "geometry_estimation"),
        Node("geometry", "MoGeInference", (340, 40), (300, 200),
             links={"moge_model": "model.MOGE_MODEL", "image": "inputs.picture"}),
        Node(
            "camera", "DragNUWACameraInDepth", (680, 40), (320, 760),
            values={"frames": FRAMES, "dolly": 0.15, "longer_side": 0},
            links={"image": "inputs.picture", "geometry": "geometry.moge_geometry"}
            | {name: f"inputs.{name}" for name in (*OF_CLIP, *MOVES, *DRAWN, "longer_side")},
        ),
        Node("video", "CreateVideo", (1040, 40), (260, 110), values={"fps": RATE},
             links={"images": "camera.images", "fps": "inputs.fps"}),
    ],
    outputs={"video": "video.VIDEO", "images": "camera.images", "mask": "camera.mask",
             "trajectories": "camera.trajectories"},
)  # fmt: skip
