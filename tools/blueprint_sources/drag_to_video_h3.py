"""MiniMax H3 with sound, steered by the carried picture."""

from collections.abc import Sequence

from tools.carried_blueprint import ALIASES, carried
from tools.graph_parts import carrying, decode, loader, restore, size, step_by_step, video
from tools.templates import Node

PLACE = "https://huggingface.co/Comfy-Org/MiniMax-H3/resolve/main"
FPS = 24.0
FILES = ("model", "text_encoder", "vae", "sound_vae")


def sampled(guides: Sequence[Node] = (), positive: str = "conditioning.positive", x: int = 1020) -> list[Node]:
    """From the files to the video.

    Args:
        guides: further nodes, between the carried picture and the sampler.
        positive: the conditioning that the sampler takes, one of those or the model's own.
        x: where the sampler begins, at the right of them.
    """
    return [
        *size(frames=124),
        loader("model", "UNETLoader", 220, "unet_name",
               f"{PLACE}/diffusion_models/minimax_h3_fl2va_pruned_int8_convrot.safetensors", "diffusion_models"),
        loader("text_encoder", "CLIPLoader", 390, "clip_name",
               f"{PLACE}/text_encoders/qwen3vl_32b_minimax_h3_nvfp4_awq.safetensors", "text_encoders", type="minimax"),
        loader("vae", "VAELoader", 570, "vae_name", f"{PLACE}/vae/minimax_h3_video_vae_fp16.safetensors", "vae"),
        loader("sound_vae", "VAELoader", 740, "vae_name", f"{PLACE}/vae/minimax_h3_audio_vae_fp32.safetensors", "vae"),
        Node(
            "conditioning", "MiniMaxH3ImageToVideo", (340, 40), (300, 330),
            links={"clip": "text_encoder.CLIP", "vae": "vae.VAE", "prompt": "inputs.prompt", "width": "size.width",
                   "height": "size.height", "length": "frames.INT", "first_frame": "inputs.image"},
        ),
        carrying(680, 40, "model.MODEL", "vae.VAE", "conditioning.LATENT", radius=75.0, hold=0.1),
        Node("steps", "BasicScheduler", (680, 570), (300, 130), values={"scheduler": "simple", "steps": 20},
             links={"model": "carry.model"}),
        *guides,
        Node("guider", "BasicGuider", (x, 40), (280, 60), links={"model": "carry.model", "conditioning": positive}),
        *step_by_step(x, 160, "guider.GUIDER", "steps.SIGMAS", "carry.latent", sampler_name="res_multistep"),
        decode(x + 320, 40, "vae.VAE", samples="sampler.output"),
        Node("heard", "VAEDecodeAudio", (x + 320, 160), (280, 60),
             links={"samples": "sampler.output", "vae": "sound_vae.VAE"}),
        restore(x + 320, 280),
        video(x + 320, 600, "restore.images", fps=FPS, audio="heard.AUDIO"),
    ]  # fmt: skip


BLUEPRINT = carried(
    "MiniMax H3",
    "MiniMax H3",
    "用 MiniMax H3 把图片和其上的轨迹变成有声视频",
    aliases=(*ALIASES, "sound", "audio", "Hailuo"),
    sound=True,
    asks=("prompt", "seed", "hold", *FILES),
    nodes=sampled(),
)
