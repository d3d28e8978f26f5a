"""Wan-Move, ComfyUI's own, steered through TRACKS."""

from tools.blueprint_sources.drag_to_video_wan import FILES, conditioning, loaders, shift, texts
from tools.carried_blueprint import ALIASES
from tools.graph_parts import CLIP, SIZE, decode, sampler, size, video
from tools.templates import Node, Subgraph

MODEL = (
    "https://huggingface.co/Kijai/WanVideo_comfy_fp8_scaled/resolve/main/WanMove/"
    "Wan21-WanMove_fp8_scaled_e4m3fn_KJ.safetensors"
)

BLUEPRINT = Subgraph(
    title="Drag to Video (Wan-Move)",
    description="Turns a picture and drags on it into a video with Wan-Move, which takes drags itself. Connect a "
    "DragNUWA Trajectory Editor.",
    chinese="用本身支持轨迹的 Wan-Move 把图片和其上的轨迹变成视频。请连接 DragNUWA 轨迹编辑器。",
    aliases=ALIASES,
    inputs=(*CLIP, "prompt", "seed", *FILES),
    nodes=[
        *size(frames=81),
        *loaders(MODEL),
        *texts(),
        Node("export", "DragNUWAExportTrajectories", (340, 560), (300, 260),
             links={"trajectories": "inputs.trajectories", **SIZE}),
        conditioning("WanMoveTrackToVideo", tracks="export.tracks"),
        shift(1020),
        sampler(1020, 180, "conditioning", "conditioning.latent", "shift.MODEL", scheduler="simple", steps=20, cfg=5.0),
        decode(1340, 40, "vae.VAE"),
        video(1340, 160, "decode.IMAGE", fps=16.0),
    ],
    outputs={"video": "video.VIDEO", "images": "decode.IMAGE"},
)  # fmt: skip
