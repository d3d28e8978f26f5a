"""Draws moving outlines of objects over the frames of a clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..common.clip_shape import ClipShape
from ..common.interrupt import watched
from ..trajectory import MotionObject
from ..trajectory.objects import sampling
from ..trajectory.objects.over_time import Moved
from ..trajectory.pins import pins_of, ways_of

SHIFT = 4  # cv2 takes fixed-point coordinates: 4 bits are sixteenths of a pixel
FARTHEST = 2**26 >> SHIFT  # pixels; larger coordinates would overflow in cv2
CENTRE = 0.5  # our coordinate of the first pixel's centre, which is 0 in cv2


@dataclass(frozen=True)
class MovedOutline:
    """An object in the frames of a clip.

    Attributes:
        rings: [n, T] complex each, x + iy in pixels, in each frame.
        ways: [k, T, 2], inside the picture: the path of its pivot, or of each of its pins.
        seen: [T] bool.
        color: "#rrggbb".
    """

    rings: list[np.ndarray]
    ways: np.ndarray
    seen: np.ndarray
    color: str

    @classmethod
    def of(cls, each: MotionObject, clip: ClipShape) -> MovedOutline:
        size, fractions = np.array(clip.size, dtype=np.float64), np.arange(clip.frames) / (clip.frames - 1)
        moved = Moved.of(each, clip)
        ways = ways_of(pins_of(each), fractions, size) if moved.bent else np.array([[complex(*(each.pivot * size))]])
        ways = sampling.transform(each, fractions, size).apply(ways)  # [k, T]
        inside = np.clip(np.stack([ways.real, ways.imag], -1), 0, size - 1)
        return cls(moved.rings, inside, moved.seen, each.color)

    def positions(self, now: int) -> list[np.ndarray]:
        """Of each ring in a frame, [n, 2] in pixels."""
        return [np.stack([ring[:, now].real, ring[:, now].imag], -1) for ring in self.rings]


def draw_outlines(frame: np.ndarray, moved: Sequence[MovedOutline], now: int) -> None:
    """Draws each visible outline over a frame `[H, W, 3]` uint8, in place, from back to front, on a dark line that
    stands out from any background."""
    unit = max(1, round(min(frame.shape[:2]) / 256))
    for each in watched(moved):
        if not each.seen[now]:
            continue
        positions = [np.clip(ring - CENTRE, -FARTHEST, FARTHEST) for ring in each.positions(now)]
        corners = [np.rint(ring * 2**SHIFT).astype(np.int32) for ring in positions]
        for width, shade in ((3 * unit, (0, 0, 0)), (unit, tuple(bytes.fromhex(each.color[1:])))):
            cv2.polylines(frame, corners, True, shade, width, cv2.LINE_AA, SHIFT)
