"""Attention for training on a CPU: torch's own kernel there takes several times as long to go back."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def on_cpu(function: Callable[..., Tensor], q: Tensor, k: Tensor, v: Tensor, heads: int, *args, **kwargs) -> Tensor:
    """The host's `optimized_attention_override`: q `[B, L, heads C]`, k and v `[B, S, heads C]` to `[B, L, heads C]`.

    Multiplies whole matrices, which the small pictures of a training on a CPU allow; on other devices, and where the
    host masks, `function` is called, which is what the host has chosen there.
    """
    if q.device.type != "cpu" or args or kwargs.get("mask") is not None:
        return function(q, k, v, heads, *args, **kwargs)
    query, key, value = (part.unflatten(-1, (heads, -1)).transpose(1, 2).flatten(0, 1) for part in (q, k, v))
    weights = torch.bmm(query * query.shape[-1] ** -0.5, key.transpose(1, 2)).softmax(-1, dtype=query.dtype)
    out = torch.bmm(weights, value)  # [B heads, L, C]
    return out.unflatten(0, (-1, heads)).transpose(1, 2).flatten(2)
