"""The optimiser: Muon for what acts as a matrix, AdamW for the rest, and a moving average of the weights."""

import math
from collections.abc import Iterable

import torch
from torch import nn


class MuonAdamW:
    """`torch.optim.Muon` on the weights of linear and convolution layers, AdamW on all other parameters.

    Muon takes matrices only; a convolution is one over its flattened input patch, so it is given a view of its weight
    that shares its storage. Norms, biases, embeddings and `plain` parameters go to AdamW without decay.
    """

    def __init__(
        self, module: nn.Module, lr: float, adam_lr: float, weight_decay: float, plain: Iterable[nn.Parameter] = ()
    ):
        apart = {id(parameter) for parameter in plain}
        layers = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
        self.matrices = [
            layer.weight
            for layer in module.modules()
            if isinstance(layer, layers) and layer.weight.requires_grad and id(layer.weight) not in apart
        ]
        matrices = {id(weight) for weight in self.matrices}
        others = [
            parameter for parameter in module.parameters() if parameter.requires_grad and id(parameter) not in matrices
        ]
        self.views = [nn.Parameter(weight.detach().view(len(weight), -1)) for weight in self.matrices]
        self.muon = torch.optim.Muon(self.views, lr=lr, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
        self.adam = torch.optim.AdamW(others, lr=adam_lr, weight_decay=0.0, betas=(0.9, 0.99))
        self.base = (lr, adam_lr)

    def set_rate(self, share: float) -> None:
        """Set both learning rates to `share` of what they were made with."""
        for optimizer, lr in zip((self.muon, self.adam), self.base, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = lr * share

    def step(self) -> None:
        for view, weight in zip(self.views, self.matrices, strict=True):
            view.grad = None if weight.grad is None else weight.grad.reshape(view.shape)
        self.muon.step()
        self.adam.step()

    def zero_grad(self) -> None:
        for parameter in self.matrices:
            parameter.grad = None
        self.muon.zero_grad()
        self.adam.zero_grad()

    def state_dict(self) -> dict:
        return {"muon": self.muon.state_dict(), "adam": self.adam.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])


class Average:
    """An exponential moving average of a module's parameters; while it is young, it forgets faster."""

    def __init__(self, module: nn.Module, decay: float):
        self.decay = decay
        self.steps = 0
        self.weights = {name: parameter.detach().clone() for name, parameter in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        self.steps += 1
        keep = min(self.decay, (1 + self.steps) / (10 + self.steps))
        parameters = dict(module.named_parameters())
        torch._foreach_lerp_(list(self.weights.values()), [parameters[name] for name in self.weights], 1 - keep)

    def state_dict(self) -> dict:
        return {"steps": self.steps, "weights": self.weights}

    def load_state_dict(self, state: dict) -> None:
        self.steps, self.weights = state["steps"], state["weights"]


def cosine(step: int, total: int, warmup: int, last: float = 0.0) -> float:
    """The learning rate's share at `step`: a linear warm-up, then half a cosine down to `last` at `total`."""
    if step < warmup:
        return (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, total - warmup))
    return last + (1 - last) * (1 + math.cos(math.pi * done)) / 2
