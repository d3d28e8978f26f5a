"""A workflow in ComfyUI's API format: read from its file, and its nodes found by id, title or class."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ...common.atomic import read_json

Prompt = Mapping[str, dict]
FEW = 12


def read_prompt(path: Path) -> dict[str, dict]:
    """A workflow in the API format.

    Raises:
        ValueError: if the file is missing, is not such a workflow, or is in the format that ComfyUI's page saves.
    """
    prompt = read_json(path)
    if isinstance(prompt, dict) and "nodes" in prompt:
        raise ValueError(f"{path} is a workflow as saved by the page. Export it with File > Export (API) instead.")
    if (
        not isinstance(prompt, dict)
        or not prompt
        or not all(
            isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)
            for node in prompt.values()
        )
    ):
        raise ValueError(f"{path} is not a workflow in the API format. Make one with File > Export (API) in ComfyUI.")
    try:
        json.dumps(prompt, allow_nan=False, ensure_ascii=False).encode("utf-8")
    except ValueError as error:  # of which UnicodeEncodeError is one
        raise ValueError(f"{path} contains a value that ComfyUI cannot accept: {error}.") from error
    return prompt


def find_by_class(prompt: Prompt, class_type: str, wanted: str | None, option: str) -> str:
    """The id of the only node of a class, or `wanted`, if that is the id of such a node.

    Raises:
        ValueError: if there is none, or there are several and `wanted` is None; it names `option`, which chooses one.
    """
    found = [key for key, node in prompt.items() if node["class_type"] == class_type]
    if wanted is not None:
        found = [key for key in found if key == wanted]
    if len(found) == 1:
        return found[0]
    which = f"with the id {wanted}" if wanted is not None else "in it" if not found else f"only: {', '.join(found)}"
    raise ValueError(f"The workflow should have one {class_type} node {which}; {len(found)} were found. See {option}.")


def find_by_name(prompt: Prompt, name: str) -> str:
    """The id of the node that has `name` as its id or, alone, as its title.

    Raises:
        ValueError: if there is none, or more than one.
    """
    found = [key for key, node in prompt.items() if name in (key, title(node))]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"{name!r} is the id or title of {len(found)} nodes, {', '.join(found)}. Use an id of one.")
    known = [f"{key} ({title(node) or node['class_type']})" for key, node in prompt.items()]
    raise ValueError(f"The workflow has no node with the id or title {name!r}. It has {few(known)}.")


def title(node: Mapping) -> str | None:
    """A node's title; None if the workflow does not contain it."""
    meta = node.get("_meta")
    return meta.get("title") if isinstance(meta, dict) else None


def few(names: list[str]) -> str:
    """The first names of a list, for messages."""
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more" if more > 0 else "")
