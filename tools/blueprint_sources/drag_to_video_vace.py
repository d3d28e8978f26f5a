"""Wan 2.1 VACE: the moved picture is the control video, and the model paints what has been uncovered."""

from tools.blueprint_sources.drag_to_video_wan import PLACE, loaders, shift, texts
from tools.graph_parts import CLIP, SIZE, decode, sampler, size, video
from tools.templates import Node, Subgraph

MODEL = f"{PLACE}/diffusion_models/wan2.1_vace_1.3B_fp16.safetensors"
FILES = ("model", "text_encoder", "vae")


def conditioning(frames: str, images: str, mask: str) -> Node:
    """VACE's own node, which is shown images and, by a mask, what it may paint of them. Named "conditioning"."""
    return Node(
        "conditioning", "WanVaceToVideo", (680, 40), (300, 290), values={"strength": 1.0},
        links={"positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING", "vae": "vae.VAE",
               "width": "size.width", "height": "size.height", "length": frames, "control_video": images,
               "control_masks": mask},
    )  # fmt: skip


BLUEPRINT = Subgraph(
    title="Drag to Video (VACE)",
    description="Turns a picture and drags on it into a video with Wan 2.1 VACE: the picture's own pixels are moved "
    "along the drags (DragNUWA Move Picture), and the model paints what they uncover. Connect a DragNUWA Trajectory "
    "Editor.",
    chinese="用 Wan 2.1 VACE 把图片和其上的轨迹变成视频：图片自身的像素沿轨迹移动，由模型绘制露出的部分。请连接 "
    "DragNUWA 轨迹编辑器。",
    aliases=("animate", "draw", "motion", "move", "drag", "trajectory", "inpainting", "control video", "cut and drag"),
    inputs=(*CLIP, "masks", "prompt", "seed", "margin", *FILES),
    nodes=[
        *size(frames=33),
        *loaders(MODEL)[: len(FILES)],
        *texts()[:2],
        Node(
            "move", "DragNUWAMovePicture", (340, 400), (300, 330), values={"radius": 75.0},
            links={"image": "inputs.image", "trajectories": "inputs.trajectories", "masks": "inputs.masks", **SIZE},
        ),
        Node("soft", "GrowMask", (340, 790), (300, 90), values={"expand": 8, "tapered_corners": True},
             links={"mask": "move.uncovered", "expand": "inputs.margin"}),
        conditioning("frames.INT", "move.images", "soft.MASK"),
        shift(1020),
        sampler(1020, 180, "conditioning", "conditioning.latent", "shift.MODEL", scheduler="simple", steps=20, cfg=6.0),
        decode(1340, 40, "vae.VAE"),
        video(1340, 160, "decode.IMAGE", fps=16.0),
    ],
    outputs={"video": "video.VIDEO", "images": "decode.IMAGE"},
)  # fmt: skip
