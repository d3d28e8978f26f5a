"""A file as c2pa reads it: its reading can be given up, and ends by itself when it takes too many pieces."""

from __future__ import annotations

from typing import BinaryIO

from ..common.errors import InputError

MAX_READS = 2_000_000
"""Times that c2pa reads or goes elsewhere in a file, which take it some two seconds."""
_TOO_MANY = "The file is made of too many parts for its content credentials to be read. Save it again."


class WatchedFile:
    """A binary file, opened for reading. c2pa takes an error of its methods for one of the disk, and ends."""

    def __init__(self, file: BinaryIO):
        self._file, self.reads, self._given_up = file, 0, False

    def give_up(self) -> None:
        """From now on, nothing more is read."""
        self._given_up = True

    def check(self) -> None:
        """
        Raises:
            InputError: if it was read in too many pieces.
        """
        if self.reads > MAX_READS:
            raise InputError(_TOO_MANY)

    def _watch(self) -> None:
        self.reads += 1
        if self._given_up or self.reads > MAX_READS:
            raise OSError("Reading was given up.")

    def readinto(self, buffer: memoryview) -> int:
        self._watch()
        return self._file.readinto(buffer)

    def read(self, size: int = -1) -> bytes:
        self._watch()
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._watch()
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def write(self, data: bytes) -> int:
        """c2pa wants such a method of every file, and never calls it where it only reads."""
        raise OSError("The file is only read.")

    def flush(self) -> None:
        """Nothing is written."""
