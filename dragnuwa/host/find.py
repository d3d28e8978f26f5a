"""Puts ComfyUI on the import path, for commands that run outside of it."""

import sys
from pathlib import Path

import torch

from ..remote.installation import find_comfyui


def find_host(folder: str | Path | None = None) -> Path:
    """Put ComfyUI on the import path, and configure it for the CPU on a machine without an accelerator.

    It is found as by `installation.find_comfyui`, and its folder returned.

    Raises:
        FileNotFoundError: if there is none.
    """
    host = find_comfyui(folder)
    if str(host) not in sys.path:
        sys.path.insert(0, str(host))
    import comfy.cli_args

    if not torch.cuda.is_available():
        comfy.cli_args.args.cpu = True  # otherwise the host looks for a GPU on import
    comfy.cli_args.args.use_pytorch_cross_attention = True  # fast in training on every device
    return host
