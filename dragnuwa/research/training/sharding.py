"""Gathers full states of networks and optimisers that FSDP shards among processes, and loads them again.

Unsharded tensors are used unchanged.
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

FULL = StateDictOptions(full_state_dict=True, cpu_offload=True)


def gather_network(network: nn.Module) -> dict[str, Tensor]:
    """Trained parameters and buffers of a network that FSDP may have sharded. All processes call it, and the first one
    gets them."""
    frozen = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
    if not _sharded(network):
        return {name: value for name, value in network.state_dict().items() if name not in frozen}
    found = get_model_state_dict(network, options=FULL)
    return {name: value for name, value in found.items() if name not in frozen}


def load_network(network: nn.Module, state: dict[str, Tensor]) -> None:
    """Load the result of `gather_network`.

    Raises:
        ValueError: if it belongs to another network.
    """
    frozen = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
    if strange := sorted(state.keys() ^ (network.state_dict().keys() - frozen)):
        raise ValueError(
            f"the saved state is of another network: {len(strange)} keys are in one of them only, such as {strange[0]}."
        )
    if _sharded(network):
        set_model_state_dict(network, dict(state), options=StateDictOptions(full_state_dict=True, strict=False))
    else:
        network.load_state_dict(state, strict=False)


def gather_optimizer(network: nn.Module, optimizer: torch.optim.Optimizer) -> dict:
    """The optimiser's state, gathered as in `gather_network`."""
    return get_optimizer_state_dict(network, optimizer, options=FULL) if _sharded(network) else optimizer.state_dict()


def load_optimizer(network: nn.Module, optimizer: torch.optim.Optimizer, state: dict) -> None:
    """Load the result of `gather_optimizer`."""
    if _sharded(network):
        set_optimizer_state_dict(network, optimizer, state, options=StateDictOptions(full_state_dict=True))
    else:
        optimizer.load_state_dict(state)


def gather(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Gathers tensors that may be sharded; all processes call it."""
    return {name: weight.full_tensor() if isinstance(weight, DTensor) else weight for name, weight in weights.items()}


def own_part(weight: Tensor) -> Tensor:
    """This process's shard of a weight that may be sharded."""
    return weight.detach().to_local() if isinstance(weight, DTensor) else weight.detach()


def shard_like(weights: dict[str, Tensor], like: dict[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of `gather`: shards tensors like those of `like`."""
    return {
        name: distribute_tensor(weight.to(like[name].device), like[name].device_mesh, like[name].placements)
        if name in like and isinstance(like[name], DTensor)
        else weight
        for name, weight in weights.items()
    }


def _sharded(network: nn.Module) -> bool:
    return any(isinstance(parameter, DTensor) for parameter in network.parameters())
