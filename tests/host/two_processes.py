"""What each of two processes of one training run does, as `test_training_engine.py` starts them."""

import json
import os
from copy import deepcopy
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.fsdp import fully_shard

from dragnuwa.research.training import engine, sharding
from dragnuwa.research.training.config import read
from dragnuwa.research.training.data.sources import batches
from dragnuwa.research.training.optim import EMA
from dragnuwa.research.training.run_config import RunConfig


def trained(config: RunConfig) -> dict:
    """A few steps of the run, whether both processes have the same weights after them, and which matrices rest."""
    torch.set_num_threads(1)
    run = engine.Run(config)
    start = deepcopy(run.recipe.network.state_dict())
    clips = batches(config.open_source(run.rank), 0, run.micro_batch, rank=run.rank, world=run.processes)
    losses = []
    while run.step < config.steps:
        run.train_step(clips)
        losses.append(run.mean_losses()["loss"])
    weights = torch.cat([parameter.detach().flatten() for parameter in run.recipe.network.parameters()])
    both = run.accelerator.gather(weights[None])
    run.save()
    matrices = {name: value for name, value in run.recipe.network.state_dict().items() if value.dim() >= 2}
    resting = [name for name, value in matrices.items() if torch.equal(value, start[name])]
    return {"processes": run.processes, "losses": losses, "resting": resting, "equal": torch.equal(both[0], both[1]),
            "finite": bool(weights.isfinite().all()), "wishes": run.any_process(run.rank == 1, False)}  # fmt: skip


def sharded() -> dict:
    """Whether a network that FSDP has sharded is gathered in full, and resumed from that exactly."""

    def made() -> tuple[nn.Module, torch.optim.Optimizer, EMA]:
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(4, 6), nn.SiLU(), nn.Linear(6, 4), nn.Linear(4, 4).requires_grad_(False))
        fully_shard(network)
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        return network, torch.optim.Adam(trained, 0.01), EMA(network, 0.9)

    def descend(network, optimizer, average, steps) -> list[float]:
        losses = []
        for step in steps:
            loss = (network(torch.full((2, 4), float(step))) - 1).square().mean()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            average.update(network)
            losses.append(float(loss))
        return losses

    def gathered(network, optimizer, average) -> dict:
        return {
            "network": sharding.gather_network(network),
            "optimizer": sharding.gather_optimizer(network, optimizer),
            "average": average.state_dict() | {"weights": sharding.gather(average.weights)},
        }

    whole = made()
    descend(*whole, range(3))
    kept = [gathered(*whole)]  # that of the first process
    dist.broadcast_object_list(kept)
    saved = deepcopy(kept[0])  # as by way of the disk
    expected = descend(*whole, range(3, 6))
    network, optimizer, average = made()
    sharding.load_network(network, saved["network"])
    sharding.load_optimizer(network, optimizer, saved["optimizer"])
    shards = sharding.shard_like(saved["average"]["weights"], average.weights)
    average.load_state_dict(saved["average"] | {"weights": shards})
    again = descend(network, optimizer, average, range(3, 6))
    with average.applied(network):
        applied = sharding.gather_network(network)
    averages = sharding.gather(whole[2].weights)
    same = dist.get_rank() != 0 or all(torch.equal(applied[name], averages[name]) for name in averages)
    return {"expected": expected, "again": again, "keys": sorted(saved["network"]), "averages": same}


def run(config: Path, out: Path, environment: dict[str, str]) -> None:
    """`environment` is what torchrun tells its processes; the first of them writes what was found to `out`."""
    os.environ.update(environment)
    found = trained(read(config, RunConfig)) | {"sharded": sharded()}
    if dist.get_rank() == 0:
        out.write_text(json.dumps(found))
    dist.barrier()  # neither leaves while the other still holds on to it
    dist.destroy_process_group()
