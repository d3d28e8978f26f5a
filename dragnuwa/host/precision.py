"""The precision in which ComfyUI keeps a network's weights."""

from __future__ import annotations

import torch


def built_dtypes(network: torch.nn.Module) -> dict[str, torch.dtype]:
    """The dtype of each weight of a network that ComfyUI has built, by key.

    They differ: ComfyUI always builds the factors that mix space and time in float32 and computes with them uncast,
    which would fail in float8.
    """
    return {key: value.dtype for key, value in network.state_dict().items()}
