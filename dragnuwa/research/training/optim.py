"""The optimiser Muon with AdamW, learning rate schedules, and the exponential moving average of the weights."""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn


class Muon(torch.optim.Muon):
    """`torch.optim.Muon`; on a GPU, it multiplies matrices of the same shape at once: one after the other, some hundred
    small ones take a third of a step there, in which the GPU waits to be told of each product."""

    def step(self, closure: None = None) -> None:
        if any(weight.device.type == "cpu" for group in self.param_groups for weight in group["params"]):
            super().step()
        else:
            self.step_at_once()

    @torch.no_grad()
    def step_at_once(self) -> None:
        """`step`, for matrices of the same shape at once."""
        for group in self.param_groups:
            alike: dict[torch.Size, list[nn.Parameter]] = {}
            for weight in group["params"]:
                if weight.grad is not None:
                    alike.setdefault(weight.shape, []).append(weight)
            for shape, weights in alike.items():
                rate = group["lr"] * 0.2 * math.sqrt(max(shape))  # adjust_lr_fn = "match_rms_adamw"
                updates = orthogonal(torch.stack(self._momenta(weights, group)), group)
                torch._foreach_mul_(weights, 1 - group["lr"] * group["weight_decay"])
                torch._foreach_add_(weights, list(updates.to(weights[0].dtype).unbind()), alpha=-rate)

    def _momenta(self, weights: list[nn.Parameter], group: dict) -> list[torch.Tensor]:
        """Nesterov's momentum of each weight's gradient, with the buffers of `torch.optim.Muon`."""
        gradients = [weight.grad for weight in weights]
        for weight in weights:
            if "momentum_buffer" not in self.state[weight]:
                self.state[weight]["momentum_buffer"] = torch.zeros_like(weight.grad)
        buffers = [self.state[weight]["momentum_buffer"] for weight in weights]
        torch._foreach_lerp_(buffers, gradients, 1 - group["momentum"])
        return torch._foreach_lerp(gradients, buffers, group["momentum"])


def orthogonal(matrices: torch.Tensor, group: dict) -> torch.Tensor:
    """Newton and Schulz's iteration of `torch.optim.Muon` on each of `[N, R, C]`, in bfloat16."""
    a, b, c = group["ns_coefficients"]
    x = matrices.bfloat16()
    if high := x.shape[1] > x.shape[2]:
        x = x.mT
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=group["eps"])
    for _ in range(group["ns_steps"]):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if high else x


class MuonAdamW(torch.optim.Optimizer):
    """`Muon` on the weights of linear and convolution layers, AdamW on all other parameters.

    Muon only supports matrices. A convolution's weight is a matrix over flattened input patches, so Muon gets a view
    that shares its storage: the module must already be on its device, and must not be sharded. The views are recreated
    at each step, since accelerate copies the weights when several processes run on CPUs: it moves the module to
    "cpu:0", which torch considers a different device than "cpu". Norms, biases, embeddings and the parameters in
    `plain` go to AdamW, without weight decay.
    """

    def __init__(
        self, module: nn.Module, *, lr: float, adam_lr: float, weight_decay: float, plain: Iterable[nn.Parameter] = ()
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
        super().__init__([{"params": self.matrices, "lr": lr}, {"params": others, "lr": adam_lr}], {})
        self.views = [nn.Parameter(weight.detach().view(len(weight), -1)) for weight in self.matrices]
        self.muon = Muon(self.views, lr=lr, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
        self.adam = torch.optim.AdamW(others, lr=adam_lr, weight_decay=0.0, betas=(0.9, 0.99))

    def step(self, closure: None = None) -> None:
        for optimizer, group in zip((self.muon, self.adam), self.param_groups, strict=True):
            for inner in optimizer.param_groups:
                inner["lr"] = group["lr"]
        for view, weight in zip(self.views, self.matrices, strict=True):
            view.data = weight.detach().view(view.shape)
            view.grad = None if weight.grad is None else weight.grad.reshape(view.shape)
        self.muon.step()
        self.adam.step()
        self.muon.zero_grad()

    def state_dict(self) -> dict:
        return {"muon": self.muon.state_dict(), "adam": self.adam.state_dict()}

    def load_state_dict(self, state_dict: dict) -> None:
        self.muon.load_state_dict(state_dict["muon"])
        self.adam.load_state_dict(state_dict["adam"])


class EMA:
    """The exponential moving average of a module's trained parameters. Its decay is smaller during the first steps."""

    def __init__(self, module: nn.Module, decay: float):
        self.decay = decay
        self.steps = 0
        self.weights = {name: parameter.detach().clone() for name, parameter in _trained(module).items()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        self.steps += 1
        keep = min(self.decay, (1 + self.steps) / (10 + self.steps))
        parameters = _trained(module)
        torch._foreach_lerp_(list(self.weights.values()), [parameters[name] for name in self.weights], 1 - keep)

    @contextmanager
    def applied(self, module: nn.Module) -> Iterator[None]:
        """Within the block, the weights of `module` are the averages."""
        parameters = _trained(module)
        kept = {name: parameter.detach().clone() for name, parameter in parameters.items()}
        try:
            _copy(self.weights, parameters)
            yield
        finally:
            _copy(kept, parameters)

    def state_dict(self) -> dict:
        return {"steps": self.steps, "weights": self.weights}

    def load_state_dict(self, state: dict) -> None:
        """
        Raises:
            ValueError: if the state is of a network with other parameters.
        """
        self.steps = state["steps"]
        if state["weights"].keys() != self.weights.keys():
            raise ValueError("the averaged weights are those of another network.")
        _copy(state["weights"], self.weights)


def _trained(module: nn.Module) -> dict[str, nn.Parameter]:
    return {name: parameter for name, parameter in module.named_parameters() if parameter.requires_grad}


@torch.no_grad()
def _copy(source: dict, target: dict) -> None:
    for name, weight in source.items():
        target[name].copy_(weight)


def set_learning_rate(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set the learning rate of each parameter group to `factor` times its initial one."""
    for group in optimizer.param_groups:
        group["lr"] = group.setdefault("initial_lr", group["lr"]) * factor


def cosine(step: int, total: int, warmup: int) -> float:
    """The factor at `step`: a linear warm-up, then half a cosine down to 0 at step `total`."""
    if step < warmup:
        return (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, total - warmup))
    return (1 + math.cos(math.pi * done)) / 2


def constant(step: int, total: int, warmup: int, cooldown: int) -> float:
    """The factor at `step`: a linear warm-up, a plateau, and a linear decay over the last `cooldown` steps."""
    rise = min(1.0, (step + 1) / max(1, warmup))
    return min(rise, (total - step) / cooldown) if cooldown else rise


def adamw(network: nn.Module, *, lr: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW for the trained parameters of a network; it works with sharded ones too."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(trained, lr=lr, weight_decay=weight_decay)
