"""The files of the two networks that find objects: safetensors in half precision."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ...common.errors import InputError
from .network import ClickNetwork, SaliencyNetwork

MODELS = Path(__file__).parents[3] / "models" / "finding"
CLICK_FILE, SALIENCY_FILE = "dragnuwa-click.safetensors", "u2netp.safetensors"
LARGEST = 32 * 2**20  # bytes of a file that is read
BITS = 9  # of a weight's 11 significant bits that are written: the archive compresses what is rounded

Network = TypeVar("Network", bound=nn.Module)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Networks:
    """
    Attributes:
        click: what is meant by clicks and boxes.
        saliency: where a picture's main subject is.
    """

    click: ClickNetwork
    saliency: SaliencyNetwork


@lru_cache(maxsize=1)
def shipped() -> Networks | None:
    """The networks of the pack's folder models/finding, on the CPU; None where a file is missing or refused, which is
    logged once."""
    try:
        return Networks(load(MODELS / CLICK_FILE, ClickNetwork()), load(MODELS / SALIENCY_FILE, SaliencyNetwork()))
    except InputError as error:
        log.warning("%s What is under a click is found by colours and edges alone.", error)
        return None


def load(path: Path, network: Network) -> Network:
    """A network with the weights of a file, in float32 on the CPU.

    Raises:
        InputError: if there is no file, or it is no safetensors file of this network, with all tensors of their shapes
            and finite.
    """
    if not path.exists():
        raise InputError(f"There is no {path.name} in the pack's folder models/finding. Get the pack's own file again.")
    if path.stat().st_size > LARGEST:
        raise InputError(f"{path.name} should have at most {LARGEST // 2**20} MiB. Get the pack's own file again.")
    try:
        found = load_file(path)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path.name} cannot be read as a safetensors file. Get the pack's own file again.") from error
    shapes = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    if {key: tuple(tensor.shape) for key, tensor in found.items()} != shapes:
        raise InputError(f"{path.name} holds another network's weights. Get the pack's own file again.")
    weights = {key: tensor.float() for key, tensor in found.items()}
    if not all(bool(tensor.isfinite().all()) for tensor in weights.values()):
        raise InputError(f"{path.name} holds weights that are not finite. Get the pack's own file again.")
    network.load_state_dict(weights)
    # channels last, in which the convolutions of a CPU take two thirds of the time
    return network.requires_grad_(False).train(False).to(memory_format=torch.channels_last)


def save(weights: Mapping[str, Tensor], path: Path, *, licence: str) -> None:
    """Writes weights in half precision, rounded to `BITS` significant bits."""
    halves = {key: rounded(tensor.detach().cpu()).contiguous() for key, tensor in weights.items()}
    save_file(halves, path, {"licence": licence})


def rounded(tensor: Tensor) -> Tensor:
    """float16 of `BITS` significant bits."""
    mantissa, exponent = torch.frexp(tensor.half().float())
    return torch.ldexp((mantissa * 2**BITS).round() / 2**BITS, exponent).half()
