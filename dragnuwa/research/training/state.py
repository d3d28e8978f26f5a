"""Training states on disk, written atomically."""

from pathlib import Path

import torch

from ...common.atomic import atomic_write


def save(state: dict, path: Path) -> None:
    """Replace the file at `path` by `state`; a kill or a full disk leaves the earlier file as it was."""
    with atomic_write(path) as file:
        torch.save(state, file)


def load(path: Path) -> dict | None:
    """The state at `path`, or None where there is none yet."""
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None
