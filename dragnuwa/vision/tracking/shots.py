"""The shots of a clip: what lies between two cuts. Nothing goes on from one to the next."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ...common.clip_shape import small_size
from ...common.interrupt import checkpoint

THUMBNAIL = 64  # px, longer side of the frames whose colours are compared
DIFFERS = 8.0  # of 255, mean difference of their colours, from which there may be a cut
ALIKE = 0.6  # correlation of their colours, from which there is none
LONGEST = 320  # px, of the frames in which features are followed
FEATURES, QUALITY, DISTANCE = 200, 0.01, 5  # most, relative strength, px apart
WINDOW, LEVELS, WITHIN = (15, 15), 3, 0.5  # px; a feature has to lead back to where it began
FOLLOWED = 0.1  # part of the features that is still followed over a cut, by chance
CELLS = 4  # to each side of the frame
FEWEST, GOES_ON = 6, 0.5  # features in a cell, and their part that is followed, from which it shows the same scene


def find_shots(count: int, frame_at: Callable[[int], np.ndarray]) -> tuple[range, ...]:
    """
    Args:
        count: number of frames.
        frame_at: the clip's frames, `[H, W, 3]` uint8; called once for each, in order.

    Returns:
        The numbers of the frames of each shot, in order. A cut is where colours change all over the frame and none of
        its features leads on. Dissolves and fades are none.
    """
    starts = [0]
    before = frame_at(0)
    for time in range(1, count):
        checkpoint()
        frame = frame_at(time)
        if _differs(before, frame) and not _goes_on(before, frame):
            starts.append(time)
        before = frame
    return tuple(range(first, last) for first, last in zip(starts, [*starts[1:], count], strict=True))


def or_whole(shots: tuple[range, ...], count: int) -> tuple[range, ...]:
    """The shots of a clip of so many frames; one of all of them, where none are told."""
    return shots or (range(count),)


def shot_of(shots: tuple[range, ...], time: int) -> range:
    """The shot that a frame is in."""
    return next(shot for shot in shots if time in shot)


def _differs(before: np.ndarray, frame: np.ndarray) -> bool:
    one, other = (_reduced(each, THUMBNAIL).astype(np.float32) for each in (before, frame))
    if np.abs(one - other).mean() < DIFFERS:
        return False
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).mean()) < ALIKE * float(one.std() * other.std())


def _goes_on(before: np.ndarray, frame: np.ndarray) -> bool:
    """Whether features of a frame are found in the next and lead back: all over it, or in a part of it that nothing
    passes before."""
    one, other = (cv2.cvtColor(_reduced(each, LONGEST), cv2.COLOR_RGB2GRAY) for each in (before, frame))
    features = cv2.goodFeaturesToTrack(one, FEATURES, QUALITY, DISTANCE)
    if features is None:
        return False
    there, ahead, _ = cv2.calcOpticalFlowPyrLK(one, other, features, None, winSize=WINDOW, maxLevel=LEVELS)
    again, back, _ = cv2.calcOpticalFlowPyrLK(other, one, there, None, winSize=WINDOW, maxLevel=LEVELS)
    close = np.linalg.norm(again - features, axis=-1)[:, 0] < WITHIN
    followed = close & (ahead[:, 0] == 1) & (back[:, 0] == 1)
    column, row = (features[:, 0] * CELLS / one.shape[::-1]).astype(int).T
    cells = row * CELLS + column
    count, good = (np.bincount(cells, weights, CELLS * CELLS) for weights in (None, followed))
    parts = good / np.maximum(count, 1)
    return bool(followed.mean() > FOLLOWED or (parts[count >= FEWEST] >= GOES_ON).any())


def _reduced(frame: np.ndarray, longest: int) -> np.ndarray:
    return cv2.resize(frame, small_size(frame.shape[1::-1], longest), interpolation=cv2.INTER_AREA)
