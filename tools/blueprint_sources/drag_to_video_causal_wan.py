"""Causal Wan, which streams: it makes the clip block by block. Steered by the carried picture."""

from tools.blueprint_sources.drag_to_video_wan import loaders, texts
from tools.carried_blueprint import carried
from tools.graph_parts import carrying, decode, restore, size, step_by_step, video
from tools.templates import Node

MODEL = (
    "https://huggingface.co/TalmajM/causal_forcing_framewise_ComfyUI_repackaged/resolve/main/split_files/"
    "diffusion_models/causal_forcing-framewise.safetensors"
)
FILES = ("model", "text_encoder", "vae")

BLUEPRINT = carried(
    "causal Wan",
    "a causal Wan (Causal Forcing, Self-Forcing), which makes it block by block in four steps each",
    "用因果 Wan（Causal Forcing、Self-Forcing）逐块生成视频，每块四步",
    aliases=("animate", "draw", "motion", "drag", "trajectory", "image to video", "streaming", "autoregressive"),
    asks=("prompt", "seed", "hold_steps", *FILES),
    nodes=[
        *size(frames=81),
        *loaders(MODEL)[: len(FILES)],
        *texts()[:2],
        Node(
            "start", "ARVideoI2V", (340, 400), (300, 230),
            links={"model": "model.MODEL", "vae": "vae.VAE", "start_image": "inputs.image", "width": "size.width",
                   "height": "size.height", "length": "frames.INT"},
        ),
        carrying(680, 40, "start.MODEL", "vae.VAE", "start.LATENT", radius=75.0, hold_steps=2),
        Node("steps", "BasicScheduler", (680, 570), (300, 130), values={"scheduler": "simple", "steps": 4},
             links={"model": "carry.model"}),
        Node("guider", "CFGGuider", (1020, 40), (280, 120), values={"cfg": 1.0},
             links={"model": "carry.model", "positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING"}),
        *step_by_step(1020, 220, "guider.GUIDER", "steps.SIGMAS", "carry.latent", kind="SamplerARVideo",
                      num_frame_per_block=1),
        decode(1340, 40, "vae.VAE", samples="sampler.output"),
        restore(1340, 160),
        video(1340, 480, "restore.images", fps=16.0),
    ],
)  # fmt: skip
