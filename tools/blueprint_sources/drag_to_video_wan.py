"""Wan 2.1 image-to-video, without any DragNUWA weights, steered by the carried picture."""

from tools.carried_blueprint import ALIASES, carried
from tools.graph_parts import carrying, decode, loader, restore, sampler, size, video
from tools.templates import Node

PLACE = "https://huggingface.co/Comfy-Org/Wan_2.1_ComfyUI_repackaged/resolve/main/split_files"
MODEL = f"{PLACE}/diffusion_models/wan2.1_i2v_480p_14B_fp16.safetensors"
FILES = ("model", "text_encoder", "vae", "clip_vision")  # the loaders' names, as the blueprint shows them


def loaders(model: str) -> list[Node]:
    """Wan's four files: `model` is the address of its diffusion model. Named as FILES."""
    encoder = f"{PLACE}/text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors"
    vision = f"{PLACE}/clip_vision/clip_vision_h.safetensors"
    return [
        loader("model", "UNETLoader", 220, "unet_name", model, "diffusion_models"),
        loader("text_encoder", "CLIPLoader", 390, "clip_name", encoder, "text_encoders", type="wan"),
        loader("vae", "VAELoader", 570, "vae_name", f"{PLACE}/vae/wan_2.1_vae.safetensors", "vae"),
        loader("clip_vision", "CLIPVisionLoader", 740, "clip_name", vision, "clip_vision"),
    ]


def texts(picture: str = "inputs.image") -> list[Node]:
    """The conditioning from a picture. Named positive, negative and look."""
    clip = {"clip": "text_encoder.CLIP"}
    return [
        Node("positive", "CLIPTextEncode", (340, 40), (300, 120), "Positive text",
             links={"text": "inputs.prompt", **clip}),
        Node("negative", "CLIPTextEncode", (340, 220), (300, 120), "Negative text",
             values={"text": "blurry, distorted, static"}, links=clip),
        Node("look", "CLIPVisionEncode", (340, 400), (300, 80), values={"crop": "none"},
             links={"clip_vision": "clip_vision.CLIP_VISION", "image": picture}),
    ]  # fmt: skip


def conditioning(kind: str, **links: str) -> Node:
    """Wan's own node of this kind. Named "conditioning"."""
    return Node(
        "conditioning", kind, (680, 40), (300, 260),
        links={"positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING", "vae": "vae.VAE",
               "clip_vision_output": "look.CLIP_VISION_OUTPUT", "start_image": "inputs.image",
               "width": "size.width", "height": "size.height", "length": "frames.INT", **links},
    )  # fmt: skip


def shift(x: int) -> Node:
    return Node("shift", "ModelSamplingSD3", (x, 40), (280, 80), values={"shift": 8.0}, links={"model": "model.MODEL"})


BLUEPRINT = carried(
    "Wan",
    "Wan 2.1 image-to-video, without any DragNUWA weights",
    "用 Wan 2.1 图生视频把图片和其上的轨迹变成视频，不需要 DragNUWA 权重",
    aliases=(*ALIASES, "time to move"),
    asks=("prompt", "seed", "hold", *FILES),
    nodes=[
        *size(frames=33),
        *loaders(MODEL),
        *texts(),
        conditioning("WanImageToVideo"),
        carrying(680, 370, "shift.MODEL", "vae.VAE", "conditioning.latent", radius=75.0, hold=0.1),
        shift(1020),
        sampler(1020, 180, "conditioning", "carry.latent", "carry.model", scheduler="simple", steps=20, cfg=6.0),
        decode(1340, 40, "vae.VAE"),
        restore(1340, 160),
        video(1340, 480, "restore.images", fps=16.0),
    ],
)
