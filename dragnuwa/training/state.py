"""Training states on disk: written whole or not at all."""

import os
from pathlib import Path

import torch


def save(state: dict, path: Path) -> None:
    """Write `state` beside `path`, flush it to the disk, and only then put it in `path`'s place.

    A kill or a full disk leaves the earlier file as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    with open(beside, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load(path: Path) -> dict | None:
    """The state at `path`, or None where there is none yet."""
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None
