"""Wan 2.2 image-to-video in four steps by a Lightning LoRA, steered by the carried picture."""

from dataclasses import replace

from tools.blueprint_sources.drag_to_video_wan import PLACE as WAN_2_1
from tools.blueprint_sources.drag_to_video_wan import conditioning, texts
from tools.carried_blueprint import ALIASES, carried
from tools.graph_parts import carrying, decode, loader, restore, size, video
from tools.templates import Node

PLACE = "https://huggingface.co/Comfy-Org/Wan_2.2_ComfyUI_Repackaged/resolve/main/split_files"
FILES = ("high_noise", "high_noise_lora", "low_noise", "low_noise_lora", "text_encoder", "vae")
STEPS, CHANGE = 4, 2  # of which the model for high noise makes the first


def model(name: str, part: str, y: int) -> list[Node]:
    """A part of the model with its LoRA. Named after the part, "_lora" and "_shift"."""
    file = f"{PLACE}/diffusion_models/wan2.2_i2v_{part}_14B_fp8_scaled.safetensors"
    lora = f"{PLACE}/loras/wan2.2_i2v_lightx2v_4steps_lora_v1_{part}.safetensors"
    return [
        loader(name, "UNETLoader", y, "unet_name", file, "diffusion_models"),
        loader(
            f"{name}_lora", "LoraLoaderModelOnly", y + 170, "lora_name", lora, "loras", model=f"{name}.MODEL",
            strength_model=1.0,
        ),
        Node(f"{name}_shift", "ModelSamplingSD3", (340, y), (300, 80), values={"shift": 5.0},
             links={"model": f"{name}_lora.MODEL"}),
    ]  # fmt: skip


def sampler(name: str, y: int, model: str, latent: str, *, first: bool) -> Node:
    """KSampler (Advanced) for the first steps, or for the others. Both take the same seed."""
    own = {"add_noise": "enable", "start_at_step": 0, "end_at_step": CHANGE, "return_with_leftover_noise": "enable"}
    rest = {"add_noise": "disable", "start_at_step": CHANGE, "end_at_step": STEPS,
            "return_with_leftover_noise": "disable"}  # fmt: skip
    shared = {"noise_seed": 42, "control_after_generate": "fixed", "steps": STEPS, "cfg": 1.0, "sampler_name": "euler",
              "scheduler": "simple"}  # fmt: skip
    links = {"model": model, "positive": "conditioning.positive", "negative": "conditioning.negative",
             "latent_image": latent, **({"noise_seed": "inputs.seed"} if first else {})}  # fmt: skip
    return Node(name, "KSamplerAdvanced", (1020, y), (280, 330), values=shared | (own if first else rest), links=links)


encoder = f"{WAN_2_1}/text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors"
shown = conditioning("WanImageToVideo")
without_look = {name: source for name, source in shown.links.items() if name != "clip_vision_output"}

BLUEPRINT = carried(
    "Wan 2.2 Lightning",
    "Wan 2.2 image-to-video in four steps",
    "用 Wan 2.2 图生视频（Lightning LoRA，四步）把图片和其上的轨迹变成视频",
    aliases=(*ALIASES, "lightx2v", "few steps"),
    held=", which hold the first two steps",
    chinese_held="，并固定前两步",
    asks=("prompt", "seed", "hold_steps", *FILES),
    nodes=[
        *size(frames=33),
        *model("high_noise", "high_noise", 220),
        *model("low_noise", "low_noise", 560),
        loader("text_encoder", "CLIPLoader", 900, "clip_name", encoder, "text_encoders", type="wan"),
        loader("vae", "VAELoader", 1070, "vae_name", f"{PLACE}/vae/wan_2.1_vae.safetensors", "vae"),
        *(replace(text, at=(340, y)) for text, y in zip(texts()[:2], (720, 900), strict=True)),
        replace(shown, links=without_look),
        carrying(680, 370, "high_noise_shift.MODEL", "vae.VAE", "conditioning.latent", radius=75.0, hold_steps=2),
        sampler("first_steps", 40, "carry.model", "carry.latent", first=True),
        sampler("sampler", 430, "low_noise_shift.MODEL", "first_steps.LATENT", first=False),
        decode(1340, 40, "vae.VAE"),
        restore(1340, 160),
        video(1340, 480, "restore.images", fps=16.0),
    ],
)
