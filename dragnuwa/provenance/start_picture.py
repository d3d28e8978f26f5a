"""The picture that a video was made from, as an ingredient of its credentials."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MAX_PIXELS = 2**26
MAX_FILE_BYTES = 2**28
_MEDIA = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif", "TIFF": "image/tiff"}
_ORIENTED = 0x0112  # in EXIF


@dataclass(frozen=True)
class Picture:
    """A start picture.

    Attributes:
        content: a file, which may have credentials of its own.
        media: its media type.
        size: (width, height) in pixels.
        digest: SHA-256, in hexadecimal, of its pixels: 8 bits each of red, green and blue, row by row.
    """

    content: bytes
    media: str
    size: tuple[int, int]
    digest: str


def picture_of_pixels(pixels: np.ndarray) -> Picture:
    """A picture from pixels `[H, W, 3]` uint8."""
    from PIL import Image  # imported lazily: reading credentials needs no Pillow

    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG", compress_level=1)
    height, width = pixels.shape[:2]
    return Picture(written.getvalue(), _MEDIA["PNG"], (width, height), _digest(pixels))


def picture_of_file(path: Path) -> Picture:
    """A picture file, with the credentials that it may have.

    Raises:
        InputError: if it is no picture of a known format, or too large.
        OSError: if it cannot be read.
    """
    import numpy as np

    from ..common.errors import InputError
    from ..common.picture_files import open_picture

    with open(path, "rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise InputError(f"The start picture should have at most {MAX_FILE_BYTES // 2**20} MiB.")
    with open_picture(io.BytesIO(content), max_pixels=MAX_PIXELS) as image:
        turned = image.getexif().get(_ORIENTED, 1) != 1
        pixels = np.asarray(image.convert("RGB"))
        media = None if turned else _MEDIA.get(image.format)
        if media is None:  # a format that credentials do not know, or one whose pixels lie otherwise than it is seen
            from PIL import ImageOps

            return picture_of_pixels(np.asarray(ImageOps.exif_transpose(image).convert("RGB")))
    height, width = pixels.shape[:2]
    return Picture(content, media, (width, height), _digest(pixels))


def _digest(pixels: np.ndarray) -> str:
    return hashlib.sha256(pixels.tobytes()).hexdigest()
