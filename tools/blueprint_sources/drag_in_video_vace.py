"""Drags on a video, where Wan 2.1 VACE repaints what has changed."""

from tools.blueprint_sources.drag_to_video_vace import FILES, MODEL, conditioning
from tools.blueprint_sources.drag_to_video_wan import loaders, shift, texts
from tools.graph_parts import OF_VIDEO, decode, edit_in_video, put_back, sampler
from tools.templates import Subgraph

BLUEPRINT = Subgraph(
    title="Drag in a Video (VACE)",
    description="Moves, removes, holds or copies objects in a video by drags (DragNUWA Edit Video), and lets Wan 2.1 "
    "VACE repaint what has changed; everything else, the sound and the frame rate stay as they were. Connect Get Video "
    "Components and a DragNUWA Trajectory Editor.",
    chinese="用轨迹移动、移除、固定或复制视频中的物体（DragNUWA 编辑视频），并由 Wan 2.1 VACE 重绘变化的部分；"
    "其余画面、声音和帧率保持不变。请连接“获取视频组件”和 DragNUWA 轨迹编辑器。",
    aliases=("video to video", "inpaint video", "motion editing", "remove object", "drag", "control video"),
    inputs=(*OF_VIDEO, "prompt", "seed", *FILES),
    nodes=[
        *loaders(MODEL)[: len(FILES)],
        *texts()[:2],
        *edit_in_video(),
        conditioning("size.batch_size", "edit.images", "edit.mask"),
        shift(1020),
        sampler(1020, 180, "conditioning", "conditioning.latent", "shift.MODEL", scheduler="simple", steps=20, cfg=6.0),
        decode(1340, 40, "vae.VAE"),
        *put_back(1340, 160, "decode.IMAGE"),
    ],
    outputs={"video": "video.VIDEO", "images": "whole.IMAGE"},
)  # fmt: skip
