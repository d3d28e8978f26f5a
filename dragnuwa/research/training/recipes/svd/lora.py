"""Low-rank adaptation (LoRA, Hu et al., arXiv 2106.09685) of linear layers, under the released checkpoints' keys."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

FACTORS = ("lora_down.weight", "lora_up.weight")


class LoraLinear(nn.Module):
    """A frozen linear layer plus a learned product of two small matrices, with scale 1.

    Its keys are the released ones: `linear.weight`, `linear.bias`, `lora_down.weight` `[r, in]`, `lora_up.weight`
    `[out, r]`. The rank r is limited by the sides of the layer. `lora_up` is initialised to zero (section 4.1), so at
    first the output is that of `linear`. The factors are float32 on `linear`'s device; if `linear` has another dtype,
    autocast is required.
    """

    def __init__(self, linear: nn.Linear, rank: int):
        super().__init__()
        rank = min(rank, linear.in_features, linear.out_features)
        factory = {"bias": False, "device": linear.weight.device, "dtype": torch.float32}
        self.linear = linear.requires_grad_(False)
        self.lora_down = nn.Linear(linear.in_features, rank, **factory)
        self.lora_up = nn.Linear(rank, linear.out_features, **factory)
        nn.init.normal_(self.lora_down.weight, std=1 / rank)
        nn.init.zeros_(self.lora_up.weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) + self.lora_up(self.lora_down(x))


def add_lora(module: nn.Module, rank: int) -> None:
    """Replace every `nn.Linear` inside `module` by a `LoraLinear`.

    Raises:
        ValueError: if rank is below 1, or the module has LoRA already.
    """
    if rank < 1:
        raise ValueError(f"the rank of LoRA has to be at least 1; found {rank}")
    if any(isinstance(layer, LoraLinear) for layer in module.modules()):
        raise ValueError("the module has LoRA already")
    for name, layer in list(module.named_modules()):
        if isinstance(layer, nn.Linear):
            parent, _, child = name.rpartition(".")
            setattr(module.get_submodule(parent), child, LoraLinear(layer, rank))


def split(weights: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Weights in the released layout: those of the plain module (`X.weight` for `X.linear.weight`), and the factors."""
    factors = {key: value for key, value in weights.items() if key.endswith(FACTORS)}
    layers = {_layer(key) for key in factors}
    plain = {}
    for key, value in weights.items():
        layer = _layer(key)
        if layer in layers and key not in factors:
            plain[f"{layer}.{key.rpartition('.')[2]}"] = value
        elif key not in factors:
            plain[key] = value
    return plain, factors


def join(plain: Mapping[str, Tensor], factors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of `split`."""
    layers = {_layer(key) for key in factors}
    joined = dict(factors)
    for key, value in plain.items():
        layer, _, part = key.rpartition(".")
        joined[f"{layer}.linear.{part}" if layer in layers else key] = value
    return joined


def _layer(key: str) -> str:
    """`X` of `X.linear.weight`, `X.lora_up.weight` and the like."""
    return key.rsplit(".", 2)[0]
