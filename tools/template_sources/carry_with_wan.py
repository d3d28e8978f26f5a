"""Wan 2.1 image-to-video, without any DragNUWA weights, steered by the carried picture."""

from dataclasses import replace

from template_sources.parts import editor, picture, preview, restore, video
from templates import Node, Template

DRAGS = """{"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 832, "height": 480},
 "tracks": [
  {"id": "t1", "name": "dress", "color": "#d62728", "kind": "path", "points": [{"x": 0.5, "y": 0.6}, {"x": 0.58, "y": 0.6}, {"x": 0.66, "y": 0.6}]},
  {"id": "t2", "name": "hair", "color": "#1f77b4", "kind": "path", "points": [{"x": 0.42, "y": 0.12}, {"x": 0.5, "y": 0.12}, {"x": 0.58, "y": 0.12}]}
 ]}"""  # noqa: E501
PLACE = "https://huggingface.co/Comfy-Org/Wan_2.1_ComfyUI_repackaged/resolve/main/split_files"
SIZE = {name: f"editor.{name}" for name in ("width", "height")}


def loader(name: str, kind: str, at: tuple[int, int], widget: str, file: str, directory: str, **values) -> Node:
    models = [{"name": file, "url": f"{PLACE}/{directory}/{file}", "directory": directory}]
    return Node(name, kind, at, (300, 110), values={widget: file, **values}, properties={"models": models})


def drawn() -> Node:
    made = editor((340, 40), DRAGS)
    return replace(made, values=made.values | {"width": 832, "height": 480, "frames": 33})


TEMPLATE = Template(
    note="## Drag with Wan image-to-video\n\nNo DragNUWA weights are needed: the picture itself is moved along the "
    "drags, and the model makes a video of it. It needs the four files of Wan 2.1 image-to-video that the loaders "
    "name.\n\n1. Pick a picture, and draw in the **Trajectory Editor**.\n2. Say what belongs to the drag: right-click "
    "**Load Image**, choose Open in MaskEditor, and paint the whole thing. Without a mask the object under the "
    "drag's start is looked for.\n"
    "3. Describe the video in the positive text, and press **Run**.\n\nThe number of frames "
    "is a multiple of 4 and one more. **hold** says how long the sampling stays tied to the moved picture. "
    "**Differential Diffusion** has to stay on the model. "
    "**Restore Detail** gives the video the picture's size and detail.\n",
    nodes=[
        picture((0, 40)),
        loader("unet", "UNETLoader", (0, 440), "unet_name", "wan2.1_i2v_480p_14B_fp16.safetensors", "diffusion_models"),
        loader("clip", "CLIPLoader", (0, 610), "clip_name", "umt5_xxl_fp8_e4m3fn_scaled.safetensors", "text_encoders",
               type="wan"),
        loader("vae", "VAELoader", (0, 780), "vae_name", "wan_2.1_vae.safetensors", "vae"),
        loader("vision", "CLIPVisionLoader", (0, 950), "clip_name", "clip_vision_h.safetensors", "clip_vision"),
        drawn(),
        Node("positive", "CLIPTextEncode", (340, 1400), (300, 150), "Positive text",
             values={"text": "a girl in a pink dress moves to the side"}, links={"clip": "clip.CLIP"}),
        Node("negative", "CLIPTextEncode", (340, 1620), (300, 150), "Negative text",
             values={"text": "blurry, distorted, static"}, links={"clip": "clip.CLIP"}),
        Node("look", "CLIPVisionEncode", (0, 1120), (300, 80), values={"crop": "none"},
             links={"clip_vision": "vision.CLIP_VISION", "image": "editor.image"}),
        Node(
            "conditioning", "WanImageToVideo", (800, 40), (300, 260),
            links={
                "positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING", "vae": "vae.VAE",
                "clip_vision_output": "look.CLIP_VISION_OUTPUT", "start_image": "editor.image",
                "length": "editor.frames", **SIZE,
            },
        ),
        Node(
            "carry", "DragNUWACarry", (800, 370), (300, 380), values={"radius": 75.0, "hold": 0.1},
            links={
                "image": "picture.IMAGE", "masks": "picture.MASK", "trajectories": "editor.trajectories",
                "vae": "vae.VAE", "latent": "conditioning.latent", "frames": "editor.frames", **SIZE,
            },
        ),
        Node("shift", "ModelSamplingSD3", (1140, 40), (280, 80), values={"shift": 8.0}, links={"model": "unet.MODEL"}),
        Node("differential", "DifferentialDiffusion", (1140, 180), (280, 80), links={"model": "shift.MODEL"}),
        Node(
            "sampler", "KSampler", (1140, 320), (280, 270),
            values={
                "seed": 42, "control_after_generate": "fixed", "steps": 20, "cfg": 6.0, "sampler_name": "euler",
                "scheduler": "simple",
            },
            links={
                "model": "differential.MODEL", "positive": "conditioning.positive",
                "negative": "conditioning.negative", "latent_image": "carry.latent",
            },
        ),
        Node(
            "crude", "PreviewImage", (1140, 800), (420, 340), "What is carried, frame by frame",
            links={"images": "carry.video"},
        ),
        Node("decode", "VAEDecode", (1460, 40), (220, 60), links={"samples": "sampler.LATENT", "vae": "vae.VAE"}),
        restore((1460, 160), "decode.IMAGE"),
        *video((1780, 160), "restore.images"),
        *preview((340, 860), "editor.trajectories"),
    ],
)  # fmt: skip
