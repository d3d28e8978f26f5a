"""`python -m dragnuwa.research.training.recipes.click.export STATE OUT --encoder FILE`: the weights of a training.

The averaged weights, whose encoder is brought part of the way back to ImageNet's (weight interpolation, arXiv
2109.01903): what it learns on composites is partly how composites are made, which photographs do not have.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from .....vision.click_network.weights import save
from ... import state
from .encoder_weights import of_file

log = logging.getLogger(__name__)

KEPT = 0.4  # share of the trained encoder: the best of 0.3 to 1 on half A of the photographs' table
LICENCE = "CC-BY-SA-4.0"  # that of the renders and of most photographs in the stock


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.research.training.recipes.click.export", description="Write a training's weights."
    )
    parser.add_argument("state", type=Path, help="the training's state.pt")
    parser.add_argument("out", type=Path, help="the .safetensors file")
    parser.add_argument("--encoder", required=True, help="the .pth file of EfficientNet-Lite0 that it began with")
    parser.add_argument("--kept", type=float, default=KEPT, help="share of the trained encoder, from 0 to 1")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    saved = state.load(options.state)
    if saved is None:
        parser.error(f"{options.state} does not exist")
    weights = saved["network"] | saved["average"]["weights"]
    for name, tensor in of_file(options.encoder).items():
        weights[f"encoder.{name}"] = torch.lerp(tensor, weights[f"encoder.{name}"].float(), options.kept)
    save(weights, options.out, licence=LICENCE)
    millions = sum(one.numel() for one in weights.values()) / 1e6
    log.info("%s: step %d, %.2f million weights", options.out, saved["step"], millions)


if __name__ == "__main__":
    main()
