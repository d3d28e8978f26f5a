"""Finds ComfyUI and puts it on the import path, for commands that run outside of it."""

import os
import sys
from pathlib import Path

import torch

_PLACES = (".host/ComfyUI", "../../../ComfyUI")


def find_host(folder: str | Path | None = None) -> Path:
    """Put ComfyUI on the import path, and configure it for the CPU on a machine without an accelerator.

    The first of these that holds ComfyUI is used: `folder`, the environment variable COMFYUI, `.host/ComfyUI`, and the
    ComfyUI that this pack is installed in.

    Raises:
        FileNotFoundError: if none of them holds ComfyUI.
    """
    places = [place for place in (folder, os.environ.get("COMFYUI"), *_PLACES) if place]
    host = next((Path(place).resolve() for place in places if (Path(place) / "comfy" / "sd.py").exists()), None)
    if host is None:
        raise FileNotFoundError(f"ComfyUI was not found in {', '.join(map(str, places))}. Set COMFYUI to its folder.")
    if str(host) not in sys.path:
        sys.path.insert(0, str(host))
    import comfy.cli_args

    if not torch.cuda.is_available():
        comfy.cli_args.args.cpu = True  # otherwise the host looks for a GPU on import
    comfy.cli_args.args.use_pytorch_cross_attention = True  # fast in training on every device
    return host
