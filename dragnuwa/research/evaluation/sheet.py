"""A contact sheet: a row of frames for each video, with a caption above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ...common.atomic import atomic_write
from ...common.clip_shape import ClipShape
from ...common.images import to_bytes, to_floats
from ...overlay.tracks import DragLayer
from ...trajectory import Trajectories

GAP, LINE = 4, 14  # px between frames, and for the caption
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}


@dataclass(frozen=True)
class Strip:
    """Pictures `[H, W, 3]` uint8 of one size, and the caption above them."""

    caption: str
    pictures: list[np.ndarray]


def with_drags(frames: np.ndarray, drags: Trajectories, times: Sequence[int]) -> list[np.ndarray]:
    """The frames at some times of a clip `[T, H, W, 3]` uint8, with the drags over them."""
    count, height, width = frames.shape[:3]
    layer = DragLayer(drags, ClipShape(width, height, count))
    return [to_bytes(layer(to_floats(frames[time]), time)) for time in times]


def write_sheet(strips: list[Strip], path: Path) -> None:
    """Write the sheet atomically.

    Raises:
        ValueError: if the file's name is not that of a JPEG or PNG, or there is no strip.
    """
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"The sheet is to be a file {', '.join(FORMATS)}; found {path.name!r}.")
    if not strips:
        raise ValueError("There is no video for the sheet.")
    with atomic_write(path) as file:
        compose(strips).save(file, FORMATS[path.suffix.lower()], quality=92)


def compose(strips: list[Strip]) -> Image.Image:
    widths = [sum(picture.shape[1] + GAP for picture in strip.pictures) - GAP for strip in strips]
    heights = [LINE + strip.pictures[0].shape[0] + GAP for strip in strips]
    sheet = Image.new("RGB", (max(widths), sum(heights)), "white")
    brush = ImageDraw.Draw(sheet)
    top = 0
    for strip, height in zip(strips, heights, strict=True):
        brush.text((1, top + 1), strip.caption.encode("latin-1", "replace").decode("latin-1"), fill="black")
        left = 0
        for picture in strip.pictures:
            sheet.paste(Image.fromarray(picture), (left, top + LINE))
            left += picture.shape[1] + GAP
        top += height
    return sheet
