"""Stable Video Diffusion, without any DragNUWA weights, steered by the carried picture."""

from tools.graph_parts import CLIP, carrying, decode, guidance, loader, restore, sampler, size, video
from tools.templates import Node, Subgraph

URL = "https://huggingface.co/stabilityai/stable-video-diffusion-img2vid/resolve/main/svd.safetensors"

BLUEPRINT = Subgraph(
    title="Drag to Video (SVD)",
    description="Turns a picture and drags on it into a video with Stable Video Diffusion, without any DragNUWA "
    "weights: the picture's own pixels are moved along the drags (DragNUWA Carry), the model makes a video of that, "
    "and the picture's size and detail are restored in it (DragNUWA Restore Detail). Connect a DragNUWA Trajectory "
    "Editor.",
    chinese="用 Stable Video Diffusion 把图片和其上的轨迹变成视频，不需要 DragNUWA 权重：图片自身的像素沿轨迹移动"
    "，再由模型生成视频，并恢复图片的尺寸和细节。请连接 DragNUWA 轨迹编辑器。",
    aliases=("animate", "draw", "motion", "move", "drag", "trajectory", "image to video", "time to move"),
    inputs=("picture", *CLIP, "fit", "masks", "seed", "hold", "checkpoint"),
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
    outputs={"video": "video.VIDEO", "images": "restore.images"},
)  # fmt: skip
