"""Finding the host, for scripts that run outside of it."""

import os
import sys
from pathlib import Path

import torch

_PLACES = (".host/ComfyUI", "../../../ComfyUI")


def find_host(folder: str | Path | None = None) -> Path:
    """Put ComfyUI on the import path and, on a machine without an accelerator, tell it so.

    Taken is the first that holds ComfyUI of `folder`, the environment variable COMFYUI, `.host/ComfyUI`, and the host
    that this pack is installed in.

    Raises:
        FileNotFoundError: if none of them does.
    """
    places = [place for place in (folder, os.environ.get("COMFYUI"), *_PLACES) if place]
    host = next((Path(place).resolve() for place in places if (Path(place) / "comfy" / "sd.py").exists()), None)
    if host is None:
        raise FileNotFoundError(f"ComfyUI was not found in {', '.join(map(str, places))}. Set COMFYUI to its folder.")
    if str(host) not in sys.path:
        sys.path.insert(0, str(host))
    import comfy.cli_args

    if not torch.cuda.is_available():
        comfy.cli_args.args.cpu = True  # otherwise the host looks for a GPU while it is imported
    comfy.cli_args.args.use_pytorch_cross_attention = True  # the one that trains fast everywhere
    return host
