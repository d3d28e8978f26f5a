"""The state of a network and its optimiser, gathered whole from processes that FSDP has cut them up among, and back.

What is not cut up passes through as it is.
"""

import torch
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.tensor import DTensor, distribute_tensor

WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


def of_network(network: nn.Module) -> dict[str, Tensor]:
    """Trained parameters and buffers of a network that may be cut up by FSDP, whole; all processes call it, and the
    first one gets them."""
    frozen = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
    if not _cut(network):
        return {name: value for name, value in network.state_dict().items() if name not in frozen}
    found = get_model_state_dict(network, options=WHOLE)
    return {name: value for name, value in found.items() if name not in frozen}


def to_network(network: nn.Module, state: dict[str, Tensor]) -> None:
    """Sets what `of_network` gave.

    Raises:
        ValueError: if it is of another network.
    """
    frozen = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
    if strange := sorted(state.keys() ^ (network.state_dict().keys() - frozen)):
        raise ValueError(
            f"the saved state is of another network: {len(strange)} keys are in one of them only, such as {strange[0]}."
        )
    if _cut(network):
        set_model_state_dict(network, dict(state), options=StateDictOptions(full_state_dict=True, strict=False))
    else:
        network.load_state_dict(state, strict=False)


def of_optimizer(network: nn.Module, optimizer: torch.optim.Optimizer) -> dict:
    """As `of_network`."""
    return get_optimizer_state_dict(network, optimizer, options=WHOLE) if _cut(network) else optimizer.state_dict()


def to_optimizer(network: nn.Module, optimizer: torch.optim.Optimizer, state: dict) -> None:
    """Sets what `of_optimizer` gave."""
    if _cut(network):
        set_optimizer_state_dict(network, optimizer, state, options=StateDictOptions(full_state_dict=True))
    else:
        optimizer.load_state_dict(state)


def whole(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors that may be cut up, whole; all processes call it."""
    return {name: weight.full_tensor() if isinstance(weight, DTensor) else weight for name, weight in weights.items()}


def cut_as(weights: dict[str, Tensor], like: dict[str, Tensor]) -> dict[str, Tensor]:
    """The opposite of `whole`: cut up as those of `like` are."""
    return {
        name: distribute_tensor(weight.to(like[name].device), like[name].device_mesh, like[name].placements)
        if name in like and isinstance(like[name], DTensor)
        else weight
        for name, weight in weights.items()
    }


def _cut(network: nn.Module) -> bool:
    return any(isinstance(parameter, DTensor) for parameter in network.parameters())
