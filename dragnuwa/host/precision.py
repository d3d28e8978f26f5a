"""The precision in which ComfyUI keeps a network's weights."""

from __future__ import annotations

import torch


def built_dtypes(network: torch.nn.Module) -> dict[str, torch.dtype]:
    """The dtype of each weight of a network that ComfyUI has built, by key.

    They are not all one: it builds the factors that mix space and time in float32, whatever the rest is in, and
    computes with them as they are, which float8 cannot.
    """
    return {key: value.dtype for key, value in network.state_dict().items()}
