"""Features of a picture from any Stable Diffusion 1.5 (SD 1.5) checkpoint, which describe the entities."""

from __future__ import annotations

import comfy.sample
import comfy.samplers
import torch
from comfy.model_patcher import ModelPatcher
from comfy.patcher_extension import WrappersMP

from ...models.draganything.entities import LATENT
from ...models.draganything.maps import FEATURES
from ..running_node import check_interrupt

TIMESTEP = 261.0  # of 1000, as in the original: 0.81 of the picture plus 0.59 of noise
MAX_SAMPLES = 64
WRAPPER = "draganything"
# What identifies SD 1.5 in the host's UNet config.
SD15 = {"model_channels": FEATURES, "context_dim": 768, "in_channels": 4}
CONNECT = "Load any SD 1.5 checkpoint with Load Checkpoint and connect its {}."
OPTIONS = 5  # the place of `transformer_options` among the arguments of the host's UNet
CONDITIONAL = 0  # in the host's `cond_or_uncond`


def picture_features(model: ModelPatcher, clip, vae, picture: torch.Tensor, samples: int, seed: int) -> torch.Tensor:
    """The UNet's activations right before its output norm, averaged over several noise samples.

    The original also samples the latent from the VAE's posterior each time; the host's VAE returns the posterior's
    mode, which is the mean of these samples.

    Args:
        model: SD 1.5 in the host, with or without LoRAs.
        clip: its text encoder, which reads an empty prompt.
        vae: its VAE.
        picture: `[1, H, W, 3]` from 0 to 1, fitted to the clip.
        samples: number of noise samples, 1 to `MAX_SAMPLES`, 8 in the original.
        seed: of the noise; the same seed gives the same features.

    Returns:
        `[320, height / 8, width / 8]` float32 on the CPU.

    Raises:
        ValueError: if a part is missing or not SD 1.5's, or there are too few or too many samples.
    """
    _check_model(model)
    if not 1 <= samples <= MAX_SAMPLES:
        raise ValueError(f"samples must be 1 to {MAX_SAMPLES}; found {samples}. The original takes 8.")
    context = _empty_prompt(clip)
    latent = _encoded(vae, picture)
    noise = comfy.sample.prepare_noise(latent.expand(samples, -1, -1, -1).contiguous(), seed)
    total = torch.zeros(FEATURES, *latent.shape[-2:])
    recorded: list[torch.Tensor] = []
    watched = model.clone()
    watched.add_wrapper_with_key(WrappersMP.DIFFUSION_MODEL, WRAPPER, _Recorder(recorded))
    sigma = model.get_model_object("model_sampling").sigma(torch.tensor([TIMESTEP]))
    sigmas = torch.cat([sigma.float().cpu(), torch.zeros(1)])
    sampler = comfy.samplers.sampler_object("euler")
    for one in noise.split(1):
        check_interrupt()
        recorded.clear()
        comfy.sample.sample_custom(watched, one, 1.0, sampler, sigmas, context, context, latent, disable_pbar=True)
        total += recorded[0].float().cpu()
    return total / samples


class _Recorder:
    """Records the conditional part of the input to the UNet's output layers."""

    def __init__(self, recorded: list[torch.Tensor]):
        self.recorded = recorded

    def __call__(self, executor, *arguments, **named):
        chunk = arguments[OPTIONS]["cond_or_uncond"].index(CONDITIONAL)
        hook = executor.class_obj.out.register_forward_pre_hook(
            lambda module, inputs: self.recorded.append(inputs[0][chunk].clone())
        )
        try:
            return executor(*arguments, **named)
        finally:
            hook.remove()


def _check_model(model: ModelPatcher) -> None:
    config = model.model.model_config.unet_config
    found = {key: config.get(key) for key in SD15}
    if found != SD15 or config.get("use_temporal_attention") or config.get("adm_in_channels"):
        kind = type(model.model.model_config).__name__
        raise ValueError(
            f"DragAnything's features come from Stable Diffusion 1.5; the model is {kind}. {CONNECT.format('model')}"
        )


def _empty_prompt(clip) -> list:
    if clip is None:
        raise ValueError(f"There is no CLIP. {CONNECT.format('clip')}")
    context = clip.encode_from_tokens_scheduled(clip.tokenize(""))
    if context[0][0].shape[-1] != SD15["context_dim"]:
        raise ValueError(
            f"The CLIP gives texts of {context[0][0].shape[-1]} channels, Stable Diffusion 1.5 takes "
            f"{SD15['context_dim']}. {CONNECT.format('clip')}"
        )
    return context


def _encoded(vae, picture: torch.Tensor) -> torch.Tensor:
    if vae is None:
        raise ValueError(f"There is no VAE. {CONNECT.format('vae')}")
    latent = vae.encode(picture)
    expected = (1, SD15["in_channels"], picture.shape[1] // LATENT, picture.shape[2] // LATENT)
    if tuple(latent.shape) != expected:
        raise ValueError(
            f"The VAE makes latents {list(latent.shape)}, Stable Diffusion 1.5 takes {list(expected)}. "
            f"{CONNECT.format('vae')}"
        )
    return latent
