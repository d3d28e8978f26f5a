"""DragNUWA's checkpoints and adapters by name: ComfyUI's files, and the small model that comes with the pack."""

from __future__ import annotations

from pathlib import Path

import folder_paths
from comfy.model_patcher import ModelPatcher

from ...models.checkpoint import CheckpointError
from .load import Parts, load, load_adapter

EMBEDDED = Path(__file__).resolve().parents[3] / "models"
ADAPTERS = "model_patches"


def checkpoint_names(embedded: Path = EMBEDDED) -> list[str]:
    """All checkpoints to choose from. The pack's own model comes first, since it works on any machine.

    Only this pack's loader offers it: ComfyUI's own loaders cannot load it.
    """
    own = sorted(file.name for file in embedded.glob("*.safetensors"))
    return own + [name for name in folder_paths.get_filename_list("checkpoints") if name not in own]


def checkpoint_path(name: str, embedded: Path = EMBEDDED) -> str:
    """The file for one of `checkpoint_names`; ComfyUI's folders take precedence over the pack's own model.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    if found := folder_paths.get_full_path("checkpoints", name):
        return found
    own = {file.name: file for file in embedded.glob("*.safetensors")}
    return str(own[name]) if name in own else folder_paths.get_full_path_or_raise("checkpoints", name)


def load_named_checkpoint(name: str) -> Parts:
    """Every part of the checkpoint for one of `checkpoint_names`.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it is not a complete DragNUWA checkpoint.
    """
    return load(checkpoint_path(name), folder_paths.get_folder_paths("embeddings"))


def adapter_names() -> list[str]:
    """All adapters to choose from, including those of other models: a file is only recognised when it is loaded."""
    return folder_paths.get_filename_list(ADAPTERS)


def load_named_adapter(name: str) -> ModelPatcher:
    """The adapter for one of `adapter_names`.

    Raises:
        CheckpointError: if there is no such file, or it is not a complete DragNUWA adapter.
    """
    if path := folder_paths.get_full_path(ADAPTERS, name):
        return load_adapter(path)
    raise CheckpointError(
        f'There is no "{name[:80]}" in ComfyUI\'s models/{ADAPTERS}. Put the adapter that python -m dragnuwa.convert '
        "wrote there, and press R in ComfyUI to see it in the list."
    )
