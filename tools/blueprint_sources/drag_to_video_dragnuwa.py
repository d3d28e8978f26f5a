"""DragNUWA 1.5 as its authors sample it: nothing but the drags steers the model."""

from dataclasses import replace

from tools.carried_blueprint import ALIASES
from tools.graph_parts import CLIP, checkpoint, sampling, size, video
from tools.templates import Node, Subgraph

FILE = "dragnuwa-svd-pruned.fp16.safetensors"
RELEASED = [
    {
        "name": FILE,
        "url": f"https://huggingface.co/benjamin-paine/dragnuwa-pruned-safetensors/resolve/main/{FILE}",
        "directory": "checkpoints",
    }
]
CHANGED = {"encode": {"kernel_size": 199, "sigma": 20.0}, "sampler": {"steps": 25, "cfg": 2.5}}


def released(node: Node) -> Node:
    """A node of the small model's sampling with the released model's settings, without a text encoder but with CLIP
    vision."""
    links = dict(node.links)
    if node.name == "conditioning":
        del links["positive"]
        links["clip_vision"] = "checkpoint.clip_vision"
    return replace(node, values=node.values | CHANGED.get(node.name, {}), links=links)


BLUEPRINT = Subgraph(
    title="Drag to Video (DragNUWA)",
    description="Turns a picture and drags on it into a video, with the released weights of DragNUWA 1.5 on Stable "
    "Video Diffusion. Connect a DragNUWA Trajectory Editor; the model was trained at 576x320 and 14 frames.",
    chinese="把图片和其上的轨迹变成视频，使用已发布的 DragNUWA 1.5 权重，基于 Stable Video Diffusion。请连接 Drag"
    "NUWA 轨迹编辑器；该模型以 576x320、14 帧训练。",
    aliases=ALIASES,
    inputs=(*CLIP, "seed", "strength", "checkpoint"),
    nodes=[
        *size(frames=14),
        checkpoint(name=FILE, models=RELEASED),
        *(released(node) for node in sampling()),
        video(1000, 160, "decode.IMAGE"),
    ],
    outputs={"video": "video.VIDEO", "images": "decode.IMAGE"},
)
