"""Follows a thing through a clip from one frame, without any file: a similarity transform for each frame, fitted to how
the thing looked in that frame, so that errors do not add up; and the part of it that each frame shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

import cv2
import numpy as np

from ...common.errors import InputError
from ...common.interrupt import InterruptCheck, no_interrupt
from ...common.masks import MASKED
from ...geometry.frame_alignment import FrameAt, MaskAt
from ...geometry.similarity import AT_PLACE, SimilarityTransform
from .followed import Followed
from .thing_template import Template
from .thing_walk import Walk

LONGEST = 640  # px, of the frames in which it is followed


def follow(
    count: int,
    frame_at: FrameAt,
    mask: np.ndarray,
    frame: int,
    *,
    corrections: Mapping[int, np.ndarray] | None = None,
    hidden_at: MaskAt = lambda time: None,
    check_interrupt: InterruptCheck = no_interrupt,
) -> Followed:
    """
    Args:
        count: number of frames.
        frame_at: called several times for each frame.
        mask: `[H, W]` from 0 to 1, where the thing is in one frame.
        frame: the number of that frame.
        corrections: masks in further frames. The thing is followed from each to the middle between it and the next.
        hidden_at: what is known to stand before it in a frame, at the size of the small ones.
        check_interrupt: called for each frame.

    Raises:
        InputError: if a mask is empty.
    """
    given = {frame: mask, **(corrections or {})}
    height, width = mask.shape
    small, size, scale = small_frames(frame_at, (width, height))
    starts = {
        time: cv2.resize(each.astype(np.float32), size, interpolation=cv2.INTER_AREA) for time, each in given.items()
    }
    for time, each in starts.items():
        if not (each >= MASKED).any():
            raise InputError(f"The thing has no outline in frame {time + 1}. Draw round it there.")
    masks = np.zeros((count, size[1], size[0]), np.uint8)
    factor, shift = np.ones(count, complex), np.zeros(count, complex)
    for time in sorted(starts, key=lambda time: time != frame):  # first what it is to be from one end to the other
        before = AT_PLACE
        if time != frame:
            before = between_masks(starts[frame], starts[time], SimilarityTransform(factor[time], shift[time]))
        walk = Walk(small, hidden_at, Template.of(small(time), starts[time] >= MASKED), time, check_interrupt)
        for at, motion, part in walk.over(*((0, count - 1) if time == frame else span(time, given, count))):
            whole = motion.after(before)
            factor[at], shift[at], masks[at] = whole.factor, whole.shift, part
    visible = (masks >= 128).any((1, 2))
    rows, columns = np.nonzero(starts[frame] >= MASKED)
    factor, shift = bridged(factor, shift, visible, complex(columns.mean(), rows.mean()))
    motion = SimilarityTransform(factor, shift).unscaled(scale)
    return Followed(frame, motion, visible, masks, (width, height), frozenset(given))


def small_frames(frame_at: FrameAt, size: tuple[int, int]) -> tuple[FrameAt, tuple[int, int], float]:
    """The frames of (width, height) `size` as they are followed in; their size; and its ratio to the whole one."""
    scale = min(1.0, LONGEST / max(size))
    less = round(size[0] * scale), round(size[1] * scale)

    def small(time: int) -> np.ndarray:
        picture = frame_at(time)
        return picture if scale == 1 else cv2.resize(picture, less, interpolation=cv2.INTER_AREA)

    return small, less, scale


def span(time: int, given: Iterable[int], count: int) -> tuple[int, int]:
    """The first and the last frame that a given one is the nearest of, by their numbers."""
    before = [other for other in given if other < time]
    after = [other for other in given if other > time]
    return (max(before) + time + 1) // 2 if before else 0, (time + min(after)) // 2 if after else count - 1


def between_masks(first: np.ndarray, second: np.ndarray, guess: SimilarityTransform) -> SimilarityTransform:
    """The motion between two masks `[h, w]`: their middles and sizes, and the turn of a guess."""
    middles = []
    for mask in (first, second):
        rows, columns = np.nonzero(mask >= MASKED)
        middles.append(complex(columns.mean(), rows.mean()))
    size = np.sqrt((second >= MASKED).sum() / (first >= MASKED).sum())
    turn = complex(guess.factor)
    factor = size * turn / max(abs(turn), 1e-6)
    return SimilarityTransform(factor, middles[1] - factor * middles[0])


def bridged(
    factor: np.ndarray, shift: np.ndarray, visible: np.ndarray, middle: complex
) -> tuple[np.ndarray, np.ndarray]:
    """A motion `[T]`, where it is hidden as if it went on evenly from where it was last seen to where it is seen again.

    Args:
        middle: of the thing, in the frame in which it was given: goes straight.
    """
    factor, shift = factor.copy(), shift.copy()
    for before, after in pairwise(np.flatnonzero(visible)):
        part = np.arange(1, after - before) / (after - before)
        way = [factor[time] * middle + shift[time] for time in (before, after)]
        between = factor[before] * (factor[after] / factor[before]) ** part
        factor[before + 1 : after] = between
        shift[before + 1 : after] = way[0] + (way[1] - way[0]) * part - between * middle
    return factor, shift
