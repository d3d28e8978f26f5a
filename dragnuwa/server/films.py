"""The frames of the videos that the page refers to: those that a run gets from ComfyUI's Load Video."""

from __future__ import annotations

import gc
import io
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.errors import InputError
from .requests import Refused
from .sharing import Budget, Kept, Turns

if TYPE_CHECKING:
    from torch import Tensor

    from ..common.video_files import FrameIndex
    from .pictures import PagePictures, PictureFile

KEPT_INDICES = 16  # of at most 3 MB each
LARGE_BYTES = 300_000_000  # of decoding, which is not left for Python to give back some time
MOST_SHOWN = 24  # frames in an answer
MOST_INSTANTS = 4_096  # frames of a clip
SIDES = 64, 1_920  # px, of the longer side of a frame that is shown
PART_DIGITS = 6  # as the page writes at which part of a video something is drawn: the same frame has to be meant
QUALITY = 90  # of JPEG
SHOWN_FIELDS = {"picture": "", "frames": "", "first": "", "last": "", "longest": ""}


class PageFilms:
    """Videos in the host's folders. Each is decoded once, to know its frames, which are then found by their times."""

    def __init__(self, budget: Budget):
        self._budget, self._indices, self._turns = budget, Kept(KEPT_INDICES), Turns()

    def index(self, file: PictureFile) -> FrameIndex:
        """Which frames a video has. Raises InputError as `read_index`."""
        from ..common.video_files import read_index  # imported lazily: it loads the decoder

        with self._turns.turn(file.content):
            if (kept := self._indices.get(file.content)) is not None:
                return kept
            with self.decoding(file):
                found = read_index(file.path)
            return self._indices.put(file.content, found)

    @contextmanager
    def decoding(self, file: PictureFile, more: int = 0) -> Iterator[None]:
        """Reserves memory for reading frames of a video in the block, in which no other is reserved.

        Args:
            more: bytes beside it.

        Raises:
            InputError: if it is no video, or its frames are too large.
        """
        from ..common.video_files import OPENING_BYTES, decoding_bytes  # as above

        with self._budget.share(OPENING_BYTES):
            size = decoding_bytes(file.path)
        with self._budget.share(size + more):
            try:
                yield
            finally:
                if size > LARGE_BYTES:  # PyAV's containers and streams refer to each other, and so keep the decoder
                    gc.collect()

    @contextmanager
    def frame(self, file: PictureFile) -> Iterator[Tensor]:
        """The frame `[H, W, 3]` from 0 to 1 at the part `file.at` of a video; nothing may refer to it after the block.

        Raises:
            InputError: as `index`.
        """
        from ..common.images import to_floats  # as above
        from ..common.video_files import first_frame

        index = self.index(file) if file.at else None
        with self.decoding(file):
            if index is None:  # it needs no index, which may take long
                yield to_floats(first_frame(file.path)[0])
            else:
                yield to_floats(frame_of(file, index, index.number_at(file.at)))


def frame_of(file: PictureFile, index: FrameIndex, number: int) -> np.ndarray:
    """A frame `[H, W, 3]` uint8 of a video by its number, in a block of `PageFilms.decoding`."""
    from ..common.video_files import frames_at  # as above

    (found,) = frames_at(file.path, index, [number])
    return found


@dataclass(frozen=True)
class _Shown:
    """What is asked of a video: its frames at some instants of a clip, as parts (0..1), scaled down."""

    file: PictureFile
    parts: Sequence[float]
    longest: int


def shown(fields: dict[str, Any], pictures: PagePictures) -> bytes:
    """The answer of /dragnuwa/frames.

    Args:
        fields: "picture", "frames", "first", "last" and "longest".
    """
    from ..common.video_files import first_frame, frames_at  # as above

    asked = _asked(fields, pictures)
    films, path = pictures.films, asked.file.path
    try:
        index = films.index(asked.file) if any(asked.parts) else None
        with films.decoding(asked.file):
            if index is None:
                frame, size = first_frame(path, asked.longest)
                return struct.pack(">II", *size) + _jpeg(frame)
            numbers = [index.number_at(part) for part in asked.parts]
            different = sorted(set(numbers))
            frames = frames_at(path, index, different, asked.longest)
            files = {number: _jpeg(frame) for number, frame in zip(different, frames, strict=True)}
            return struct.pack(">II", *index.size) + b"".join(files[number] for number in numbers)
    except InputError as error:
        raise Refused(422, str(error)) from error


def _asked(fields: dict[str, Any], pictures: PagePictures) -> _Shown:
    numbers = [fields[name] for name in ("frames", "first", "last", "longest")]
    if any(type(number) is not int for number in numbers):
        raise Refused(400, "frames, first, last and longest should be whole numbers.")
    frames, first, last, longest = numbers
    if not 2 <= frames <= MOST_INSTANTS or not 0 <= first <= last < frames or last - first >= MOST_SHOWN:
        raise Refused(
            400,
            f"frames should be from 2 to {MOST_INSTANTS}, first and last less, and not more than {MOST_SHOWN} frames "
            "asked for.",
        )
    if not SIDES[0] <= longest <= SIDES[1]:
        raise Refused(400, f"longest should be from {SIDES[0]} to {SIDES[1]} pixels.")
    parts = [round(k / (frames - 1), PART_DIGITS) for k in range(first, last + 1)]
    return _Shown(pictures.file(fields["picture"]), parts, longest)


def _jpeg(frame: np.ndarray) -> bytes:
    """Its length (32 bits, big-endian), and the file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(frame).save(file, "JPEG", quality=QUALITY, subsampling=0)
    return struct.pack(">I", file.tell()) + file.getvalue()
