"""What the credentials say, as the definition of a C2PA manifest."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common.errors import printable

if TYPE_CHECKING:
    import numpy as np

DRAWING = "io.github.dragnuwa.drawing"
"""Label of our assertion: {"version": 1, "trajectories": text, "model": text, "picture": {...}}, each but the version
only where it is known. The drags are a text, the pack's own JSON, so that every digit stays."""
VERSION = 1
MAX_DRAWING_BYTES = 500_000
"""Of the drags, in UTF-8. Longer ones are not recorded; "omitted" then has their size and SHA-256. c2pa takes a
manifest of 1 MiB, in which a text of quotes has twice its length."""
MAX_MODEL = 200  # characters
START = "start picture"
GENERATOR = "DragNUWA"
_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
MADE = {
    "by a model": "trainedAlgorithmicMedia",
    "picture moved, completed by a model": "compositeWithTrainedAlgorithmicMedia",
    "picture moved, without a model": "humanEdits",
}
"""How a video was made, and IPTC's term for that."""
CHOICES = dict(zip(("model", "composite", "no-model"), MADE, strict=True))
"""The same in commands."""
MAX_PIXELS = 2**26
MAX_FILE_BYTES = 2**28
_MEDIA = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif", "TIFF": "image/tiff"}
_ORIENTED = 0x0112  # in EXIF


@dataclass(frozen=True)
class Record:
    """What is known of a video.

    Attributes:
        made: one of `MADE`.
        title: the file's name.
        drawing: the drags as the pack's own JSON; None if they are not known.
        model: name of the model, or several; empty if not known.
        picture: the start picture; None if it is not known.
    """

    made: str
    title: str
    drawing: str | None = None
    model: str = ""
    picture: Picture | None = None

    @property
    def is_drawing_too_long(self) -> bool:
        return self.drawing is not None and len(self.drawing.encode()) > MAX_DRAWING_BYTES


def definition(record: Record) -> dict[str, Any]:
    """The manifest without its ingredient: who made it how, and our assertion."""
    agent = {"name": GENERATOR}
    action: dict[str, Any] = {
        "action": "c2pa.created",
        "digitalSourceType": _SOURCE_TYPES + MADE[record.made],
        "softwareAgent": agent,
        "description": _described(record),
    }
    if record.picture is not None:
        action["parameters"] = {"ingredientIds": [START]}
    return {
        "title": printable(record.title),
        "format": "video/mp4",
        "claim_generator_info": [agent],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
            {"label": DRAWING, "data": _drawing(record), "kind": "Json"},
        ],
    }


def ingredient() -> dict[str, str]:
    """The start picture among the ingredients: what the video was made from, without a thumbnail of it."""
    return {"title": START, "relationship": "inputTo", "label": START}


def made_by(source_type: str) -> str | None:
    """How a video was made, one of `MADE`, by IPTC's term or its address; None for another term."""
    term = source_type.rsplit("/", 1)[-1]
    return next((made for made, known in MADE.items() if known == term), None)


def _described(record: Record) -> str:
    model = f"; model: {printable(record.model[:MAX_MODEL])}" if record.model else ""
    return f"Video from drags on a picture; {record.made}{model}"


def _drawing(record: Record) -> dict[str, Any]:
    data: dict[str, Any] = {"version": VERSION}
    if record.drawing is not None:
        written = record.drawing.encode()
        if record.is_drawing_too_long:
            data["omitted"] = {"bytes": len(written), "sha256": hashlib.sha256(written).hexdigest()}
        else:
            data["trajectories"] = record.drawing
    if record.model:
        data["model"] = printable(record.model[:MAX_MODEL])
    if record.picture is not None:
        width, height = record.picture.size
        data["picture"] = {"width": width, "height": height, "sha256": record.picture.digest}
    return data


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
