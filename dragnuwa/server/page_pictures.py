"""The pictures that the page names, decoded as a run decodes them, within a bound of memory that all routes share."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ..common.errors import InputError
from ..common.interrupt import InterruptCheck
from .route import Refused

if TYPE_CHECKING:
    from torch import Tensor

    from ..vision.segmentation.prepared import PreparedPicture

MEMORY = 1_300_000_000
"""Bytes that all requests about pictures share."""
PIXEL_BYTES = 50  # that Load Image takes for a pixel at most: 16 bits with transparency
KEPT = 4  # prepared pictures, of at most 3 MB
HASHED = 4  # MiB of a file whose content is compared: all of a smaller one, and that much of a larger one
WAIT_SECONDS = 0.1  # between checks whether the page still waits
_MIB = 2**20
_PARTS = ("filename", "subfolder", "type")

FolderOf = Callable[[str], "str | None"]
LoadPicture = Callable[[str], "Tensor"]
Result = TypeVar("Result")


class Kept:
    """The values that were used last, by their keys. For one thread."""

    def __init__(self, most: int):
        self._most, self._values = most, OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of a key, made if it is not there."""
        if key not in self._values:
            self._values[key] = make()
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        self._values.move_to_end(key)
        return self._values[key]


class Budget:
    """Memory that several threads share: who needs more than is left waits."""

    def __init__(self, size: int):
        self._size, self._left, self._changed = size, size, threading.Condition()

    @contextmanager
    def share(self, size: int, check_interrupt: InterruptCheck) -> Iterator[None]:
        """Takes a part for the block. More than there is at all counts as all of it.

        Args:
            size: in bytes.
            check_interrupt: called now and then while it waits.
        """
        size = min(size, self._size)
        with self._changed:
            while self._left < size:
                check_interrupt()
                self._changed.wait(WAIT_SECONDS)
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
        path: of the file, without links.
        name: by which the host's nodes load it, with its folder in brackets.
        identity: changes whenever the file does.
    """

    path: str
    name: str
    identity: Hashable


class PagePictures:
    """Pictures in the host's folders."""

    def __init__(self, folder_of: FolderOf, load: LoadPicture):
        """
        Args:
            folder_of: the folder of a type of pictures, or None for others.
            load: a picture `[H, W, 3]` from 0 to 1, by its name with the type in brackets: as a run loads it, to the
                bit, since what is found in it may depend on how a JPEG is decoded.
        """
        self._folder_of, self._load, self.budget = folder_of, load, Budget(MEMORY)
        self._prepared, self._lock = Kept(KEPT), threading.Lock()

    def file(self, reference: Any) -> PictureFile:
        """The file that the page names.

        Raises:
            Refused: it names none, or none inside of the host's folders.
        """
        named = isinstance(reference, dict) and reference.keys() == set(_PARTS)
        if not named or not all(isinstance(part, str) and "\0" not in part for part in reference.values()):
            raise Refused(400, "picture should have a filename, a subfolder and a type, each a text.")
        missing = Refused(404, "There is no such picture in ComfyUI's folders. Load it again.")
        folder = self._folder_of(reference["type"])
        if folder is None:
            raise missing
        try:
            base = os.path.realpath(folder)
            path = os.path.realpath(os.path.join(base, reference["subfolder"], reference["filename"]))
            inside = os.path.commonpath([base, path]) == base
            if not inside or not os.path.isfile(path):
                raise missing
            return PictureFile(path, f"{os.path.relpath(path, base)} [{reference['type']}]", _identity(path))
        except (ValueError, OSError):  # another drive, half a character in the name, or a file that just went
            raise missing from None

    def using(self, file: PictureFile, use: Callable[[Tensor], Result], check_interrupt: InterruptCheck) -> Result:
        """What `use` makes of the picture `[H, W, 3]`, which is in memory for that long.

        Raises:
            Refused: it cannot be decoded, or would take too much memory.
        """
        from ..common.picture_files import check_picture  # when it is first needed, since it loads Pillow's formats

        try:
            pixels = check_picture(file.path)
            with self.budget.share(pixels * PIXEL_BYTES, check_interrupt):
                return use(self._decoded(file))
        except InputError as error:
            raise Refused(422, str(error)) from error

    def _decoded(self, file: PictureFile) -> Tensor:
        try:
            return self._load(file.name)
        except Exception as error:  # the host's own, of any kind, for files that a first look lets through
            raise Refused(422, "ComfyUI cannot load the picture. Load it again, or save it as PNG.") from error

    def prepared(
        self, file: PictureFile, clip: tuple[int, int], mode: str, check_interrupt: InterruptCheck
    ) -> PreparedPicture:
        """The picture as objects are looked for in it; one made for several requests."""
        from ..vision.segmentation.prepared import prepare  # when it is first needed, too: it loads torch

        while not self._lock.acquire(timeout=WAIT_SECONDS):
            check_interrupt()
        try:
            return self._prepared.get(
                (file.path, file.identity, clip, mode),
                lambda: self.using(file, lambda picture: prepare(picture, clip, mode), check_interrupt),
            )
        finally:
            self._lock.release()


def _identity(path: str) -> tuple[int, int, bytes]:
    """Time, size and a hash of the content. A large file is read at even distances, so that it takes 10 ms."""
    status, digest = os.stat(path), hashlib.blake2b(digest_size=16)
    whole = status.st_size <= HASHED * _MIB
    with open(path, "rb") as file:
        for part in range(HASHED):
            if not whole:
                file.seek(part * (status.st_size - _MIB) // (HASHED - 1))
            digest.update(file.read(_MIB))
    return status.st_mtime_ns, status.st_size, digest.digest()
