"""Arrays for the page in one answer: a JSON text, and the arrays to which it refers."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from torch import Tensor

from ..common.images import to_bytes
from ..common.interrupt import watched
from ..geometry.grids import Box

LEVEL = 1  # of compression: the page usually is on the same machine


class PackedArrays:
    """Collects the arrays of an answer. `web/core/composing/packed_arrays.js` reads it."""

    def __init__(self) -> None:
        self._arrays: list[np.ndarray] = []

    def add(self, array: np.ndarray) -> int:
        """The number of an array, of a type that JavaScript has."""
        self._arrays.append(np.ascontiguousarray(array))
        return len(self._arrays) - 1

    def pixels(self, values: Tensor) -> int:
        """The number of pixels `[h, w, C]` from 0 to 1: each is written as a byte, minus the one to its left."""
        return self.add(np.diff(to_bytes(values), axis=1, prepend=np.uint8(0)))

    def body(self, described: dict[str, Any]) -> bytes:
        """The answer.

        Args:
            described: what the JSON text says, in which arrays are their numbers.

        Returns:
            The length of the text as a big-endian 32-bit number, and the text, in which `arrays` has the type and the
            shape of each array; then the arrays one after another, deflated (zlib).
        """
        arrays = [[str(each.dtype), each.shape] for each in self._arrays]
        text = json.dumps({**described, "arrays": arrays}, separators=(",", ":")).encode()
        packer = zlib.compressobj(LEVEL)
        packed = [packer.compress(each.tobytes()) for each in watched(self._arrays)]
        return b"".join((struct.pack(">I", len(text)), text, *packed, packer.flush()))


def moves(motions: Iterable[Any]) -> np.ndarray:
    """`[S, 4]`: factors and shifts of similarity transforms, real and imaginary part."""
    return np.array([(each.factor.real, each.factor.imag, each.shift.real, each.shift.imag) for each in motions])


def corners(box: Box) -> list[int]:
    return [int(side) for side in (box.left, box.top, box.right, box.bottom)]
