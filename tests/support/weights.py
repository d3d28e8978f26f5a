"""Weights of models: parts of them, and files of them."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file


def without(weights: dict, *parts: str) -> dict:
    """Those whose keys have none of these parts."""
    return {key: value for key, value in weights.items() if not any(part in key for part in parts)}


def plain_svd(weights: dict) -> dict:
    """The plain Stable Video Diffusion inside of a released DragNUWA checkpoint."""
    plain = {key.replace(".linear.", "."): value for key, value in weights.items()}
    return without(plain, "lora_", "flow_", "guassian")


def saved(weights: dict, path: Path, metadata: dict[str, str] | None = None) -> Path:
    """The path to which they were written, as its ending says."""
    if path.suffix == ".pth":
        torch.save({"state_dict": weights}, path)
    else:
        save_file(weights, path, metadata=metadata)
    return path
