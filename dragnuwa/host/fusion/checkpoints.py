"""DragNUWA checkpoints by name: the small model that comes with the pack, and the files in ComfyUI's folders."""

from __future__ import annotations

from pathlib import Path

import folder_paths

from .load import Parts, load

EMBEDDED = Path(__file__).resolve().parents[3] / "models"


def names(embedded: Path = EMBEDDED) -> list[str]:
    """All choices. The pack's own model comes first, since it works on any machine.

    Only this pack's loader offers it: ComfyUI's own loaders cannot load it.
    """
    own = sorted(file.name for file in embedded.glob("*.safetensors"))
    return own + [name for name in folder_paths.get_filename_list("checkpoints") if name not in own]


def path(name: str, embedded: Path = EMBEDDED) -> str:
    """The file for one of `names`; ComfyUI's folders take precedence over the pack's own model.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    if found := folder_paths.get_full_path("checkpoints", name):
        return found
    own = {file.name: file for file in embedded.glob("*.safetensors")}
    return str(own[name]) if name in own else folder_paths.get_full_path_or_raise("checkpoints", name)


def load_named(name: str) -> Parts:
    """Every part of the checkpoint for one of `names`.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it is not a complete DragNUWA checkpoint.
    """
    return load(path(name), folder_paths.get_folder_paths("embeddings"))
