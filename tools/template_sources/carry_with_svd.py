"""Stable Video Diffusion, without any DragNUWA weights, steered by the carried picture."""

from dataclasses import replace

from template_sources.parts import editor, picture, preview, restore, video
from templates import Node, Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 1024, "height": 576},
 "tracks": [
  {"id": "t1", "name": "dress", "color": "#d62728", "kind": "path", "points": [{"x": 0.5, "y": 0.6}, {"x": 0.58, "y": 0.6}, {"x": 0.66, "y": 0.6}]},
  {"id": "t2", "name": "hair", "color": "#1f77b4", "kind": "path", "points": [{"x": 0.42, "y": 0.12}, {"x": 0.5, "y": 0.12}, {"x": 0.58, "y": 0.12}]}
 ]}"""  # noqa: E501
SVD = {
    "name": "svd.safetensors",
    "url": "https://huggingface.co/stabilityai/stable-video-diffusion-img2vid/resolve/main/svd.safetensors",
    "directory": "checkpoints",
}
SIZE = {name: f"editor.{name}" for name in ("width", "height")}


def drawn() -> Node:
    made = editor((340, 40), DRAGS)
    return replace(made, values=made.values | {"width": 1024, "height": 576, "frames": 14})


TEMPLATE = Template(
    note="## Drag with Stable Video Diffusion\n\nNo DragNUWA weights are needed: the picture itself is moved along the "
    "drags, and the model makes a video of it. It needs `svd.safetensors` in models/checkpoints.\n\n1. Pick a picture, "
    "and draw in the **Trajectory Editor**.\n2. Say what belongs to the drag: right-click **Load Image**, choose Open "
    "in MaskEditor, and paint the whole thing. Without a mask the object under the drag's start is "
    "looked for.\n3. "
    "Press **Run**.\n\n**hold** says how long the sampling stays tied to the moved picture: more follows the drags "
    "more closely, less lets the model repair more. **Differential Diffusion** has to stay on the model. "
    "**Restore Detail** gives the video the picture's size and detail.\n",
    nodes=[
        picture((0, 40)),
        Node(
            "checkpoint", "ImageOnlyCheckpointLoader", (0, 440), (300, 100), values={"ckpt_name": SVD["name"]},
            properties={"models": [SVD]},
        ),
        drawn(),
        Node(
            "conditioning", "SVD_img2vid_Conditioning", (800, 40), (300, 260),
            links={
                "clip_vision": "checkpoint.CLIP_VISION", "init_image": "editor.image", "vae": "checkpoint.VAE",
                "video_frames": "editor.frames", **SIZE,
            },
        ),
        Node(
            "carry", "DragNUWACarry", (800, 370), (300, 380), values={"radius": 90.0},
            links={
                "image": "picture.IMAGE", "masks": "picture.MASK", "trajectories": "editor.trajectories",
                "vae": "checkpoint.VAE", "latent": "conditioning.latent", "frames": "editor.frames", **SIZE,
            },
        ),
        Node("differential", "DifferentialDiffusion", (1140, 40), (280, 80), links={"model": "checkpoint.MODEL"}),
        Node(
            "guidance", "VideoLinearCFGGuidance", (1140, 180), (280, 80), values={"min_cfg": 1.0},
            links={"model": "differential.MODEL"},
        ),
        Node(
            "sampler", "KSampler", (1140, 320), (280, 270),
            values={
                "seed": 42, "control_after_generate": "fixed", "steps": 25, "cfg": 2.5, "sampler_name": "euler",
                "scheduler": "karras",
            },
            links={
                "model": "guidance.MODEL", "positive": "conditioning.positive", "negative": "conditioning.negative",
                "latent_image": "carry.latent",
            },
        ),
        Node(
            "crude", "PreviewImage", (1140, 800), (420, 340), "What is carried, frame by frame",
            links={"images": "carry.video"},
        ),
        Node(
            "decode", "VAEDecode", (1460, 40), (220, 60),
            links={"samples": "sampler.LATENT", "vae": "checkpoint.VAE"},
        ),
        restore((1460, 160), "decode.IMAGE"),
        *video((1780, 160), "restore.images"),
        *preview((340, 860), "editor.trajectories"),
    ],
)  # fmt: skip
