"""Multiscale Fusion inside the host's own UNet, through its public patch for residual blocks. gamma and beta of one
set of drag maps are a separate model, so that the host loads, offloads and frees them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from comfy import model_management
from comfy.ldm.modules.diffusionmodules.openaimodel import VideoResBlock
from comfy.model_patcher import CoreModelPatcher, ModelPatcher
from comfy.ops import CastWeightBiasOp, cast_bias_weight, manual_cast, uncast_bias_weight
from comfy.patcher_extension import WrappersMP

from ...models.adapter import BlockKey, FusionHead, MultiscaleFusion, modulate
from ...models.drag_maps import check_maps
from ..context_windows import take, window_frames

PATCH = "forward_timestep_embed_patch"
WRAPPER = "dragnuwa"
SIGMAS = "dragnuwa_sigmas"  # among a sampling's options: the noise levels (start, end) between which the drags act


def apply(
    model: ModelPatcher,
    adapter: ModelPatcher,
    flow: torch.Tensor,
    *,
    strength: float = 1.0,
    start_percent: float = 0.0,
    end_percent: float = 1.0,
) -> ModelPatcher:
    """A clone of `model` modulated by the drag maps. It replaces any earlier FusionPatch.

    Args:
        model: Stable Video Diffusion in the host.
        adapter: a `MultiscaleFusion` in its own patcher, so that the host loads, offloads and accounts for it.
        flow: `[T, 2, H, W]` drag maps; T, H / 8 and W / 8 are those of the latent to be sampled.
        strength: scales gamma and beta; 0 gives the plain model.
        start_percent: of the sampling, from which the drags act.
        end_percent: of the sampling, up to which the drags act.

    Raises:
        InputError: if `flow` does not hold drag maps.
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
        modulation = encode(model, adapter, flow, strength)
        FusionPatch(modulation, flow.shape, (start_percent, end_percent)).register(patched)
    return patched


class FusionPatch:
    """Applies each block's gamma and beta right after its `in_layers`, as the released UNet does.

    The host unpacks it as the pair (layer class, handler) and calls `models()` on it.

    Attributes:
        modulation: the patcher of a `Modulation`: gamma and beta, computed once for all samplings.
        flow_shape: `[T, 2, H, W]`, of the drag maps.
        percents: of the sampling (start, end), between which the drags act.
    """

    def __init__(self, modulation: ModelPatcher, flow_shape: torch.Size, percents: tuple[float, float]):
        self.modulation = modulation
        self.flow_shape = flow_shape
        self.percents = percents

    def __iter__(self):
        return iter((VideoResBlock, self.residual_block))

    def register(self, model: ModelPatcher) -> None:
        model.set_model_patch(self, PATCH)
        model.add_wrapper_with_key(WrappersMP.OUTER_SAMPLE, WRAPPER, self.sample)
        model.add_wrapper_with_key(WrappersMP.DIFFUSION_MODEL, WRAPPER, self.call_unet)

    def models(self) -> list[ModelPatcher]:
        """What the host has to load together with the model."""
        return [self.modulation]

    def sample(self, executor, noise: torch.Tensor, *args, **kwargs):
        """Checks the drag maps against the latent before the sampling begins, and computes when the drags act."""
        guider = executor.class_obj
        options = guider.model_options["transformer_options"]  # of this sampling alone
        self._check_latent(noise)
        self._check_alone(options["patches"][PATCH])
        if self.percents != (0, 1):
            # Not earlier: a node after Apply may have changed the model's noise levels.
            sampling = guider.model_patcher.get_model_object("model_sampling")
            options[SIGMAS] = tuple(float(sampling.percent_to_sigma(percent)) for percent in self.percents)
        return executor(noise, *args, **kwargs)

    def call_unet(self, executor, x, timesteps, context, y, control, transformer_options, **kwargs):
        """Sets the number of frames for SVD. The host's context windows may prepend one (their causal fix) without
        counting it, which only SVD fails on."""
        kwargs["num_video_frames"] = x.shape[0] // len(transformer_options["cond_or_uncond"])
        return executor(x, timesteps, context, y, control, transformer_options, **kwargs)

    def residual_block(
        self, layer, x, emb, context, transformer_options, output_shape, time_context, num_video_frames, image_only
    ) -> torch.Tensor:
        """The host's call of one residual block; x is `[K * T, C, h, w]`, K chunks of cond and uncond."""
        block = self._blocks.block(transformer_options["block"])
        if block is None or not _acts(transformer_options):
            return layer(x, emb, num_video_frames, image_only)
        if block.size != x.shape[-2:]:
            raise ValueError(
                f"The sampling runs on a part of the picture ({_size(x.shape)} latent pixels at UNet block "
                f"{transformer_options['block']}, where the drag maps have {_size(block.size)}). Remove the "
                "conditioning's area, which drags cannot follow."
            )
        at_hand = _at_hand(block, transformer_options, num_video_frames)
        return run_fused(layer, lambda h: block(h, at_hand), x, emb, num_video_frames, image_only)

    @property
    def _blocks(self) -> Modulation:
        return self.modulation.model

    def _check_latent(self, noise: torch.Tensor) -> None:
        frames, _, height, width = self.flow_shape
        if noise.ndim != 4:
            raise ValueError(
                f"Drags steer latents of Stable Video Diffusion, [frames, 4, height, width]; found "
                f"{list(noise.shape)}. Connect the latent of DragNUWA Conditioning."
            )
        if noise.shape[0] != frames:
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

    def _check_alone(self, patches: list) -> None:
        """The host runs only the first handler that accepts a layer, and silently ignores all others."""
        others = [
            handler for kind, handler in patches if handler != self.residual_block and issubclass(VideoResBlock, kind)
        ]
        if others:
            name = getattr(others[0], "__qualname__", type(others[0]).__name__)
            raise ValueError(
                f"Another node's patch ({name}) replaces the same residual blocks of the model as DragNUWA Apply, and "
                "ComfyUI would run only one of the two. Take that node off the model."
            )


def run_fused(layer: VideoResBlock, fuse: Callable[[torch.Tensor], torch.Tensor], *inputs) -> torch.Tensor:
    """`layer(*inputs)` with `fuse` right after its `in_layers`, before the timestep embedding."""
    hook = layer.in_layers.register_forward_hook(lambda module, args, h: fuse(h))
    try:
        return layer(*inputs)
    finally:
        hook.remove()


def _acts(transformer_options: dict) -> bool:
    if SIGMAS not in transformer_options:  # reading the level from the device in every block would stall it
        return True
    start, end = transformer_options[SIGMAS]
    return end <= float(transformer_options["sigmas"].max()) <= start


def _at_hand(block: BlockModulation, transformer_options: dict, frames: int) -> range | list[int]:
    found = window_frames(transformer_options, block.frames)
    if len(found) != frames:
        raise ValueError(
            f"The host samples {frames} frames at once, and the drag maps have {len(found)} for them. "
            "Connect one 'frames' to both Encode Trajectories and Conditioning."
        )
    return found


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


def _size(shape: torch.Size) -> str:
    return f"{shape[-1]}x{shape[-2]}"


class BlockModulation(torch.nn.Module):
    """The modulation of one residual block by its fusion head, for one set of drag maps."""

    def __init__(self, norm: torch.nn.GroupNorm, gamma: torch.Tensor, beta: torch.Tensor):
        super().__init__()
        self.norm = norm
        self.affine = FrameAffine(gamma, beta)

    @property
    def frames(self) -> int:
        return self.affine.weight.shape[0]

    @property
    def size(self) -> torch.Size:
        """Height and width, in pixels of the block."""
        return self.affine.weight.shape[-2:]

    def forward(self, h: torch.Tensor, at_hand: range | list[int]) -> torch.Tensor:
        """`[K * T, C, h, w]`, K clips of the frames `at_hand`."""
        return self.affine(h, self.norm(h), at_hand)


class FrameAffine(torch.nn.Module, CastWeightBiasOp):
    """`h + normed * gamma + beta`. The host casts, pins and offloads tensors by the names weight and bias.

    Attributes:
        weight: gamma, `[T, C, h, w]`.
        bias: beta, `[T, C, h, w]`.
    """

    comfy_cast_weights = True

    def __init__(self, gamma: torch.Tensor, beta: torch.Tensor):
        super().__init__()
        self.weight = torch.nn.Parameter(gamma, requires_grad=False)
        self.bias = torch.nn.Parameter(beta, requires_grad=False)

    def forward(self, h: torch.Tensor, normed: torch.Tensor, at_hand: range | list[int]) -> torch.Tensor:
        gamma, beta, stream = cast_bias_weight(self, h, offloadable=True)
        fused = modulate(h, normed, take(gamma, at_hand), take(beta, at_hand))
        uncast_bias_weight(self, gamma, beta, stream)
        return fused


class Modulation(torch.nn.Module):
    """The modulation of all blocks that have a fusion head."""

    def __init__(self, blocks: dict[BlockKey, BlockModulation]):
        super().__init__()
        self.blocks = torch.nn.ModuleDict({f"{part}_{block}": module for (part, block), module in blocks.items()})
        self._by_key = blocks

    def block(self, key: BlockKey) -> BlockModulation | None:
        """None for a block without a fusion head."""
        return self._by_key.get(key)


def encode(model: ModelPatcher, adapter: ModelPatcher, flow: torch.Tensor, strength: float) -> ModelPatcher:
    """Computes the modulation of a model from drag maps; it depends on neither the step nor the seed.

    Args:
        model: determines the dtype and the device of the modulation.
        adapter: a `MultiscaleFusion` in its own patcher.
        flow: `[T, 2, H, W]` drag maps.
        strength: scales gamma and beta.

    Returns:
        A `Modulation` in its own patcher, offloaded.
    """
    fusion, device, offload = adapter.model, adapter.load_device, adapter.offload_device
    # A node may have chosen another compute dtype, which the host sets in the model only when it loads it.
    dtype = model.get_model_object("manual_cast_dtype") or model.model.get_dtype()
    model_management.load_models_gpu([adapter], memory_required=_working_memory(fusion, flow, dtype))
    with torch.no_grad():
        pairs = fusion(flow.to(device=device, dtype=dtype))
        blocks = {
            key: BlockModulation(_norm(fusion.head(key), offload), *((part * strength).to(offload) for part in pair))
            for key, pair in pairs.items()
        }
    return CoreModelPatcher(Modulation(blocks), load_device=model.load_device, offload_device=offload)


def _norm(head: FusionHead, device: torch.device) -> torch.nn.GroupNorm:
    """A copy of the head's norm, since the host can load a module for only one model."""
    norm = head.flow_cond_norm
    copied = manual_cast.GroupNorm(norm.num_groups, norm.num_channels, norm.eps, device=device, dtype=norm.weight.dtype)
    copied.load_state_dict(norm.state_dict())
    return copied.requires_grad_(False)


def _working_memory(fusion: MultiscaleFusion, flow: torch.Tensor, dtype: torch.dtype) -> int:
    """Bytes: four times the largest tensor, which is the output of the stem's first convolution, at half the size."""
    frames, _, height, width = flow.shape
    return 4 * frames * fusion.config.stem_channels[0] * (height // 2) * (width // 2) * dtype.itemsize
