"""Networks in TorchScript files that the user names. Such a file holds operations of torch, and no Python code."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from ...common.errors import InputError


def load(path: Path, device: str, what: str) -> torch.nn.Module:
    """The network of a file, for evaluation.

    Args:
        path: of the file.
        device: as torch names it, such as "cuda:0".
        what: it is, as "the tracker", for messages.

    Raises:
        InputError: if there is no such file or device, or the file is no TorchScript.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}. Give {what} as a TorchScript file.")
    place = device_named(device)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # that torch will drop TorchScript; these files are in it
            return torch.jit.load(str(path), map_location=place).eval()
    except (RuntimeError, ValueError) as error:
        raise InputError(f"{path.name} cannot be read as TorchScript. Save {what} with torch.jit.save.") from error


def device_named(name: str) -> torch.device:
    """
    Raises:
        InputError: if this torch has no such device.
    """
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, ValueError, NotImplementedError) as error:
        raise InputError(f"device should be cpu, cuda or another one of this torch; {name!r} is not there.") from error
    return device


def answer(module: torch.nn.Module, name: str, *inputs: torch.Tensor, **options: object) -> object:
    """What a network answers, without gradients. Of the options, it gets those that its forward method has.

    Raises:
        InputError: if it fails on these inputs.
    """
    known = {argument.name for argument in module.forward.schema.arguments} if options else set()
    try:
        with torch.inference_mode():
            return module(*inputs, **{key: value for key, value in options.items() if key in known})
    except RuntimeError as error:
        shapes = " and ".join(str(list(each.shape)) for each in inputs)
        reason = [line for line in str(error).splitlines() if line.strip()][-1].strip()
        raise InputError(f"{name} fails on an input {shapes}: {reason.rstrip('.')}.") from error
