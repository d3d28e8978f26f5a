"""gamma and beta of one set of drag maps, as a model of its own, which the host loads, counts, offloads and frees."""

from __future__ import annotations

import torch
from comfy import model_management
from comfy.model_patcher import CoreModelPatcher, ModelPatcher
from comfy.ops import CastWeightBiasOp, cast_bias_weight, manual_cast, uncast_bias_weight

from ...models.adapter import BlockKey, FusionHead, MultiscaleFusion, modulate
from ..context_windows import take


class BlockModulation(torch.nn.Module):
    """What one residual block needs of its fusion head, for one set of drag maps."""

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
    """`h + normed * gamma + beta`. The tensors have the names that the host casts, pins and offloads by.

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
    """From drag maps to the modulation of a model, which depends on neither the step nor the seed.

    Args:
        model: it is computed in this one's dtype, and loaded where this one is.
        adapter: a `MultiscaleFusion` in a patcher of its own.
        flow: `[T, 2, H, W]` drag maps.
        strength: scales gamma and beta.

    Returns:
        A `Modulation` in a patcher of its own, offloaded.
    """
    fusion, device, offload = adapter.model, adapter.load_device, adapter.offload_device
    # A node may have chosen another dtype to compute in, which the host puts into the model only as it loads it.
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
    """A copy of the head's norm: a module can be loaded for one model only."""
    norm = head.flow_cond_norm
    copied = manual_cast.GroupNorm(norm.num_groups, norm.num_channels, norm.eps, device=device, dtype=norm.weight.dtype)
    copied.load_state_dict(norm.state_dict())
    return copied.requires_grad_(False)


def _working_memory(fusion: MultiscaleFusion, flow: torch.Tensor, dtype: torch.dtype) -> int:
    """Bytes: four times the largest tensor, which is that after the stem's first convolution, at half the size."""
    frames, _, height, width = flow.shape
    return 4 * frames * fusion.config.stem_channels[0] * (height // 2) * (width // 2) * dtype.itemsize
