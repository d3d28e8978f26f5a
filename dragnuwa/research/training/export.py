"""`python -m dragnuwa.research.training.export STATE OUT.safetensors`: makes a checkpoint of a training state."""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save as serialise

from ...common.atomic import atomic_write
from ...host.find import find_host
from . import state
from .config import parse
from .run_config import RunConfig

log = logging.getLogger(__name__)


def write(tensors: dict[str, torch.Tensor], metadata: dict[str, str], path: Path) -> None:
    """Write the file atomically."""
    with atomic_write(path) as file:
        file.write(serialise(tensors, metadata))


def export(saved: dict, path: Path, *, autoencoder: Path | None = None, average: bool = True) -> None:
    """Write the averaged weights of a state, or its last ones; `autoencoder` replaces the one in its configuration."""
    config = parse(json.loads(saved["config"]), RunConfig)
    if autoencoder is not None:
        config = replace(config, autoencoder=str(autoencoder))
    recipe = config.build(torch.device("cpu"), cache=False)
    weights = dict(saved["network"]) | (saved["average"]["weights"] if average else {})
    write(*recipe.export(weights, saved["step"]), path)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.research.training.export", description="Export a training state."
    )
    parser.add_argument("state", type=Path, help="state.pt of a run of dragnuwa.train")
    parser.add_argument(
        "autoencoder",
        type=Path,
        nargs="?",
        help="for the tiny model, what dragnuwa.research.training.recipes.tiny.autoencoder wrote, instead of the run's",
    )
    parser.add_argument("out", type=Path, help="the .safetensors file to write")
    parser.add_argument(
        "--last",
        action="store_true",
        help="use the last weights instead of the moving average, which lags behind if the last phase of a run was "
        "short and its learning rate decayed to 0",
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if (saved := state.load(options.state)) is None:
        parser.error(f"not found: {options.state}")
    find_host()
    export(saved, options.out, autoencoder=options.autoencoder, average=not options.last)
    log.info("wrote %s", options.out)


if __name__ == "__main__":
    main()
