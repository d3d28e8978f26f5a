"""Loads the pictures that the page refers to, decoded exactly as in a run, within a memory budget for all routes."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..common.errors import InputError
from ..common.interrupt import checkpoint
from .films import PageFilms
from .requests import Refused
from .sharing import WAIT_SECONDS, Budget, Kept

if TYPE_CHECKING:
    from torch import Tensor

    from ..vision.segmentation.prepared import PreparedPicture

MEMORY = 1_300_000_000
"""Memory budget in bytes of all picture requests together."""
PIXEL_BYTES = 50  # maximum memory of Load Image per pixel: 16 bits with transparency
KEPT = 4  # prepared pictures in the cache, of at most 30 MB each with what is made for the search
HASHED = 4  # MiB of a file that are hashed at most
_MIB = 2**20
_PARTS = ("filename", "subfolder", "type")

FolderOf = Callable[[str], "str | None"]
LoadPicture = Callable[[str], "Tensor"]


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
        self._prepared, self._lock = Kept(KEPT), threading.Lock()

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

        while not self._lock.acquire(timeout=WAIT_SECONDS):
            checkpoint()
        try:
            key = file.path, file.identity, clip, mode
            if (found := self._prepared.get(key)) is None:
                with self.decoded(file) as picture:
                    found = self._prepared.put(key, prepare(picture, clip, mode))
            return found
        finally:
            self._lock.release()


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
