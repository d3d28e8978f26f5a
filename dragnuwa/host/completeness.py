"""Compares a checkpoint's weights with the network that ComfyUI built for them: keys, shapes and precision.

ComfyUI only logs missing and unexpected keys, and continues with uninitialised weights.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import torch
from comfy import model_management

from ..models.weights import CheckpointError

# What ComfyUI's code raises if a required key is missing, or its tensor has too few dimensions.
UNFIT = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError)
NOT_LOADED = "Error(s) in loading state_dict"  # how torch begins its RuntimeError


@contextmanager
def building(what: str) -> Iterator[None]:
    """Context in which ComfyUI builds a network for weights and loads them.

    Raises:
        CheckpointError: instead of ComfyUI's error if the weights have unexpected shapes. Interrupts and out-of-memory
            errors pass through.
    """
    try:
        yield
    except (CheckpointError, model_management.OOM_EXCEPTION):
        raise
    except RuntimeError as error:
        if not str(error).startswith(NOT_LOADED):
            raise
        raise CheckpointError(_damaged(what, str(error).removeprefix(NOT_LOADED).split("\n\t")[-1].strip())) from error
    except UNFIT as error:
        raise CheckpointError(_damaged(what, f"{type(error).__name__}: {error}")) from error


def check_complete(
    what: str, network: torch.nn.Module, weights: Mapping[str, torch.Tensor], optional: Collection[str] = ()
) -> None:
    """Compares the keys and shapes of a network with those of the weights for it.

    Args:
        what: the part of the model, for the message.
        network: as ComfyUI built it, before or after loading.
        weights: by their names in the network.
        optional: suffixes of keys that may be missing or left over.

    Raises:
        CheckpointError: if a key is missing, left over, or has another shape.
    """
    optional = tuple(optional)
    wanted = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    found = {key: tuple(tensor.shape) for key, tensor in weights.items()}
    missing = [key for key in wanted if key not in found and not key.endswith(optional)]
    strays = [key for key in found if key not in wanted and not key.endswith(optional)]
    differ = [key for key in wanted if key in found and wanted[key] != found[key]]
    if missing or strays or differ:
        raise CheckpointError(
            _damaged(
                what,
                f"{_count(missing, 'missing')}, {_count(strays, 'without a use')}, "
                f"{_count(differ, 'of another shape')}",
            )
        )


def built_dtypes(network: torch.nn.Module) -> dict[str, torch.dtype]:
    """The dtype of each weight of a network that ComfyUI has built, by key.

    They differ: ComfyUI always builds the factors that mix space and time in float32 and computes with them uncast,
    which would fail in float8.
    """
    return {key: value.dtype for key, value in network.state_dict().items()}


def _damaged(what: str, why: str) -> str:
    return f"The weights of the {what} do not fit together: {why[:300]}. The file is damaged; get it again."


def _count(keys: list[str], what: str) -> str:
    first = f" ({min(keys)}{', ...' if len(keys) > 1 else ''})" if keys else ""
    return f"{len(keys)} key{'' if len(keys) == 1 else 's'} {what}{first}"
