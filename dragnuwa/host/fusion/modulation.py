"""gamma and beta of one set of drag maps as a separate model, so that the host loads, offloads and frees them."""

from __future__ import annotations

import torch
from comfy import model_management
from comfy.model_patcher import CoreModelPatcher, ModelPatcher
from comfy.ops import CastWeightBiasOp, cast_bias_weight, manual_cast, uncast_bias_weight

from ...models.adapter import BlockKey, FusionHead, MultiscaleFusion, modulate
from ..context_windows import take


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
