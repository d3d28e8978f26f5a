"""The cases by their names, and how one runs a node or asks a route of the page."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from dragnuwa.common.picture_files import open_picture
from tests.long.hashes.inputs import OSPREY, PICTURES, depth_picture

CHECKPOINT = "dragnuwa-tiny.safetensors"
CLIP = {"width": 640, "height": 384, "frames": 5}
SMALL = {"width": 320, "height": 192, "frames": 5}
Outputs = dict[str, Any]
"""Arrays, texts and bytes by their names."""

CASES: dict[str, Callable[[], Outputs]] = {}


def case(name: str, /, *arguments: Any, **named: Any) -> Callable:
    """Adds a function, called with these arguments, to the cases."""

    def add(function: Callable[..., Outputs]) -> Callable[..., Outputs]:
        CASES[name] = partial(function, *arguments, **named)
        return function

    return add


@cache
def nodes() -> dict[str, type]:
    from tools.docs import node_classes

    return node_classes()


def run(node: str, names: str, **inputs: Any) -> Outputs:
    """A node's outputs by names, in order; those named "-" are left out."""
    prepared = nodes()[f"DragNUWA{node}"].PREPARE_CLASS_CLONE({"hidden_inputs": {}})
    made = prepared.execute(**inputs).args
    return {name: value for name, value in zip(names.split(), made, strict=True) if name != "-"}


@cache
def loaded() -> tuple:
    return nodes()["DragNUWALoadCheckpoint"].execute(CHECKPOINT).args


@cache
def routes() -> dict[str, Any]:
    from dragnuwa.server.routes import picture_jobs

    folder = tempfile.mkdtemp()
    for path in PICTURES.iterdir():
        (Path(folder) / path.name).write_bytes(path.read_bytes())
    levels = (depth_picture(OSPREY)[0, ..., 0].numpy() * 65_535).astype(np.uint16)
    written = np.stack([levels >> 8, levels & 255, 0 * levels], -1).astype(np.uint8)  # as of `shown_on_page`
    Image.fromarray(written).save(Path(folder) / "depth.png")

    def load(name: str) -> torch.Tensor:
        with open_picture(Path(folder) / name.partition(" [")[0]) as opened:
            return torch.from_numpy(np.array(opened.convert("RGB"))) / 255

    jobs = picture_jobs({"input": folder}.get, load)
    return {job.path.rpartition("/")[2]: job for job in jobs}


def reference(name: str, **fields: Any) -> dict:
    return {"filename": name, "subfolder": "", "type": "input", **fields}


def post(route: str, name: str, *, fit: str = "crop", **fields: Any) -> bytes:
    about = {"picture": reference(f"dragnuwa-{name}"), "width": 640, "height": 384, "fit": fit, **fields}
    return routes()[route].work(json.dumps(about).encode())
