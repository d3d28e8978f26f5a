"""`python -m dragnuwa.training.export STATE AUTOENCODER OUT.safetensors`: a training state as a DragNUWA checkpoint."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save as serialise

from . import state
from .whole import writing

VAE = "first_stage_model."
PREFIXES = {  # of the network's parts, in the released key layout
    "unet.": "model.diffusion_model.",
    "fusion.": "model.diffusion_model.",
    "text.": "cond_stage_model.clip_l.transformer.",
}


def checkpoint(saved: dict, autoencoder: dict[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Averaged weights in the released key layout, float16, and the metadata that the loader reads."""
    weights = dict(saved["network"]) | saved["average"]["weights"]
    tensors = {_renamed(key): value for key, value in weights.items()}
    tensors |= {VAE + key: value for key, value in autoencoder.items()}
    config = json.loads(saved["config"])
    described = {
        "num_head_channels": config["network"]["head_channels"],
        "kernel_size": config["clips"]["kernel_size"],
        "sigma": config["clips"]["sigma"],
        "frames": config["clips"]["scenes"]["frames"],
        "steps": saved["step"],
        "training": config,
    }
    return {key: value.half().contiguous() for key, value in tensors.items()}, {"config": json.dumps(described)}


def _renamed(key: str) -> str:
    part, name = key.split(".", 1)
    return PREFIXES[f"{part}."] + name


def write(tensors: dict[str, torch.Tensor], metadata: dict[str, str], path: Path) -> None:
    """Write the file whole or not at all."""
    with writing(path) as file:
        file.write(serialise(tensors, metadata))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m dragnuwa.training.export", description="Export a training state.")
    parser.add_argument("state", type=Path, help="state.pt of a run of dragnuwa.train")
    parser.add_argument("autoencoder", type=Path, help="autoencoder.pt of dragnuwa.training.autoencoder")
    parser.add_argument("out", type=Path, help="the .safetensors file to write")
    options = parser.parse_args(arguments)
    saved, autoencoder = state.load(options.state), state.load(options.autoencoder)
    if saved is None or autoencoder is None:
        parser.error(f"not found: {options.state if saved is None else options.autoencoder}")
    write(*checkpoint(saved, autoencoder), options.out)


if __name__ == "__main__":
    main()
