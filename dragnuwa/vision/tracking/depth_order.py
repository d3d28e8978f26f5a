"""Which of several followed things stands before which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ...geometry.frame_alignment import FrameAt
from .follow import small_frames
from .followed import Followed
from .thing_template import AROUND, CLIPPED

FEWEST = 24  # pixels that two things have to share, for one to be seen before the other
CLEARLY = 1.0  # of 255: by so much the one in front has to agree better with the frames there


@dataclass(frozen=True)
class WholeShape:
    """A followed thing with its whole shape.

    Attributes:
        thing: the thing, as it was followed.
        shape: `[h, w]` bool, in the small frame in which it was given: all of it, as if nothing hid it there.
        pieces: of it, which other frames show: the number of the frame, and `[h, w]` bool.
    """

    thing: Followed
    shape: np.ndarray
    pieces: tuple[tuple[int, np.ndarray], ...] = ()

    @classmethod
    def of(cls, thing: Followed) -> WholeShape:
        """A thing of which the frame in which it was given shows all."""
        return cls(thing, thing.masks[thing.frame] >= 128)

    def at(self, time: int) -> np.ndarray:
        """`[h, w]` bool: where it is in another small frame, as if nothing hid it."""
        parts = ((self.thing.frame, self.shape), *self.pieces)
        there = (moved((255 * part).astype(np.uint8), self.thing, frame, time) for frame, part in parts)
        return np.any([each >= 128 for each in there], axis=0)

    def shown_at(self, time: int) -> np.ndarray:
        """`[h, w]` bool: where it is and what was found of it in another small frame."""
        mask = self.thing.masks[time] >= 128
        return mask if self.thing.is_given else mask | self.at(time)


def back_to_front(things: Sequence[WholeShape], frame_at: FrameAt) -> list[int]:
    """The numbers of things, those behind first; things that never overlap keep their order."""
    small = small_frames(frame_at, things[0].thing.size)[0]
    ahead = np.zeros((len(things), len(things)))
    for one in range(len(things)):
        for other in range(one + 1, len(things)):
            ahead[one, other] = _before(things[one], things[other], small)
            ahead[other, one] = -ahead[one, other]
    order: list[int] = []
    left = list(range(len(things)))
    while left:  # the one that stands before the fewest of what is left
        behind = min(left, key=lambda number: sum(max(0.0, ahead[number, other]) for other in left if other != number))
        left.remove(behind)
        order.append(behind)
    return order


def _before(one: WholeShape, other: WholeShape, small: FrameAt) -> float:
    """Above 0 if one thing stands before another, below 0 if behind it, 0 if they never overlap or no frame says."""
    pictures = [(small(each.thing.frame), each.thing) for each in (one, other)]
    better, shared = 0.0, 0
    for time in np.flatnonzero(one.thing.visible & other.thing.visible):
        both = one.at(time) & other.at(time)
        # Where the frame in which it was given hides it, its picture says nothing.
        for each in (one, other):
            given = each.thing.masks[each.thing.frame]
            both &= moved(given, each.thing, each.thing.frame, time) >= 128
        if both.sum() < FEWEST:
            continue
        frame = small(time)
        errors = [_error(picture, thing, time, frame) for picture, thing in pictures]
        better += float((errors[1] - errors[0])[both].sum())
        shared += int(both.sum())
    return 0.0 if shared == 0 or abs(better / shared) < CLEARLY else better / shared


def _error(picture: np.ndarray, thing: Followed, time: int, frame: np.ndarray) -> np.ndarray:
    """`[h, w]`, of 255: how much a frame differs from a thing where it is to be."""
    there = moved(picture, thing, thing.frame, time, cv2.BORDER_REPLICATE)
    difference = np.abs(there.astype(np.float32) - frame).mean(-1)
    return cv2.blur(np.minimum(difference, CLIPPED), (AROUND, AROUND))


def moved(values: np.ndarray, thing: Followed, frame: int, time: int, border: int = cv2.BORDER_CONSTANT) -> np.ndarray:
    """Values `[h, w]` or `[h, w, 3]` of one small frame, as the motion of a thing moves them to another."""
    size = values.shape[1::-1]
    matrix = thing.matrix(frame, time, size)
    return cv2.warpAffine(values, matrix[:2], size, flags=cv2.INTER_LINEAR, borderMode=border)
