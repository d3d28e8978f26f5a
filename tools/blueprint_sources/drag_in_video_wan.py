"""Drags on a video, where Wan 2.1 image-to-video, tied to the rest, repaints what has changed."""

from tools.blueprint_sources.drag_to_video_wan import FILES, MODEL, conditioning, loaders, shift, texts
from tools.graph_parts import OF_VIDEO, decode, edit_in_video, put_back, sampler
from tools.templates import Node, Subgraph

BLUEPRINT = Subgraph(
    title="Drag in a Video (Wan)",
    description="Moves, removes, holds or copies objects in a video by drags (DragNUWA Edit Video), and lets Wan 2.1 "
    "image-to-video repaint what has changed: its sampling is tied to everything else (DragNUWA Tie Video). The sound "
    "and the frame rate stay. Connect Get Video Components and a DragNUWA Trajectory Editor.",
    chinese="用轨迹移动、移除、固定或复制视频中的物体（DragNUWA 编辑视频），并由 Wan 2.1 图生视频重绘变化的部分："
    "采样固定在其余画面上（DragNUWA 固定视频）。声音和帧率保持不变。请连接“获取视频组件”和 DragNUWA 轨迹编辑器。",
    aliases=("video to video", "inpaint video", "motion editing", "remove object", "drag", "sdedit"),
    inputs=(*OF_VIDEO, "prompt", "seed", "hold", *FILES),
    nodes=[
        *loaders(MODEL),
        *texts("first.IMAGE"),
        *edit_in_video(),
        Node("first", "ImageFromBatch", (0, 910), (300, 90), values={"batch_index": 0, "length": 1},
             links={"image": "edit.images"}),
        conditioning("WanImageToVideo", start_image="first.IMAGE", length="size.batch_size"),
        shift(1020),
        Node(
            "tie", "DragNUWATieVideo", (680, 370), (300, 200), values={"hold": 0.3},
            links={"model": "shift.MODEL", "vae": "vae.VAE", "latent": "conditioning.latent", "images": "edit.images",
                   "mask": "edit.mask", "hold": "inputs.hold"},
        ),
        sampler(1020, 180, "conditioning", "conditioning.latent", "tie.model", scheduler="simple", steps=20, cfg=6.0),
        decode(1340, 40, "vae.VAE"),
        *put_back(1340, 160, "decode.IMAGE"),
    ],
    outputs={"video": "video.VIDEO", "images": "whole.IMAGE"},
)  # fmt: skip
