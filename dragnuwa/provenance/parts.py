"""The parts that a file is made of, as c2pa will walk through them: counted and measured before it does.

c2pa takes time with the square of the number of an MP4 file's boxes, and reads credentials whole into memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ..common.errors import InputError
from ..common.interrupt import checkpoint

MAX_BOXES = 4_096
"""In an MP4 file, at every level: files in one piece have fewer than 200, an hour in pieces of 8 s some 4,000."""
MAX_BYTES = 2**25
"""Of the parts that hold credentials; ours have at most 2 MiB."""
BOXED = ("video/mp4", "video/quicktime", "image/avif")
CHUNKED = ("video/avi", "image/webp")
_HOLDING_BOXES = frozenset(
    (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"edts", b"udta", b"dinf", b"tref", b"treg",
     b"mvex", b"mfra", b"meta", b"schi", b"sinf", b"iprp", b"ipco", b"strk", b"grpl")
)  # fmt: skip
_AFTER_VERSION = frozenset((b"meta",))  # boxes whose parts begin after a version
_CREDENTIALS = frozenset((b"uuid", b"C2PA", b"XMP ", b"_PMX"))


def check_parts(file: BinaryIO, media: str, end: int) -> None:
    """
    Args:
        file: opened for reading; its position changes.
        media: type of the file.
        end: its size in bytes.

    Raises:
        InputError: if c2pa should not get the file.
    """
    if media in BOXED:
        parts = _boxes(file, end)
    elif media in CHUNKED:
        parts = _chunks(file, end)
    else:
        return
    size = 0
    for count, (kind, length) in enumerate(parts, 1):
        checkpoint()
        if count > MAX_BOXES:
            raise InputError(
                f"A file with content credentials should be made of at most {MAX_BOXES:,} parts; found more. Save "
                "it in one piece, such as with faststart and without fragments."
            )
        size += length if kind in _CREDENTIALS else 0
        if size > MAX_BYTES:
            raise InputError(f"The credentials should have at most {MAX_BYTES // 2**20} MiB.")


def _boxes(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int]]:
    """Kind and size in bytes of the boxes of an MP4 file at all levels, in the order in which c2pa comes to them, even
    where they overlap."""
    ends, after = [end], [end]  # of the boxes that hold the present one; and where to go on after each
    at = 0
    while ends:
        if at >= ends[-1] or at + 8 > end:
            ends.pop()
            at = after.pop()
            continue
        file.seek(at)
        head = file.read(16)
        size, kind, inside = int.from_bytes(head[:4], "big"), head[4:8], at + 8
        if size == 1:
            size, inside = int.from_bytes(head[8:16], "big"), at + 16
        yield kind, size
        if size == 0:  # to the end of the file; inside of another box, it holds nothing
            at = inside if len(ends) > 1 else end
        elif kind in _HOLDING_BOXES:
            ends.append(at + size)
            after.append(at + size)
            at = inside + (4 if kind in _AFTER_VERSION else 0)
        else:
            at += size


def _chunks(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int]]:
    """The same of the chunks of a RIFF file, at its upper level."""
    at = 12
    while at + 8 <= end:
        file.seek(at)
        head = file.read(8)
        size = int.from_bytes(head[4:8], "little")
        yield head[:4], size
        at += 8 + size + size % 2
