"""The cut-outs and photographs that composites are made of, as one file.

A stock is a .npz of compressed pictures, which `tools/click_data/stock.py` makes out of free packages. It is decoded to
squares once, when a training starts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .....common.picture_files import open_picture

CUTOUT = 256  # px, the side of the square that a cut-out is centred in
PHOTO = 448  # px, the side of a square of a photograph


@dataclass(frozen=True)
class Stock:
    """
    Attributes:
        cutouts: `[N, 4, CUTOUT, CUTOUT]` uint8, red, green, blue and opacity.
        photos: `[M, 3, PHOTO, PHOTO]` uint8.
    """

    cutouts: Tensor
    photos: Tensor

    def to(self, device: torch.device | str) -> Stock:
        return Stock(self.cutouts.to(device), self.photos.to(device))


def save(path: Path, cutouts: list[bytes], photos: list[bytes]) -> None:
    """Writes encoded pictures: `cutouts` with transparency, at most `CUTOUT` px, `photos` squares of `PHOTO` px."""
    arrays = {}
    for name, files in (("cutouts", cutouts), ("photos", photos)):
        arrays[name] = np.frombuffer(b"".join(files), np.uint8)
        arrays[f"{name}_ends"] = np.cumsum([len(one) for one in files])
    np.savez(path, **arrays)


def load(*paths: str | Path) -> Stock:
    """The stock of one file, or of several together."""
    cutouts, photos = [], []
    for path in paths:
        with np.load(path) as arrays, ThreadPoolExecutor() as pool:
            cutouts += pool.map(_cutout, _split(arrays["cutouts"], arrays["cutouts_ends"]))
            photos += pool.map(_photo, _split(arrays["photos"], arrays["photos_ends"]))
    return Stock(torch.from_numpy(np.stack(cutouts)), torch.from_numpy(np.stack(photos)))


def _split(data: np.ndarray, ends: np.ndarray) -> list[bytes]:
    return [data[start:end].tobytes() for start, end in zip((0, *ends), ends, strict=False)]


def _cutout(data: bytes) -> np.ndarray:
    with open_picture(BytesIO(data)) as file:
        picture = file.convert("RGBA")
    picture.thumbnail((CUTOUT, CUTOUT))
    square = Image.new("RGBA", (CUTOUT, CUTOUT))
    square.paste(picture, ((CUTOUT - picture.width) // 2, (CUTOUT - picture.height) // 2))
    return np.asarray(square).transpose(2, 0, 1)  # [4, H, W]


def _photo(data: bytes) -> np.ndarray:
    with open_picture(BytesIO(data)) as file:
        picture = file.convert("RGB").resize((PHOTO, PHOTO))
    return np.asarray(picture).transpose(2, 0, 1)  # [3, H, W]
