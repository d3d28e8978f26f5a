"""Files of many parts, and of large ones, are refused before c2pa reads them, or while it does."""

import struct
import time
import zlib
from itertools import product

import pytest

from dragnuwa.common.errors import InputError
from dragnuwa.common.interrupt import interrupts
from dragnuwa.provenance import reading
from dragnuwa.provenance.credentials import read_credentials
from dragnuwa.provenance.parts import MAX_BOXES
from tests.support.exhaustive import some
from tests.support.memory import rises_less_than

SIZE = 2_000_000  # bytes
SECONDS = 1.0


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return kind + struct.pack("<I", len(content)) + content


TYPE = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
MANY = box(b"free") * (SIZE // 8)
META = box(b"meta", bytes(4) + MANY)
BOXES = {
    "top": MANY, "moov": box(b"moov", MANY), "trak": box(b"moov", box(b"trak", MANY)), "udta": box(b"udta", META),
    "meta": META, "moof": box(b"moof", box(b"traf", MANY)), "moofs": box(b"moof") * (SIZE // 8),
    "long sizes": (struct.pack(">I", 1) + b"free" + struct.pack(">Q", 16)) * (SIZE // 16),
    "too small": (struct.pack(">I", 4) + b"free") * (SIZE // 8), "empty": box(b"moov", bytes(SIZE)),
    "too long inside": box(b"moov", struct.pack(">I", 2 * SIZE) + b"trak" + MANY),
    "nested": b"".join(struct.pack(">I", SIZE - 8 * k) + b"moov" for k in range(SIZE // 8)),
}  # fmt: skip


SUFFIXES = [".mp4", ".mov", ".m4v", ".avif"]
IN_TURN = [(where, SUFFIXES[number % len(SUFFIXES)]) for number, where in enumerate(BOXES)]


@pytest.mark.parametrize(("where", "suffix"), some(IN_TURN, list(product(BOXES, SUFFIXES))))
def test_a_file_of_many_boxes_is_refused_at_once(tmp_path, where, suffix):
    path = tmp_path / f"many{suffix}"
    path.write_bytes(TYPE + BOXES[where])
    started = time.process_time()
    with pytest.raises(InputError):
        read_credentials(path)
    with pytest.raises(InputError):  # nor is it a video
        reading.read(path)
    assert time.process_time() - started < SECONDS


def test_as_many_boxes_as_there_may_be_are_read_soon(tmp_path, record_figure):
    path = tmp_path / "some.mp4"
    path.write_bytes(TYPE + box(b"moov", box(b"free") * (MAX_BOXES - 2)))
    started = time.process_time()
    assert read_credentials(path) is None
    taken = time.process_time() - started
    assert taken < SECONDS
    record_figure("c2pa on the largest number of boxes", f"{taken:.2f} s (bound {SECONDS} s)")


@pytest.mark.parametrize(("suffix", "kind"), [(".avi", b"AVI "), (".webp", b"WEBP")])
def test_riff_files_of_many_or_large_parts_are_refused(tmp_path, suffix, kind):
    many, large = tmp_path / f"many{suffix}", tmp_path / f"large{suffix}"
    many.write_bytes(chunk(b"RIFF", kind + chunk(b"JUNK") * (SIZE // 8)))
    size = 900 * 2**20
    with open(large, "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", size + 12) + kind + b"C2PA" + struct.pack("<I", size))
        file.truncate(size + 20)
    for path in (many, large):
        started = time.process_time()
        with rises_less_than(100_000_000), pytest.raises(InputError):
            read_credentials(path)
        assert time.process_time() - started < SECONDS


def png(chunks: int) -> bytes:
    def part(kind: bytes, content: bytes = b"") -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = part(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = part(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + part(b"tEXt") * chunks + pixels + part(b"IEND")


@pytest.mark.parametrize(
    ("name", "content"),
    [("many.gif", b"GIF89a\1\0\1\0\0\0\0" + b"!\xfe\0" * 10_000_000 + b";"), ("many.png", png(2_500_000))],
    ids=["gif", "png"],
)
def test_a_picture_of_millions_of_parts_is_given_up(tmp_path, name, content):
    """The largest file that is read: it took c2pa more than a minute."""
    path = tmp_path / name
    path.write_bytes(content)
    started = time.process_time()
    with pytest.raises(InputError, match="too many parts"):
        read_credentials(path)
    assert time.process_time() - started < 10


class Interrupted(Exception):
    """What a caller's check raises."""


def test_an_interrupt_ends_the_reading(tmp_path):
    path = tmp_path / "many.png"
    path.write_bytes(png(200_000))
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise Interrupted

    started = time.process_time()
    with pytest.raises(Interrupted), interrupts(check):
        reading.read(path, None)
    assert time.process_time() - started < 0.5
