"""Opens external picture files safely: few formats, and a limited size before decoding.

Pillow's other formats may contain more than pixels: an EPS file is a PostScript program, which Pillow passes to
Ghostscript.
"""

from __future__ import annotations

import os
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from .errors import InputError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""As Pillow names them. Those that this Pillow lacks, such as AVIF in old ones, are refused as any other format."""
MAX_PIXELS = 26_000_000
"""Pixels of all frames together that are decoded for the editor's page. Load Image needs up to 50 bytes for each."""
SIDES = 2, 32_768
"""The shortest and the longest side of such a picture, in pixels."""
MAX_ASPECT = 64
"""How many times longer one side of such a picture may be than the other."""

# What Pillow raises on files that are damaged on purpose, beside its own errors.
_DAMAGED = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError,
    RuntimeError, MemoryError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
_UNREADABLE = "The picture cannot be read. Load it again, or save it as PNG."
_NUMBERED = re.compile(r"%0?\d*d|%[*?\[\]{}]")  # in FFmpeg, a file's name that means others: img%03d.png


@contextmanager
def open_picture(file: str | os.PathLike | BinaryIO, *, max_pixels: int | None = None) -> Iterator[Image.Image]:
    """Opens a picture file with Pillow; pixels are decoded on first use.

    Args:
        file: a path, or a file opened for reading.
        max_pixels: of one frame; None if the file is our own.

    Raises:
        InputError: if its format is not in `FORMATS`, it is damaged, or has too many pixels; also replaces Pillow's
            errors inside the block.
    """
    Image.init()
    try:
        with Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN]) as image:
            if max_pixels is not None and image.width * image.height > max_pixels:
                raise InputError(
                    f"The picture should have at most {max_pixels:,} pixels; found {image.width}x{image.height}. Make "
                    "it smaller."
                )
            yield image
    except InputError:
        raise
    except Image.UnidentifiedImageError as error:
        raise InputError(
            f"The picture should be one of {', '.join(FORMATS)}, and whole; it is something else. Save it as PNG."
        ) from error
    except _DAMAGED as error:
        raise InputError(_UNREADABLE) from error


def check_picture(file: str | os.PathLike) -> int:
    """Checks a file before ComfyUI's Load Image decodes it with FFmpeg or Pillow: the format, the sides, and the pixels
    of all frames that either of them finds. Nothing is decoded.

    Returns:
        The number of these pixels.

    Raises:
        InputError: as `open_picture`, or if there are too many pixels, or the sides are unusable for a clip.
    """
    with open_picture(file) as image:
        size, frames = image.size, getattr(image, "n_frames", 1)
    _check_sides(*size)
    most = _count_pixels(size, frames)
    for size, frames in _ffmpeg_frames(file):
        most = max(most, _count_pixels(size, frames))
    return most


def _check_sides(width: int, height: int) -> None:
    shorter, longer = sorted((width, height))
    if shorter < SIDES[0] or longer > SIDES[1] or longer > MAX_ASPECT * shorter:
        raise InputError(
            f"The picture should have sides of {SIDES[0]} to {SIDES[1]:,} pixels, one at most {MAX_ASPECT} times as "
            f"long as the other; found {width}x{height}. Crop it."
        )


def _count_pixels(size: tuple[int, int], frames: int) -> int:
    width, height = size
    if width * height * frames > MAX_PIXELS:
        found = f"{width}x{height}" + (f" in {frames} frames or more" if frames > 1 else "")
        raise InputError(
            f"The picture should have at most {MAX_PIXELS:,} pixels to be looked at here; found {found}. Make it "
            "smaller. A run takes it as it is."
        )
    return width * height * frames


def _ffmpeg_frames(file: str | os.PathLike) -> Iterator[tuple[tuple[int, int], int]]:
    """(width, height) and the number of frames so far, for each frame that FFmpeg would decode.

    FFmpeg continues where Pillow stops: beyond the stated number of frames in an animated PNG, and into pictures that
    follow the first one in a PNG, WebP or BMP file.
    """
    import av  # the host's own requirement; the library alone never calls this

    if _NUMBERED.search(Path(file).name):
        raise InputError("The picture's name has a % that stands for a number. Rename the file without it.")
    try:
        with av.open(os.fspath(file)) as container:
            stream = next(iter(container.streams.video), None)
            if stream is None:
                raise InputError(_UNREADABLE)
            codec, several = stream.codec_context, container.format.name.endswith("_pipe")
            packets = (packet for packet in container.demux(stream) if packet.size)
            for count, _ in enumerate(packets, 1):
                if several and count > 1:
                    raise InputError("The file should hold one picture; another one lies behind it. Save it as PNG.")
                yield (codec.width, codec.height), count
    except av.error.FFmpegError as error:
        raise InputError(_UNREADABLE) from error
