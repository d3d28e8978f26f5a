"""Families of video models of ComfyUI's own classes, tiny and random. Imported inside ComfyUI's code."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass

import comfy.sd
import comfy.supported_models
import torch
from comfy.ldm.lightricks.vae.causal_video_autoencoder import VideoVAE
from comfy.ldm.minimax.vae import MiniMaxH3VideoVAE
from comfy.ldm.wan.vae import WanVAE
from comfy.model_patcher import ModelPatcher
from comfy.taesd.taesd import TAESD
from comfy_extras.nodes_lt import EmptyLTXVLatentVideo, LTXVConcatAVLatent, LTXVImgToVideoInplace
from comfy_extras.nodes_minimax_h3 import EmptyMiniMaxH3LatentAV
from comfy_extras.nodes_wan import WanImageToVideo
from safetensors.torch import save_file

from dragnuwa.carry.composite import Carried, carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.host.fusion import conditioning, load
from tests.fuzzing import small_sd15
from tests.support.drawings import parsed_tracks
from tests.support.pictures import noise_image
from tests.support.random_checkpoint import build

DRAG = {"points": [{"x": 0.3, "y": 0.5}, {"x": 0.7, "y": 0.5}]}


@dataclass
class Family:
    """A model, its VAE, and the node that makes its conditioning; sizes are (width, height, frames)."""

    model: ModelPatcher
    vae: comfy.sd.VAE
    scheduler: str
    sizes: list[tuple[int, int, int]]
    prepare: Callable[[ClipShape, torch.Tensor], tuple[list, list, dict]]
    sampler: str = "euler"
    number: int = 0  # among those of a test


def randomised(module: torch.nn.Module, seed: int) -> torch.nn.Module:
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) * 0.05
    return module.requires_grad_(False)


def fill_buffers(module: torch.nn.Module) -> None:
    """Numbers where nobody has set any: memory as it comes may hold NaN."""
    for buffer in module.buffers():
        if buffer.is_floating_point():
            buffer.fill_(0.1)


def video_model(config) -> ModelPatcher:
    config.set_inference_dtype(torch.float32, None)
    model = config.get_model({}, "")
    randomised(model.diffusion_model, 1)
    return ModelPatcher(model, load_device=torch.device("cpu"), offload_device=torch.device("cpu"))


def context(channels: int) -> tuple[list, list]:
    words = torch.randn(1, 4, channels, generator=torch.Generator().manual_seed(2))
    told = {"attention_mask": torch.ones(1, 4)}  # LTX-Video's own; the others do not look
    return [[words, told]], [[torch.zeros_like(words), told]]


def svd(folder) -> Family:
    weights, metadata = build()
    save_file(weights, folder / "svd.safetensors", metadata=metadata)
    parts = load.load(folder / "svd.safetensors")
    channels = parts.model.model.model_config.unet_config["context_dim"]

    def prepare(clip: ClipShape, image: torch.Tensor):
        texts = conditioning.Texts(*context(channels))
        return conditioning.encode(parts.vae, clip, conditioning.Motion(), texts, start_image=image)

    return Family(parts.model, parts.vae, "karras", [(64, 64, 2), (96, 64, 5)], prepare)


def animated_sd15(folder) -> Family:
    """A model of pictures, whose batch is the time, as of AnimateDiff; without its motion module."""
    shape = {
        "image_size": 32, "use_spatial_transformer": True, "legacy": False, "in_channels": 4, "out_channels": 4,
        "model_channels": 32, "num_res_blocks": [1, 1], "channel_mult": [1, 1],
        "transformer_depth": [1, 1], "transformer_depth_output": [1, 1, 1, 1], "transformer_depth_middle": 1,
        "context_dim": 8, "num_heads": 2, "use_linear_in_transformer": False, "adm_in_channels": None,
    }  # fmt: skip
    model = video_model(comfy.supported_models.SD15(shape))
    vae = comfy.sd.VAE(sd=randomised(TAESD(), 3).state_dict())

    def prepare(clip: ClipShape, image: torch.Tensor):
        return *context(8), {"samples": torch.zeros(clip.frames, 4, clip.height // 8, clip.width // 8)}

    return Family(model, vae, "simple", [(64, 64, 3), (96, 64, 8)], prepare)


def animated_sdxl(folder) -> Family:
    """The same of SDXL, which also takes a text as a whole, and sizes."""
    shape = {
        "image_size": 32, "use_spatial_transformer": True, "legacy": False, "in_channels": 4, "out_channels": 4,
        "model_channels": 64, "num_res_blocks": [1, 1], "channel_mult": [1, 1],
        "transformer_depth": [1, 1], "transformer_depth_output": [1, 1, 1, 1], "transformer_depth_middle": 1,
        "context_dim": 8, "use_linear_in_transformer": True, "num_classes": "sequential",
        "adm_in_channels": 2816,
    }  # fmt: skip
    of_sd15 = animated_sd15(folder)
    model = video_model(comfy.supported_models.SDXL(shape))

    def prepare(clip: ClipShape, image: torch.Tensor):
        *texts, latent = of_sd15.prepare(clip, image)
        whole = {"pooled_output": torch.zeros(1, 1280)}
        positive, negative = ([[words, values | whole] for words, values in text] for text in texts)
        return positive, negative, latent

    return Family(model, of_sd15.vae, "simple", of_sd15.sizes, prepare)


def wan(folder) -> Family:
    shape = {"dim": 24, "ffn_dim": 32, "num_heads": 2, "num_layers": 1, "in_dim": 36, "text_dim": 8, "freq_dim": 8}
    model = video_model(comfy.supported_models.WAN21_I2V({"image_model": "wan2.1", "model_type": "i2v", **shape}))
    vae = wan_vae()

    def prepare(clip: ClipShape, image: torch.Tensor):
        positive, negative = context(8)
        made = WanImageToVideo.execute(
            positive, negative, vae, clip.width, clip.height, clip.frames, 1, start_image=image
        )
        return made.args

    return Family(model, vae, "simple", [(64, 64, 5), (96, 64, 11)], prepare)


def wan_vae() -> comfy.sd.VAE:
    network = WanVAE(dim=4, z_dim=16, dim_mult=[1, 2, 4, 4], temperal_downsample=[False, True, True])
    return comfy.sd.VAE(sd=randomised(network, 3).state_dict())


def ltx_vae() -> comfy.sd.VAE:
    blocks = [["res_x", 1], ["compress_all", 1], ["compress_all", 1], ["compress_all", 1], ["res_x", 1]]
    config = {
        "dims": 3, "latent_channels": 128, "blocks": blocks, "patch_size": 4, "norm_layer": "pixel_norm",
        "latent_log_var": "uniform", "encoder_base_channels": 8, "decoder_base_channels": 8,
    }  # fmt: skip
    weights = randomised(VideoVAE(config=config), 4).state_dict()
    for name in (name for name in weights if name.startswith("per_channel_statistics.")):
        weights[name] = torch.ones_like(weights[name])  # buffers, which nobody has set
    return comfy.sd.VAE(sd=weights, metadata={"config": json.dumps({"vae": config})})


def ltx(folder) -> Family:
    shape = {"cross_attention_dim": 32, "attention_head_dim": 16, "num_attention_heads": 2, "caption_channels": 8}
    model = video_model(comfy.supported_models.LTXV({"image_model": "ltxv", "num_layers": 1, **shape}))
    vae = ltx_vae()

    def prepare(clip: ClipShape, image: torch.Tensor):
        made = EmptyLTXVLatentVideo.execute(clip.width, clip.height, clip.frames)
        return *context(8), made.args[0]

    return Family(model, vae, "simple", [(64, 64, 9), (96, 64, 20)], prepare)


def ltx2(folder) -> Family:
    """LTX-2: video and sound."""
    shape = {
        "cross_attention_dim": 32, "audio_cross_attention_dim": 32, "attention_head_dim": 16, "num_layers": 1,
        "audio_attention_head_dim": 16, "num_attention_heads": 2, "audio_num_attention_heads": 2, "caption_channels": 8,
        "connector_attention_head_dim": 16, "connector_num_attention_heads": 2,
    }  # fmt: skip
    model, vae = video_model(comfy.supported_models.LTXAV({"image_model": "ltxav", **shape})), ltx_vae()

    def prepare(clip: ClipShape, image: torch.Tensor):
        empty = EmptyLTXVLatentVideo.execute(clip.width, clip.height, clip.frames).args[0]
        video = LTXVImgToVideoInplace.execute(vae, image, empty, 0.0).args[0]  # as its workflows do; nothing pinned
        audio = {"samples": torch.zeros(1, 8, clip.frames, 16)}
        return *context(16), LTXVConcatAVLatent.execute(video, audio).args[0]

    return Family(model, vae, "simple", [(64, 64, 9), (96, 64, 20)], prepare)


def causal_wan(folder) -> Family:
    """A model that streams: the sampler goes through the clip block by block."""
    shape = {"dim": 24, "ffn_dim": 32, "num_heads": 2, "num_layers": 1, "in_dim": 16, "out_dim": 16, "text_dim": 8}
    config = {"image_model": "wan2.1", "model_type": "t2v", "causal_ar": True, "freq_dim": 8, **shape}
    model = video_model(comfy.supported_models.WAN21_CausalAR_T2V(config))

    def prepare(clip: ClipShape, image: torch.Tensor):
        latent = torch.zeros(1, 16, (clip.frames - 1) // 4 + 1, clip.height // 8, clip.width // 8)
        return *context(8), {"samples": latent}

    return Family(model, wan_vae(), "simple", [(64, 64, 13), (96, 64, 25)], prepare)


def minimax_h3(folder) -> Family:
    """A model of video and sound, whose VAE starts over after 17 frames."""
    shape = {
        "hidden_size": 64, "num_layers": 1, "token_refiner_num_layers": 1, "num_attention_heads": 2,
        "attention_head_dim": 32, "ffn_hidden_size": 64, "text_dim": 16, "timestep_input_dim": 16,
        "time_embed_hidden_size": 32, "time_embed_dim": 32, "rope_inv_freq_len": 4,
    }  # fmt: skip
    model = video_model(comfy.supported_models.MiniMaxH3({"image_model": "minimax_h3", **shape}))
    fill_buffers(model.model.diffusion_model)

    def prepare(clip: ClipShape, image: torch.Tensor):
        tags = {"minimax_token_tags": torch.zeros(1, 4, dtype=torch.long)}
        positive, negative = ([[words, tags]] for ((words, _),) in context(16))
        return positive, negative, EmptyMiniMaxH3LatentAV.execute(clip.width, clip.height, clip.frames).args[0]

    return Family(model, SmallH3Vae(), "simple", [(64, 64, 5), (96, 64, 22)], prepare)


class SmallH3Vae:
    """The host's VAE of MiniMax H3 with a small encoder and no decoder, which alone has 2.5 billion weights."""

    def __init__(self):
        with torch.device("meta"):
            network = MiniMaxH3VideoVAE(ch=32, ch_mult=(1, 1, 1, 1, 1, 1), num_res_blocks=1)
        network.decoder = torch.nn.Identity()
        self.first_stage_model = randomised(network.to_empty(device="cpu"), 3)
        fill_buffers(self.first_stage_model)
        for name, value in (("latents_mean", 0.0), ("latents_std", 1.0), ("pixel_mean", 0.0), ("pixel_std", 1.0)):
            getattr(network, name).fill_(value)

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.first_stage_model.encode(2 * pixels.movedim(-1, 0)[None] - 1)

    def spacial_compression_encode(self) -> int:
        return self.first_stage_model.vae_ratio

    def temporal_compression_decode(self) -> int:
        return self.first_stage_model.vae_ratio_t


@functools.cache
def left_half(clip: ClipShape) -> Carried:
    """Everything is carried in the left half of the picture, nothing in the right. Not to be changed in place."""
    made = carry_clip(noise_image(*clip.size), parsed_tracks(DRAG, size=clip.size), clip, None, CarrySettings(16))
    left = torch.zeros_like(made.carried)
    left[..., : clip.width // 2] = 1
    none = torch.zeros_like(left)
    return Carried(made.video, left, none, none, made.objects)


def small_clip(channels: int) -> comfy.sd.CLIP:
    """The host's text encoder of Stable Diffusion 1.5, tiny and random, whose words have so many channels."""
    clip = small_sd15.text_encoder(channels, inner=16, heads=1)
    randomised(clip.cond_stage_model, 6)
    return clip


FAMILIES = {
    "SVD": svd, "AnimateDiff": animated_sd15, "AnimateDiff, SDXL": animated_sdxl,
    "Wan": wan, "LTX-Video": ltx, "LTX-2": ltx2, "causal Wan": causal_wan,
    "MiniMax H3": minimax_h3,
}  # fmt: skip
STREAMING = "causal Wan"
