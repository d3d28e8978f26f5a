"""The prompt and the workflow that ComfyUI writes into its files, and the drags in them. Anyone may write such ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..common.errors import InputError
from ..trajectory.types import MAX_SIDE

EDITOR = "DragNUWATrajectoryEditor"
FIELD = "trajectories"
MAX_TEXT_BYTES = 2**25
MAX_NODES = 10_000
SIZE = (576, 320)  # of the editor's clip, where the file does not say it
MODEL_FILES = (".safetensors", ".ckpt", ".pth", ".pt", ".gguf", ".bin", ".sft")
_WANTED = ("prompt", "workflow")


@dataclass(frozen=True)
class Written:
    """The drags of an editor as they stand in a file, unchecked, and the clip's (width, height) in pixels."""

    text: str
    size: tuple[int, int]


def comfy_metadata(path: Path) -> dict[str, Any]:
    """ComfyUI's "prompt" and "workflow" in a video or a PNG picture, as far as they are there and JSON.

    Raises:
        InputError: if the file is neither, or they are too long.
    """
    texts = _of_png(path) if path.suffix.lower() == ".png" else _of_video(path)
    found = {}
    for name, text in texts.items():
        if name.lower() not in _WANTED or not isinstance(text, str):
            continue
        if len(text) > MAX_TEXT_BYTES:
            raise InputError(f"ComfyUI's metadata should have at most {MAX_TEXT_BYTES // 2**20} MiB.")
        try:
            found[name.lower()] = json.loads(text)
        except (ValueError, RecursionError):
            continue  # another program's
    return found


def drawings_in(metadata: dict[str, Any]) -> list[Written]:
    """The drags of all editors, those of the prompt before those of the workflow, which holds unused ones as well."""
    found = drawings_of_prompt(metadata.get("prompt"))
    return found or list(_drawings_of_workflow(metadata.get("workflow")))


def drawings_of_prompt(prompt: Any) -> list[Written]:
    """The drags of all editors in a prompt in the API format."""
    found = []
    for kind, inputs in _nodes(prompt):
        text = inputs.get(FIELD)
        if kind == EDITOR and isinstance(text, str):
            found.append(Written(text, _size(inputs.get("width"), inputs.get("height"))))
    return found


def models_of_prompt(prompt: Any, before: str | None = None) -> list[str]:
    """Names of the model files that a prompt in the API format loads, without their folders.

    Args:
        before: id of a node, of which only what it depends on counts; None for the whole prompt.
    """
    if before is not None:
        prompt = _before(prompt, before)
    values = (value for _, inputs in _nodes(prompt) for value in inputs.values())
    names = (value.replace("\\", "/").rsplit("/", 1)[-1] for value in values if isinstance(value, str))
    return list(dict.fromkeys(name for name in names if name.lower().endswith(MODEL_FILES)))


def _before(prompt: Any, last: str) -> dict[str, Any]:
    """The part of a prompt that a node depends on, with itself."""
    nodes, found, open_ids = prompt if isinstance(prompt, dict) else {}, {}, [last]
    while open_ids:
        key = open_ids.pop()
        if key in nodes and key not in found:
            found[key] = nodes[key]
            inputs = nodes[key].get("inputs", {}).values()
            open_ids += [str(value[0]) for value in inputs if isinstance(value, list) and len(value) == 2]
    return found


def _nodes(prompt: Any) -> Iterator[tuple[Any, dict]]:
    """Class and inputs of each node."""
    nodes = list(prompt.values())[:MAX_NODES] if isinstance(prompt, dict) else []
    for node in nodes:
        if isinstance(node, dict) and isinstance(node.get("inputs"), dict):
            yield node.get("class_type"), node["inputs"]


def _drawings_of_workflow(workflow: Any) -> Iterator[Written]:
    """A workflow's values have no names: of an editor, the drags come first, then the clip's width and height."""
    if not isinstance(workflow, dict):
        return
    definitions = workflow.get("definitions")
    subgraphs = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    for graph in (workflow, *(subgraphs if isinstance(subgraphs, list) else ())):
        nodes = graph.get("nodes") if isinstance(graph, dict) else None
        for node in (nodes if isinstance(nodes, list) else [])[:MAX_NODES]:
            values = node.get("widgets_values") if isinstance(node, dict) and node.get("type") == EDITOR else None
            if isinstance(values, list) and values and isinstance(values[0], str):
                yield Written(values[0], _size(*(values[1:3] if len(values) > 2 else (None, None))))


def _size(width: Any, height: Any) -> tuple[int, int]:
    known = all(type(side) is int and 0 < side <= MAX_SIDE for side in (width, height))
    return (width, height) if known else SIZE


def _of_png(path: Path) -> dict[str, Any]:
    from ..common.picture_files import open_picture

    with open_picture(path) as image:
        return dict(image.info)


def _of_video(path: Path) -> dict[str, Any]:
    from ..common.video_files import metadata_of

    return metadata_of(path)
