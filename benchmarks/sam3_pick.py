"""A click that asks SAM3, at its true size, on the CPU.

    .venv/bin/python benchmarks/sam3_pick.py [--clicks 2]

ComfyUI's SAM3.1 with random weights, so what it finds means nothing: only the time and the memory do. The nodes are
those of the prompt that the editor queues, less the loading of the file. It needs 8 GB of memory. Linux only.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from benchmarks.draganything_step import random_model  # noqa: E402
from benchmarks.measuring import used  # noqa: E402
from dragnuwa.host.find import find_host  # noqa: E402

WIDTH, HEIGHT = 1024, 768


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=2)
    options = parser.parse_args()
    find_host()
    from comfy.cli_args import args

    args.cpu = True
    import comfy.supported_models
    from comfy_extras.nodes_sam3 import SAM3_Detect

    with used() as found:
        model = random_model(comfy.supported_models.SAM31({"image_model": "SAM31"}))
    numbers = sum(weight.numel() for weight in model.model.diffusion_model.parameters())
    sys.stdout.write(f"{numbers / 1e6:.0f} million random weights: {found}\n")
    picture = torch.rand(1, HEIGHT, WIDTH, 3, generator=torch.Generator().manual_seed(0))
    for number in range(options.clicks):
        coordinates = json.dumps([{"x": 400 + 10 * number, "y": 300}])
        with used() as found:
            masks, _ = SAM3_Detect.execute(model, picture, positive_coords=coordinates).result
        sys.stdout.write(f"click {number + 1}, masks {list(masks.shape)}: {found}\n")


if __name__ == "__main__":
    main()
