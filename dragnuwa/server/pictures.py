"""Loads the pictures and the videos' frames that the page refers to, decoded exactly as in a run, within a memory
budget for all routes."""

from __future__ import annotations

import gc
import hashlib
import io
import os
import struct
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.errors import InputError
from ..common.interrupt import LOOK_SECONDS, checkpoint
from ..common.kept import Kept, Turns
from .requests import Refused

if TYPE_CHECKING:
    from torch import Tensor

    from ..common.video_files import FrameIndex
    from ..vision.segmentation.prepared import PreparedPicture

MEMORY = 1_300_000_000
"""Memory budget in bytes of all picture requests together."""
PIXEL_BYTES = 50  # maximum memory of Load Image per pixel: 16 bits with transparency
CACHED_PICTURES = 4  # prepared pictures in the cache, of at most 30 MB each with what is made for the search
HASHED = 4  # MiB of a file that are hashed at most
_MIB = 2**20
_PARTS = ("filename", "subfolder", "type")

FolderOf = Callable[[str], "str | None"]
LoadPicture = Callable[[str], "Tensor"]
CACHED_INDICES = 16  # of at most 3 MB each
LARGE_BYTES = 300_000_000  # of decoding, which is not left for Python to give back some time
MAX_SHOWN = 48  # frames in an answer
MAX_INSTANTS = 4_096  # frames of a clip
SIDES = 64, 1_920  # px, of the longer side of a frame that is shown
PART_DIGITS = 6  # as the page writes at which part of a video something is drawn: the same frame has to be meant
QUALITY = 90  # of JPEG
SHOWN_FIELDS = {"picture": "", "frames": "", "first": "", "last": "", "longest": ""}


class Budget:
    """A memory budget shared by several threads: a request waits until there is enough left."""

    def __init__(self, size: int):
        self._size, self._left, self._changed = size, size, threading.Condition()

    @contextmanager
    def share(self, size: int) -> Iterator[None]:
        """Reserves memory for the duration of the block. A size above the total counts as the total.

        Args:
            size: in bytes.
        """
        size = min(size, self._size)
        with self._changed:
            while self._left < size:
                checkpoint()
                self._changed.wait(LOOK_SECONDS)
            self._left -= size
        try:
            yield
        finally:
            with self._changed:
                self._left += size
                self._changed.notify_all()


@dataclass(frozen=True)
class PictureFile:
    """A picture in one of the host's folders.

    Attributes:
        path: of the file, with links resolved.
        name: for the host's nodes, with its folder in brackets.
        identity: changes whenever the file does.
        at: of a video, the part of it (0..1) at which the frame is; None for a picture.
    """

    path: str
    name: str
    identity: Hashable
    at: float | None = None

    @property
    def content(self) -> Hashable:
        """The same for all frames of a video."""
        return self.path, self.identity[:-1]


class PagePictures:
    """Pictures in the host's folders."""

    def __init__(self, folder_of: FolderOf, load: LoadPicture):
        """
        Args:
            folder_of: the folder of a type of pictures; None for an unknown type.
            load: loads a picture `[H, W, 3]` from 0 to 1 by its name with the type in brackets, bit-identical to a run,
                since segmentation may depend on how a JPEG is decoded.
        """
        self._folder_of, self._load, self.budget = folder_of, load, Budget(MEMORY)
        self.films = PageFilms(self.budget)
        self._prepared, self._looking = Kept(CACHED_PICTURES), Turns()

    def file(self, reference: Any) -> PictureFile:
        """The file that the page refers to.

        Raises:
            Refused: if there is no such file inside the host's folders.
        """
        named = isinstance(reference, dict) and reference.keys() - {"at"} == set(_PARTS)
        if not named or not all(isinstance(reference[key], str) and "\0" not in reference[key] for key in _PARTS):
            raise Refused(400, "picture should have a filename, a subfolder and a type, each a text.")
        at = reference.get("at")
        if "at" in reference and (type(at) not in (int, float) or not 0 <= at <= 1):
            raise Refused(400, "at should be a number from 0 to 1, the part of the video at which the frame is.")
        folder = self._folder_of(reference["type"])
        if folder is None:
            raise _missing()
        try:
            base = os.path.realpath(folder)
            path = os.path.realpath(os.path.join(base, reference["subfolder"], reference["filename"]))
            inside = os.path.commonpath([base, path]) == base
            if not inside or not os.path.isfile(path):
                raise _missing()
            name = f"{os.path.relpath(path, base)} [{reference['type']}]"
            return PictureFile(path, name, (*_identity(path), at), at)
        except (ValueError, OSError):  # another drive, a lone surrogate in the name, or a file that was just deleted
            raise _missing() from None

    @contextmanager
    def decoded(self, file: PictureFile) -> Iterator[Tensor]:
        """The picture `[H, W, 3]`, whose memory is reserved for the block only: nothing may refer to it afterwards.

        Raises:
            Refused: if it cannot be decoded, or would take too much memory, and instead of an InputError in the block.
        """
        from ..common.picture_files import check_picture  # imported lazily, since it loads Pillow's formats

        try:
            if file.at is not None:
                with self.films.frame(file) as frame:
                    yield frame
                return
            pixels = check_picture(file.path)
            with self.budget.share(pixels * PIXEL_BYTES):
                yield self._loaded(file)
        except InputError as error:
            raise Refused(422, str(error)) from error

    def _loaded(self, file: PictureFile) -> Tensor:
        try:
            return self._load(file.name)
        except Exception as error:  # of any kind, from the host, for files that pass the first check
            raise Refused(422, "ComfyUI cannot load the picture. Load it again, or save it as PNG.") from error

    def prepared(self, file: PictureFile, clip: tuple[int, int], mode: str) -> PreparedPicture:
        """The picture prepared for segmentation, shared by several requests."""
        from ..vision.segmentation.prepared import prepare  # imported lazily, too: it loads torch

        def made() -> PreparedPicture:
            with self.decoded(file) as picture:
                return prepare(picture, clip, mode)

        return self._prepared.made((file.path, file.identity, clip, mode), made)

    def look_for_things(self, picture: PreparedPicture) -> None:
        """Has a prepared picture know its things (`SearchImage.things`), which takes seconds; requests that ask for it
        at the same time share one search."""
        with self._looking.turn(id(picture)):
            _ = picture.search.things


def _missing() -> Refused:
    return Refused(404, "There is no such picture in ComfyUI's folders. Load it again.")


def _identity(path: str) -> tuple[int, int, bytes]:
    """Time, size and a hash of the content. A large file is sampled at regular intervals, so that it takes 10 ms."""
    status, digest = os.stat(path), hashlib.blake2b(digest_size=16)
    whole = status.st_size <= HASHED * _MIB
    with open(path, "rb") as file:
        for part in range(HASHED):
            if not whole:
                file.seek(part * (status.st_size - _MIB) // (HASHED - 1))
            digest.update(file.read(_MIB))
    return status.st_mtime_ns, status.st_size, digest.digest()


class PageFilms:
    """Videos in the host's folders. Each is decoded once, to know its frames, which are then found by their times."""

    def __init__(self, budget: Budget):
        self._budget, self._indices = budget, Kept(CACHED_INDICES)

    def index(self, file: PictureFile) -> FrameIndex:
        """Which frames a video has. Raises InputError as `read_index`."""
        from ..common.video_files import read_index  # imported lazily: it loads the decoder

        def made() -> FrameIndex:
            with self.decoding(file):
                return read_index(file.path)

        return self._indices.made(file.content, made)

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
        with films.decoding(asked.file, len(asked.parts) * asked.longest**2 // 4):  # of their files, twice
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
    if not 2 <= frames <= MAX_INSTANTS or not 0 <= first <= last < frames or last - first >= MAX_SHOWN:
        raise Refused(
            400,
            f"frames should be from 2 to {MAX_INSTANTS}, first and last less, and not more than {MAX_SHOWN} frames "
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
