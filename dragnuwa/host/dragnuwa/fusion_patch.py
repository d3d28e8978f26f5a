"""Multiscale Fusion inside the host's own UNet, through its public patch for residual blocks."""

from __future__ import annotations

import torch
from comfy.ldm.modules.diffusionmodules.openaimodel import VideoResBlock
from comfy.model_patcher import ModelPatcher
from comfy.patcher_extension import WrappersMP

from ...adapter import BlockKey, FusionHead, MultiscaleFusion
from ...flow import check_maps

PATCH = "forward_timestep_embed_patch"
WRAPPER = "dragnuwa"


def apply(
    model: ModelPatcher,
    adapter: ModelPatcher,
    flow: torch.Tensor,
    *,
    strength: float = 1.0,
    start_percent: float = 0.0,
    end_percent: float = 1.0,
) -> ModelPatcher:
    """A clone of `model` whose residual blocks follow the drag maps. It replaces what an earlier call applied.

    Args:
        model: Stable Video Diffusion in the host.
        adapter: a `MultiscaleFusion` in a patcher of its own, so that the host loads, offloads and counts it.
        flow: `[T, 2, H, W]` drag maps, T and H, W / 8 those of the latent that will be sampled.
        strength: scales gamma and beta; 0 gives the plain model.
        start_percent: of the sampling, from which the drags act.
        end_percent: of the sampling, up to which the drags act.

    Raises:
        InputError: if they are no drag maps.
        ValueError: if the adapter does not fit the model, or the percents are not in order.
    """
    check_maps(flow)
    _check_fit(model, adapter)
    if not 0 <= start_percent <= end_percent <= 1:
        raise ValueError(
            f"start_percent must not be above end_percent, both from 0 to 1; found {start_percent} and {end_percent}. "
            "Lower start_percent or raise end_percent."
        )
    patched = model.clone()
    _remove(patched)
    if strength != 0:
        sigmas = None
        if (start_percent, end_percent) != (0, 1):
            sampling = model.get_model_object("model_sampling")
            sigmas = tuple(float(sampling.percent_to_sigma(percent)) for percent in (start_percent, end_percent))
        FusionPatch(adapter, flow, strength, sigmas).register(patched)
    return patched


class FusionPatch:
    """Adds each block's gamma and beta right after its `in_layers`, as the released UNet does.

    The host unpacks it as the pair (layer class, handler) and calls `to()`, `models()` and `cleanup()` on it.

    Attributes:
        adapter: the patcher of a `MultiscaleFusion`.
        flow: `[T, 2, H, W]` drag maps.
        strength: scales gamma and beta.
        sigmas: noise levels (start, end) between which the drags act; None for all, where reading the level off the
            device in every block would only hold it up.
    """

    def __init__(self, adapter: ModelPatcher, flow: torch.Tensor, strength: float, sigmas: tuple[float, float] | None):
        self.adapter = adapter
        self.flow = flow
        self.strength = strength
        self.sigmas = sigmas
        self._blocks = {head.key for head in adapter.model.config.heads}
        self._modulation: dict[torch.device, dict[BlockKey, tuple[torch.Tensor, torch.Tensor]]] = {}

    def __iter__(self):
        return iter((VideoResBlock, self.residual_block))

    def register(self, model: ModelPatcher) -> None:
        model.set_model_patch(self, PATCH)
        model.add_wrapper_with_key(WrappersMP.OUTER_SAMPLE, WRAPPER, self.sample)
        model.add_wrapper_with_key(WrappersMP.DIFFUSION_MODEL, WRAPPER, self.call_unet)

    def models(self) -> list[ModelPatcher]:
        """What the host has to load beside the model."""
        return [self.adapter]

    def to(self, device_or_dtype) -> FusionPatch:
        """The host moves or casts the model: what was computed for its old place goes."""
        self.cleanup()
        return self

    def cleanup(self) -> None:
        """The host ends a sampling run, or gives it up."""
        self._modulation.clear()

    def sample(self, executor, noise: torch.Tensor, *args, **kwargs):
        """Checks the drag maps against the latent before the sampling begins."""
        self._check_latent(noise)
        return executor(noise, *args, **kwargs)

    def call_unet(self, executor, x, timesteps, context, y, control, transformer_options, **kwargs):
        """Tells SVD how many frames it gets. The host's context windows may put one more before a window (their causal
        fix) without counting it, and SVD alone fails on that."""
        kwargs["num_video_frames"] = x.shape[0] // len(transformer_options["cond_or_uncond"])
        return executor(x, timesteps, context, y, control, transformer_options, **kwargs)

    def residual_block(
        self, layer, x, emb, context, transformer_options, output_shape, time_context, num_video_frames, image_only
    ) -> torch.Tensor:
        """The host's call of one residual block; x is `[K * T, C, h, w]`, K chunks of cond and uncond."""
        key = transformer_options["block"]
        if key not in self._blocks or not self._acts(transformer_options["sigmas"]):
            return layer(x, emb, num_video_frames, image_only)
        gamma, beta = self._frames(self._modulation_on(x)[key], transformer_options, num_video_frames)
        if gamma.shape[-2:] != x.shape[-2:]:
            raise ValueError(
                f"The sampling runs on a part of the picture ({_size(x)} latent pixels at UNet block {key}, where the "
                f"drag maps have {_size(gamma)}). Remove the conditioning's area, which drags cannot follow."
            )
        return run_fused(layer, self.adapter.model.head(key), gamma, beta, x, emb, num_video_frames, image_only)

    def _acts(self, sigma: torch.Tensor) -> bool:
        if self.sigmas is None:
            return True
        start, end = self.sigmas
        return end <= float(sigma.max()) <= start

    def _modulation_on(self, x: torch.Tensor) -> dict[BlockKey, tuple[torch.Tensor, torch.Tensor]]:
        """gamma and beta of every block, computed once a sampling: neither depends on the step or the latent."""
        if x.device not in self._modulation:
            pairs = self.adapter.model(self.flow.to(device=x.device, dtype=x.dtype))
            scaled = {key: (gamma * self.strength, beta * self.strength) for key, (gamma, beta) in pairs.items()}
            self._modulation[x.device] = scaled
        return self._modulation[x.device]

    def _frames(self, pair, transformer_options: dict, frames: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The part of gamma and beta for the frames at hand, which is a window where the host samples in windows."""
        window = transformer_options.get("context_window")
        if window is not None:
            before = getattr(window, "causal_anchor_index", None)  # a frame that the host puts before the window
            at_hand = [*([] if before is None else [before]), *window.index_list]
            pair = tuple(tensor[at_hand] for tensor in pair)
        if pair[0].shape[0] != frames:
            raise ValueError(
                f"The host samples {frames} frames at once, and the drag maps have {pair[0].shape[0]} for them. "
                "Connect one 'frames' to both Encode Trajectories and Conditioning."
            )
        return pair

    def _check_latent(self, noise: torch.Tensor) -> None:
        frames, _, height, width = self.flow.shape
        if noise.ndim != 4 or noise.shape[0] != frames:
            raise ValueError(
                f"The drag maps have {frames} frames, the latent has {noise.shape[0]}. "
                "Connect one 'frames' to both Encode Trajectories and Conditioning."
            )
        if (noise.shape[2] * 8, noise.shape[3] * 8) != (height, width):
            raise ValueError(
                f"The drag maps are {width}x{height} pixels, the latent is for "
                f"{noise.shape[3] * 8}x{noise.shape[2] * 8}. "
                "Connect one 'width' and 'height' to both Encode Trajectories and Conditioning."
            )


def run_fused(layer: VideoResBlock, head: FusionHead, gamma: torch.Tensor, beta: torch.Tensor, *inputs) -> torch.Tensor:
    """`layer(*inputs)` with its fusion head: right after `in_layers`, before the timestep embedding."""
    hook = layer.in_layers.register_forward_hook(lambda module, args, h: head.fuse(h, gamma, beta))
    try:
        return layer(*inputs)
    finally:
        hook.remove()


def _remove(model: ModelPatcher) -> None:
    """Takes an earlier FusionPatch off a clone, whose lists are its own."""
    patches = model.model_options["transformer_options"].get("patches", {})
    if PATCH in patches:
        patches[PATCH] = [patch for patch in patches[PATCH] if not isinstance(patch, FusionPatch)]
    for kind in (WrappersMP.OUTER_SAMPLE, WrappersMP.DIFFUSION_MODEL):
        model.remove_wrappers_with_key(kind, WRAPPER)


def _check_fit(model: ModelPatcher, adapter: ModelPatcher) -> None:
    advice = "Connect 'model' and 'adapter' of one DragNUWA Load Checkpoint node."
    if not isinstance(adapter.model, MultiscaleFusion):
        raise ValueError(f"The adapter is a {type(adapter.model).__name__}, not DragNUWA's. {advice}")
    unet = model.get_model_object("diffusion_model")
    for head in adapter.model.config.heads:
        place = f"{head.part} block {head.block}"
        blocks = getattr(unet, f"{head.part}_blocks", [])
        layers = blocks[head.block] if head.block < len(blocks) else []
        channels = next((layer.out_channels for layer in layers if isinstance(layer, VideoResBlock)), None)
        if channels is None:
            raise ValueError(
                f"The adapter does not fit the model: it has a head for {place}, where the model "
                f"({type(unet).__name__}, {len(blocks)} {head.part} blocks) has no residual block of SVD. {advice}"
            )
        if channels != head.channels:
            raise ValueError(
                f"The adapter does not fit the model: at {place} the adapter has {head.channels} channels, "
                f"the model {channels}. {advice}"
            )


def _size(x: torch.Tensor) -> str:
    return f"{x.shape[-1]}x{x.shape[-2]}"
