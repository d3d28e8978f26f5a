"""The file of the click network's weights: safetensors in half precision."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ...common.errors import InputError
from .network import ClickNetwork

FILE = Path(__file__).parents[3] / "models" / "dragnuwa-click.safetensors"
KIND = "dragnuwa click network 1"
LARGEST = 32 * 2**20  # bytes of a file that is read

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def shipped() -> ClickNetwork | None:
    """The network of the pack's models folder, on the CPU; None where there is no file of it, or one that is refused,
    which is logged once."""
    if not FILE.exists():
        return None
    try:
        return load(FILE)
    except InputError as error:
        log.warning("%s What is under a click is found by colours and edges alone.", error)
        return None


def load(path: Path) -> ClickNetwork:
    """The network of a file, in float32 on the CPU.

    Raises:
        InputError: if the file is no safetensors file of this network, with all tensors of their shapes and finite.
    """
    if path.stat().st_size > LARGEST:
        raise InputError(f"{path.name} should have at most {LARGEST // 2**20} MiB. Get the pack's own file again.")
    try:
        found = load_file(path)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path.name} cannot be read as a safetensors file. Get the pack's own file again.") from error
    network = ClickNetwork()
    wanted = network.state_dict()
    shapes = {key: tuple(tensor.shape) for key, tensor in wanted.items()}
    if {key: tuple(tensor.shape) for key, tensor in found.items()} != shapes:
        raise InputError(f"{path.name} holds another network's weights. Get the pack's own file again.")
    weights = {key: tensor.float() for key, tensor in found.items()}
    if not all(bool(tensor.isfinite().all()) for tensor in weights.values()):
        raise InputError(f"{path.name} holds weights that are not finite. Get the pack's own file again.")
    network.load_state_dict(weights)
    return network.requires_grad_(False).train(False)


def save(weights: Mapping[str, Tensor], path: Path, *, licence: str) -> None:
    """Writes weights in half precision."""
    halves = {key: tensor.detach().to("cpu", torch.float16).contiguous() for key, tensor in weights.items()}
    save_file(halves, path, {"kind": KIND, "licence": licence})
