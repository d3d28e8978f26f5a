"""A Stable Diffusion 1.5 of two levels and random weights, and text encoders for it.

The host recognises SD 1.5 by its width and its context. Imported inside ComfyUI's code.
"""

from __future__ import annotations

import functools

import comfy.sd
import comfy.sd1_clip
import comfy.supported_models_base
import torch
from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel


@functools.cache
def model():
    """Its MODEL."""
    network = UNetModel(
        image_size=32, in_channels=4, model_channels=320, out_channels=4, num_res_blocks=[1, 1], channel_mult=(1, 1),
        transformer_depth=[1, 0], transformer_depth_output=[1, 1, 0, 0], transformer_depth_middle=0, num_heads=8,
        use_spatial_transformer=True, context_dim=768, legacy=False,
    )  # fmt: skip
    return comfy.sd.load_diffusion_model_state_dict(_randomised(network).state_dict())


@functools.cache
def clip(width: int = 768) -> comfy.sd.CLIP:
    """Its CLIP, of one layer."""
    made = text_encoder(width, inner=64, heads=2)
    _randomised(made.cond_stage_model)
    return made


def text_encoder(width: int, inner: int, heads: int) -> comfy.sd.CLIP:
    """A CLIP of one layer, whose words have `width` channels, without weights."""
    config = {
        "hidden_size": width, "intermediate_size": inner, "num_hidden_layers": 1, "num_attention_heads": heads,
        "max_position_embeddings": 77, "hidden_act": "quick_gelu", "eos_token_id": 49407,
    }  # fmt: skip
    encoder = functools.partial(comfy.sd1_clip.SDClipModel, layer="last", textmodel_json_config=config)
    tokenizer = functools.partial(comfy.sd1_clip.SDTokenizer, embedding_size=width)
    target = comfy.supported_models_base.ClipTarget(
        functools.partial(comfy.sd1_clip.SD1Tokenizer, clip_name="l", tokenizer=tokenizer),
        functools.partial(comfy.sd1_clip.SD1ClipModel, clip_name="l", clip_model=encoder),
    )
    return comfy.sd.CLIP(target, parameters=1, state_dict={})


def _randomised(network: torch.nn.Module) -> torch.nn.Module:
    generator = torch.Generator().manual_seed(8)
    with torch.no_grad():
        for parameter in network.parameters():
            values = torch.randn(parameter.shape, generator=generator)
            wide = values / max(1, parameter[0].numel()) ** 0.5 if parameter.ndim > 1 else 1 + 0.1 * values
            parameter.copy_(wide)
    return network
