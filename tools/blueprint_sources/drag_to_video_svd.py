"""Stable Video Diffusion, without any DragNUWA weights, steered by the carried picture."""

from tools.carried_blueprint import ALIASES, carried
from tools.graph_parts import carrying, decode, guidance, loader, restore, sampler, size, video
from tools.templates import Node

URL = "https://huggingface.co/stabilityai/stable-video-diffusion-img2vid/resolve/main/svd.safetensors"

BLUEPRINT = carried(
    "SVD",
    "Stable Video Diffusion, without any DragNUWA weights",
    "用 Stable Video Diffusion 把图片和其上的轨迹变成视频，不需要 DragNUWA 权重",
    aliases=(*ALIASES, "time to move"),
    asks=("seed", "hold", "checkpoint"),
    nodes=[
        *size(frames=14),
        loader("checkpoint", "ImageOnlyCheckpointLoader", 220, "ckpt_name", URL, "checkpoints"),
        Node(
            "conditioning", "SVD_img2vid_Conditioning", (340, 40), (300, 260),
            links={"clip_vision": "checkpoint.CLIP_VISION", "init_image": "inputs.image", "vae": "checkpoint.VAE",
                   "width": "size.width", "height": "size.height", "video_frames": "frames.INT"},
        ),
        carrying(340, 370, "checkpoint.MODEL", "checkpoint.VAE", "conditioning.latent", radius=90.0, hold=0.6),
        guidance(680, 40, "carry.model"),
        sampler(680, 180, "conditioning", "carry.latent", steps=25, cfg=2.5),
        decode(1000, 40, "checkpoint.VAE"),
        restore(1000, 160),
        video(1000, 480, "restore.images"),
    ],
)  # fmt: skip
