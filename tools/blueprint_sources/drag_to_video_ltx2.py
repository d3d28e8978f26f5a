"""LTX-2 with sound, distilled, steered by the carried picture."""

from tools.carried_blueprint import ALIASES, carried
from tools.graph_parts import carrying, decode, download, file_name, loader, restore, size, step_by_step, video
from tools.templates import Node

MODEL = "https://huggingface.co/Lightricks/LTX-2/resolve/main/ltx-2-19b-distilled.safetensors"
ENCODER = (
    "https://huggingface.co/Comfy-Org/ltx-2/resolve/main/split_files/text_encoders/gemma_3_12B_it_fp4_mixed.safetensors"
)
FPS = 25.0
DISTILLED = "1.0, 0.99375, 0.9875, 0.98125, 0.975, 0.909375, 0.725, 0.421875, 0.0"  # its own noise levels
FILES = ("model", "text_encoder")  # the model brings the VAEs of video and sound

BLUEPRINT = carried(
    "LTX-2",
    "LTX-2 (distilled, eight steps)",
    "用 LTX-2（蒸馏版，八步）把图片和其上的轨迹变成有声视频",
    aliases=(*ALIASES, "sound", "audio", "LTXV"),
    sound=True,
    asks=("prompt", "seed", "hold_steps", *FILES),
    nodes=[
        *size(frames=97),
        loader("model", "CheckpointLoaderSimple", 220, "ckpt_name", MODEL, "checkpoints"),
        Node("sound_vae", "LTXVAudioVAELoader", (0, 390), (300, 60), links={"ckpt_name": "inputs.model"},
             values={"ckpt_name": file_name(MODEL)}),
        Node(
            "text_encoder", "LTXAVTextEncoderLoader", (0, 510), (300, 110),
            values={"text_encoder": file_name(ENCODER), "ckpt_name": file_name(MODEL)},
            links={"text_encoder": "inputs.text_encoder", "ckpt_name": "inputs.model"},
            properties=download(ENCODER, "text_encoders"),
        ),
        Node("positive", "CLIPTextEncode", (340, 40), (300, 120), "Positive text",
             links={"text": "inputs.prompt", "clip": "text_encoder.CLIP"}),
        Node("negative", "ConditioningZeroOut", (340, 220), (300, 40), links={"conditioning": "positive.CONDITIONING"}),
        Node("conditioning", "LTXVConditioning", (340, 320), (300, 90), values={"frame_rate": FPS},
             links={"positive": "positive.CONDITIONING", "negative": "negative.CONDITIONING"}),
        Node("empty", "EmptyLTXVLatentVideo", (340, 470), (300, 140),
             links={"width": "size.width", "height": "size.height", "length": "frames.INT"}),
        Node("start", "LTXVImgToVideoInplace", (340, 670), (300, 120), values={"strength": 1.0},
             links={"vae": "model.VAE", "image": "inputs.image", "latent": "empty.LATENT"}),
        Node("sound", "LTXVEmptyLatentAudio", (340, 850), (300, 120), values={"frame_rate": int(FPS)},
             links={"audio_vae": "sound_vae.Audio VAE", "frames_number": "frames.INT"}),
        Node("both", "LTXVConcatAVLatent", (340, 1030), (300, 60),
             links={"video_latent": "start.latent", "audio_latent": "sound.Latent"}),
        carrying(680, 40, "model.MODEL", "model.VAE", "both.latent", radius=75.0, hold_steps=5),
        Node("steps", "ManualSigmas", (680, 570), (300, 60), values={"sigmas": DISTILLED}),
        Node("guider", "CFGGuider", (1020, 40), (280, 120), values={"cfg": 1.0},
             links={"model": "carry.model", "positive": "conditioning.positive",
                    "negative": "conditioning.negative"}),
        *step_by_step(1020, 220, "guider.GUIDER", "steps.SIGMAS", "carry.latent", sampler_name="euler"),
        Node("apart", "LTXVSeparateAVLatent", (1020, 640), (280, 60), links={"av_latent": "sampler.output"}),
        decode(1340, 40, "model.VAE", samples="apart.video_latent"),
        Node("heard", "LTXVAudioVAEDecode", (1340, 160), (280, 60),
             links={"samples": "apart.audio_latent", "audio_vae": "sound_vae.Audio VAE"}),
        restore(1340, 280),
        video(1340, 600, "restore.images", fps=FPS, audio="heard.Audio"),
    ],
)  # fmt: skip
