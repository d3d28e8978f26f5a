"""What a node of a prompt gives, run on a ComfyUI, and sheets of pictures: for the demo and the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from einops import rearrange
from PIL import Image

from dragnuwa.common.images import to_bytes, to_floats
from dragnuwa.common.picture_files import open_picture
from dragnuwa.remote.client import Client, Result

SHOWN = "shown"  # the name of the node that is added to a prompt


def run_node(client: Client, prompt: dict, kind: str, inputs: dict) -> Result:
    """Run one more node, `SHOWN`, of a class, with everything that it needs of the prompt and nothing else."""
    needed = {SHOWN: {"class_type": kind, "inputs": inputs}}
    links = list(inputs.values())
    while links:
        link = links.pop()
        if isinstance(link, list) and link[0] not in needed:
            needed[link[0]] = prompt[link[0]]
            links += prompt[link[0]]["inputs"].values()
    return client.run(needed)


def run_pictures(client: Client, prompt: dict, images: list, folder: Path) -> torch.Tensor:
    """The pictures `[T, H, W, 3]` from 0 to 1 that come out at `images`, a node's name and the number of its output;
    `folder` is for downloads."""
    result = run_node(client, prompt, "PreviewImage", {"images": images})
    return torch.cat([read_tensor(client.download(file, folder)) for file in result.files(SHOWN)])


def read_tensor(path: Path) -> torch.Tensor:
    """`[1, H, W, 3]` from 0 to 1 of a picture file."""
    with open_picture(path) as image:
        return to_tensor(image)


def to_tensor(image: Image.Image) -> torch.Tensor:
    """`[1, H, W, 3]` from 0 to 1."""
    return to_floats(np.array(image.convert("RGB")))[None]


def in_rows(pictures: torch.Tensor, columns: int) -> list[torch.Tensor]:
    """`[T, H, W, 3]` in rows of so many, the last one filled with black."""
    missing = -len(pictures) % columns
    filled = torch.cat([pictures, pictures.new_zeros(missing, *pictures.shape[1:])])
    return list(filled.split(columns))


def write_sheet(rows: Sequence[torch.Tensor], path: Path, *, gap: int = 0, **saving) -> None:
    """Write a sheet; the name's ending says in which format.

    Args:
        rows: `[N, H, W, 3]` from 0 to 1, each a row; all of one shape.
        gap: px of white to the right of each picture and below it.
        saving: Pillow's parameters of the format.
    """
    padded = F.pad(torch.stack(list(rows)), (0, 0, 0, gap, 0, gap), value=1.0)  # [R, N, H + gap, W + gap, 3]
    sheet = rearrange(padded, "r n h w k -> (r h) (n w) k")
    Image.fromarray(to_bytes(sheet)).save(path, **saving)
