"""What a frame does not show of a thing, because something stands before it or it has left the picture, and which
other frames show it."""

from __future__ import annotations

import cv2
import numpy as np

from ...vision.tracking.followed import Followed

SIDE = 96  # px, longer side of the thing as it is compared
MORE = 0.01  # part of the thing that another frame has to add
MOST = 4  # frames that are put together
FAR = 0.5  # how much less the farthest frame counts


class WholeThing:
    """A thing as its frames show it together, in the pixels of the frame in which it was given."""

    def __init__(self, followed: Followed):
        self.seen = _in_one_frame(followed)  # [T, h, w] bool
        self.visible = followed.visible

    def frames(self, time: int) -> list[int]:
        """The frames that together show what one does not, those that add most first; of two that add the same, the
        nearer one."""
        covered = self.seen[time].copy()
        least = MORE * max(1, int(self.seen.any(0).sum()))
        near = 1 - FAR * np.abs(np.arange(len(self.seen)) - time) / len(self.seen)
        found: list[int] = []
        while len(found) < MOST:
            new = (self.seen & ~covered).sum((1, 2)) * near * self.visible
            best = int(new.argmax())
            if new[best] < least:
                break
            found.append(best)
            covered |= self.seen[best]
        return found


def _in_one_frame(followed: Followed) -> np.ndarray:
    """`[T, h, w]` bool: the masks of all frames, moved onto one another."""
    scale = followed.masks.shape[2] / followed.size[0]  # of the masks to the clip
    times = [time for time in np.flatnonzero(followed.visible) if followed.masks[time].any()]
    if not times:
        return np.zeros((len(followed.masks), 1, 1), bool)
    motion = followed.motion
    corners = [(_corners(followed.masks[t]) / scale - motion.shift[t]) / motion.factor[t] for t in times]
    positions = np.concatenate(corners)
    low, high = positions.real.min() + 1j * positions.imag.min(), positions.real.max() + 1j * positions.imag.max()
    fine = SIDE / max((high - low).real, (high - low).imag, 1)
    size = tuple(int(np.ceil(side * fine)) + 2 for side in ((high - low).real, (high - low).imag))
    found = np.zeros((len(followed.masks), size[1], size[0]), bool)
    for time in times:
        factor, shift = motion.factor[time], motion.shift[time]
        turn, move = factor / fine * scale, (factor * low + shift) * scale  # from the small frame to the mask
        matrix = np.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]])
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        found[time] = cv2.warpAffine(followed.masks[time], matrix, size, flags=way) >= 128
    return found


def _corners(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return np.array([x + 1j * y for x in (columns[0], columns[-1] + 1) for y in (rows[0], rows[-1] + 1)], complex)
