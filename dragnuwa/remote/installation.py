"""Finds ComfyUI on this machine, and its Python. Standard library only: imports nothing of ComfyUI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PACK = Path(__file__).resolve().parents[2]
_PLACES = (PACK / ".host" / "ComfyUI", PACK.parents[1])  # from `make setup`, and the one whose custom_nodes we are in


def find_comfyui(folder: str | Path | None = None) -> Path:
    """The folder of ComfyUI: the first of `folder`, the environment variable COMFYUI, `.host/ComfyUI` in the pack's
    folder, and the ComfyUI that the pack is installed in.

    Raises:
        FileNotFoundError: if none of them holds ComfyUI.
    """
    candidates = [place for place in (folder, os.environ.get("COMFYUI"), *_PLACES) if place]
    found = next((Path(place).resolve() for place in candidates if (Path(place) / "comfy" / "sd.py").exists()), None)
    if found is None:
        raise FileNotFoundError(
            f"ComfyUI was not found in {', '.join(map(str, candidates))}. Set COMFYUI to its folder."
        )
    return found


def find_python(comfyui: Path) -> Path | None:
    """The Python of a ComfyUI: $COMFYUI_PYTHON, its virtual environment, or its embedded one; None if it has none.

    Raises:
        FileNotFoundError: if COMFYUI_PYTHON is not a program.
    """
    if os.environ.get("COMFYUI_PYTHON"):
        named = shutil.which(os.environ["COMFYUI_PYTHON"])
        if named is None:
            raise FileNotFoundError(f"COMFYUI_PYTHON={os.environ['COMFYUI_PYTHON']} is not a program that can be run.")
        return Path(named)
    candidates = [
        venv_python(comfyui / "venv"),
        venv_python(comfyui / ".venv"),
        comfyui.parent / "python_embeded" / "python.exe",
    ]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def venv_python(venv: Path) -> Path:
    """The interpreter of a virtual environment, whether or not it exists."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
