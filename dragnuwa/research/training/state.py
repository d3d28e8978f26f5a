"""Training states on disk, written atomically."""

from pathlib import Path

import torch

from ...common.atomic import atomic_write


def save(state: dict, path: Path) -> None:
    """Replace the file at `path` by `state`; after a kill or with a full disk, the earlier file is unchanged."""
    with atomic_write(path) as file:
        torch.save(state, file)


def load(path: Path) -> dict | None:
    """The state at `path`, or None if there is none yet."""
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None
