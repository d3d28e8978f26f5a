"""DragAnything on plain Stable Video Diffusion, as its authors sample it; alone, or on the picture that Carry moves."""

from dataclasses import replace

from tools.blueprint_sources.drag_to_video_svd import URL
from tools.carried_blueprint import ALIASES
from tools.graph_parts import CLIP, SIZE, carrying, decode, guidance, loader, restore, sampler, size, video
from tools.templates import Node, Subgraph

SD15 = (
    "https://huggingface.co/Comfy-Org/stable-diffusion-v1-5-archive/resolve/main/v1-5-pruned-emaonly-fp16.safetensors"
)
FOLDER = "DragAnything"  # in models/controlnet
SOURCES = ("picture", *CLIP, "fit", "masks", "seed", "strength")
LOADED = ("checkpoint", "control_net", "sd15")


def conditioning() -> list[Node]:
    """The conditioning: the picture and the entities. Named "size", "frames", "checkpoint", "control_net",
    "sd15", "features", "conditioning" and "apply"."""
    trained_on = {"frames": {"value": 14}}
    picture = {"image": "inputs.picture", "fit": "inputs.fit"}
    side = {name: SIZE[name] for name in ("width", "height")}
    return [
        *(replace(node, values=node.values | trained_on.get(node.name, {})) for node in size()),
        loader("checkpoint", "ImageOnlyCheckpointLoader", 60, "ckpt_name", URL, "checkpoints"),
        Node(
            "control_net", "DragNUWADragAnythingLoadControlNet", (0, 220), (300, 60),
            values={"control_net_name": FOLDER}, links={"control_net_name": "inputs.control_net"},
        ),
        loader("sd15", "CheckpointLoaderSimple", 340, "ckpt_name", SD15, "checkpoints"),
        Node(
            "features", "DragNUWADragAnythingEntityFeatures", (340, 370), (300, 240),
            links={"model": "sd15.MODEL", "clip": "sd15.CLIP", "vae": "sd15.VAE", **picture, **side},
        ),
        Node(
            "conditioning", "SVD_img2vid_Conditioning", (340, 40), (300, 260),
            values={"fps": 7, "motion_bucket_id": 128, "augmentation_level": 0.01},
            links={"clip_vision": "checkpoint.CLIP_VISION", "init_image": "inputs.image", "vae": "checkpoint.VAE",
                   "width": "size.width", "height": "size.height", "video_frames": "frames.INT"},
        ),
        Node(
            "apply", "DragNUWADragAnythingApply", (680, 40), (300, 420),
            links={"positive": "conditioning.positive", "negative": "conditioning.negative",
                   "control_net": "control_net.control_net", "features": "features.features",
                   "trajectories": "inputs.trajectories", "masks": "inputs.masks", "strength": "inputs.strength",
                   **picture, **SIZE},
        ),
    ]  # fmt: skip


BLUEPRINT = Subgraph(
    title="Drag to Video (DragAnything)",
    description="Turns a picture and drags on it into a video in which whole objects follow the drags, with "
    "DragAnything's ControlNet on Stable Video Diffusion. Connect a DragNUWA Trajectory Editor: 576x320 and 14 frames.",
    chinese="把图片和其上的轨迹变成视频，物体整体跟随轨迹：DragAnything 的 ControlNet，基于 Stable Video Diffusio"
    "n。请连接 DragNUWA 轨迹编辑器：576x320，14 帧。",
    aliases=(*ALIASES, "drag anything", "entity"),
    inputs=(*SOURCES, *LOADED),
    nodes=[
        *conditioning(),
        guidance(1020, 40, "checkpoint.MODEL"),
        sampler(1020, 180, "apply", "conditioning.latent", steps=25, cfg=3.0),
        decode(1340, 40, "checkpoint.VAE"),
        video(1340, 160, "decode.IMAGE"),
    ],
    outputs={"video": "video.VIDEO", "images": "decode.IMAGE"},
)

CARRIED = Subgraph(
    title="Drag to Video (DragAnything and Carry)",
    inputs=(*SOURCES, "hold", *LOADED),
    nodes=[
        *conditioning(),
        carrying(680, 520, "checkpoint.MODEL", "checkpoint.VAE", "conditioning.latent", radius=50.0, hold=0.4),
        guidance(1020, 40, "carry.model"),
        sampler(1020, 180, "apply", "carry.latent", steps=25, cfg=3.0),
        decode(1340, 40, "checkpoint.VAE"),
        restore(1340, 160),
        video(1340, 480, "restore.images"),
    ],
    outputs={"video": "video.VIDEO", "images": "restore.images"},
)
