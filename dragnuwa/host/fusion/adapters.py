"""DragNUWA's adapters by name, from ComfyUI's model patch folders."""

from __future__ import annotations

import folder_paths
from comfy.model_patcher import ModelPatcher

from ...models.checkpoint import CheckpointError
from .load import load_adapter

FOLDER = "model_patches"


def names() -> list[str]:
    """All choices, including adapters of other models: a file is only recognised when it is loaded."""
    return folder_paths.get_filename_list(FOLDER)


def load_named(name: str) -> ModelPatcher:
    """The adapter for one of `names`.

    Raises:
        CheckpointError: if there is no such file, or it is not a complete DragNUWA adapter.
    """
    if path := folder_paths.get_full_path(FOLDER, name):
        return load_adapter(path)
    raise CheckpointError(
        f'There is no "{name[:80]}" in ComfyUI\'s models/{FOLDER}. Put the adapter that python -m dragnuwa.convert '
        "wrote there, and press R in ComfyUI to see it in the list."
    )
