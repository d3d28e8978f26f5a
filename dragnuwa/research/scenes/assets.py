"""Pictures for scenes: photographs and named cut-outs, packed once into a folder of flat arrays."""

import json
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ...common.errors import InputError
from ...common.picture_files import open_picture

log = logging.getLogger(__name__)

PHOTO_SIDE = 288  # px, shorter side of a packed photograph
CUTOUT_SIDE = 96  # px, longer side of a packed cut-out
MOST_WORDS = 4  # of a cut-out's name
GLYPH_SIZE = 109  # px, the only size of the bitmaps in Noto Color Emoji
_PICTURES = {".jpg", ".jpeg", ".png", ".webp"}
_MAX_PIXELS = 64_000_000
_EMOJI_BLOCKS = (
    (0x1F300, 0x1F5FF),
    (0x1F600, 0x1F64F),
    (0x1F680, 0x1F6FF),
    (0x1F900, 0x1F9FF),
    (0x1FA70, 0x1FAFF),
    (0x2600, 0x27BF),
)
# Words in the names of glyphs that are signs rather than objects.
_SIGNS = (
    "CLOCK FACE",
    "SQUARED",
    "SYMBOL",
    "FITZPATRICK",
    "SIGN",
    "ARROW",
    "BUTTON",
    "KEYCAP",
    "MARK",
    "TRIGRAM",
    "HEXAGRAM",
    "SCORPIUS",
    "DINGBAT",
    "SELECTOR",
    "ZODIAC",
    "CROSSED LINES",
    "WITH EYES",
    "MULTIPLICATION",
    "LOOP",
)


@dataclass(frozen=True)
class Cutout:
    """An object on a transparent background: premultiplied `rgba` `[H, W, 4]` uint8 and its name without an article."""

    name: str
    rgba: np.ndarray


@dataclass(frozen=True)
class Assets:
    """`photos`: tuple of `[H, W, 3]` uint8; `cutouts`: tuple of `Cutout`. Both may be empty."""

    photos: tuple[np.ndarray, ...] = ()
    cutouts: tuple[Cutout, ...] = ()

    def save(self, folder: Path) -> None:
        """Write the pack: two flat uint8 arrays that workers map and share, and an index of names and shapes."""
        folder.mkdir(parents=True, exist_ok=True)
        pictures = {"photos": list(self.photos), "cutouts": [cutout.rgba for cutout in self.cutouts]}
        for name, arrays in pictures.items():
            flat = np.concatenate([array.ravel() for array in arrays]) if arrays else np.zeros(0, np.uint8)
            np.save(folder / f"{name}.npy", flat)
        index = {
            "photos": [list(photo.shape) for photo in self.photos],
            "cutouts": [[cutout.name, list(cutout.rgba.shape)] for cutout in self.cutouts],
        }
        (folder / "index.json").write_text(json.dumps(index))


@lru_cache(maxsize=4)
def load(folder: str | None) -> Assets:
    """Memory-map a pack written by `Assets.save`. `None` gives the empty pack, for fully procedural scenes."""
    if folder is None:
        return Assets()
    index = json.loads((Path(folder) / "index.json").read_text())
    photos = _split(Path(folder) / "photos.npy", index["photos"])
    cutouts = _split(Path(folder) / "cutouts.npy", [shape for _, shape in index["cutouts"]])
    return Assets(
        tuple(photos), tuple(Cutout(name, rgba) for (name, _), rgba in zip(index["cutouts"], cutouts, strict=True))
    )


def build(photos: Iterable[Path] = (), cutouts: Iterable[Path] = (), emoji_font: Path | None = None) -> Assets:
    """Read folders of photographs, folders of transparent pictures and an emoji font into one pack.

    A cut-out is named after the first line of the text file next to it, or its own file. Unreadable files, and
    photographs nearly identical to an earlier one, are logged and left out.
    """
    kept: dict[bytes, np.ndarray] = {}
    for path in _pictures(photos):
        if (photo := _read(path, "RGB")) is not None and min(photo.shape[:2]) >= PHOTO_SIDE // 2:
            kept.setdefault((_resized(photo, (6, 6)) // 48).tobytes(), _scaled(photo, PHOTO_SIDE, min))
    named = [(path, _read(path, "RGBa")) for path in _pictures(cutouts)]
    things = [Cutout(_name(path), _trimmed(rgba)) for path, rgba in named if rgba is not None and _has_edge(rgba)]
    if emoji_font is not None:
        things += _glyphs(emoji_font)
    log.info("packed %d photographs and %d cut-outs", len(kept), len(things))
    return Assets(tuple(kept.values()), tuple(things))


def _split(path: Path, shapes: list[list[int]]) -> Iterator[np.ndarray]:
    flat = np.load(path, mmap_mode="r")
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes], dtype=np.int64)
    for end, shape in zip(ends, shapes, strict=True):
        yield flat[end - int(np.prod(shape)) : end].reshape(shape)


def _pictures(folders: Iterable[Path]) -> list[Path]:
    return sorted(path for folder in folders for path in Path(folder).rglob("*") if path.suffix.lower() in _PICTURES)


def _read(path: Path, mode: str) -> np.ndarray | None:
    try:
        with open_picture(path, max_pixels=_MAX_PIXELS) as image:
            return np.asarray(image.convert("RGBA").convert(mode) if mode == "RGBa" else image.convert(mode))
    except InputError as error:
        log.warning("left out %s: %s", path, error)
        return None


def _resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    shrinks = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def _scaled(picture: np.ndarray, side: int, which: type[min] | type[max]) -> np.ndarray:
    scale = side / which(picture.shape[:2])
    width, height = (max(1, round(length * scale)) for length in picture.shape[1::-1])
    return _resized(picture, (width, height))


def _has_edge(rgba: np.ndarray) -> bool:
    """Whether the picture is a cut-out at all: partly transparent and partly opaque."""
    covered = (rgba[..., 3] > 128).mean()
    return 0.08 < covered < 0.92


def _trimmed(rgba: np.ndarray) -> np.ndarray:
    """Crop to the opaque part, scale to `CUTOUT_SIDE`, and add a transparent border of 1 px for bilinear lookup."""
    rows, columns = np.nonzero(rgba[..., 3] > 8)
    body = rgba[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return np.pad(_scaled(body, CUTOUT_SIDE, max), ((1, 1), (1, 1), (0, 0)))


def _name(path: Path) -> str:
    """The text next to the picture without an article; the file's name if that has too many words."""
    beside = path.with_suffix(".txt")
    lines = beside.read_text("utf-8", "replace").splitlines()[:1] if beside.exists() else []
    for name in (*lines, path.stem.replace("_", " ").replace("-", " ")):
        words = re.split(r"[.,;:!?(]", name)[0].lower().split()
        words = words[1:] if words[:1] and words[0] in ("a", "an", "the") else words
        if 0 < len(words) <= MOST_WORDS:
            return " ".join(words)[:60]
    return "thing"


def _glyphs(font_file: Path) -> list[Cutout]:
    font = ImageFont.truetype(str(font_file), GLYPH_SIZE)
    missing = _drawn_glyph(chr(0x10FFFF), font)
    things = []
    for first, last in _EMOJI_BLOCKS:
        for code in range(first, last + 1):
            name = unicodedata.name(chr(code), "")
            if not 0 < len(name.split()) <= MOST_WORDS or any(part in name for part in _SIGNS):
                continue
            rgba = _drawn_glyph(chr(code), font)
            if _has_edge(rgba) and not np.array_equal(rgba, missing):
                things.append(Cutout(name.lower(), _trimmed(rgba)))
    return things


def _drawn_glyph(text: str, font: ImageFont.FreeTypeFont) -> np.ndarray:
    image = Image.new("RGBA", (GLYPH_SIZE + 32, GLYPH_SIZE + 32))
    ImageDraw.Draw(image).text((2, 2), text, font=font, embedded_color=True)
    return np.asarray(image.convert("RGBa"))
