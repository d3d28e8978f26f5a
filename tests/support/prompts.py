"""Prompts for a server, and the pictures that they give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dragnuwa.remote.client import Client, NodeError, Result


def node(class_type: str, **inputs) -> dict:
    """A node of a prompt; the input [id, slot] is a link."""
    return {"class_type": class_type, "inputs": inputs}


def downloaded(client: Client, result: Result, name: str, folder: Path, mode: str = "RGB") -> np.ndarray:
    """`[T, H, W, 3]` uint8, or `[T, H, W]` in the mode "L": the pictures that the node `name` shows."""
    files = [client.download(item, folder / name) for item in result.files(name)]
    return np.stack([np.asarray(Image.open(file).convert(mode)) for file in files])


def node_error(client: Client, prompt: dict) -> NodeError:
    """With which a prompt fails."""
    with pytest.raises(NodeError) as error:
        client.run(prompt)
    return error.value


def in_input_folder(filename: str, subfolder: str = "", kind: str = "input") -> dict:
    """A picture as the page names it."""
    return {"filename": filename, "subfolder": subfolder, "type": kind}
