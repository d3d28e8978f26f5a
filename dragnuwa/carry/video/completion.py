"""Which frames show what one frame does not of an object that something hides there, or that has left the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import cv2
import numpy as np

from ...common.masks import overlap, reaches_border
from .tracked import ObjectTrack

SIDE = 96  # px, longer side of the object as it is compared
MIN_ADDED = 0.01  # part of the object that another frame has to add
MAX_FRAMES = 4  # frames that are put together
DISTANCE_PENALTY = 0.5  # how much less the farthest frame counts
WHOLE = 0.85  # of the largest area that is seen of an object, from which a frame shows all of it
SAME_SHAPE, MOST_COMPARED = 0.85, 12  # overlap of two such frames, from which it has the same shape; and frames


@dataclass(frozen=True)
class SeenParts:
    """What the frames of a clip show of an object.

    Attributes:
        masks: `[T, h, w]` bool, moved onto one another.
        whole: `[T]` bool, the frames that show all of it.
        is_rigid: whether one motion says where all of it is.
    """

    masks: np.ndarray
    whole: np.ndarray
    is_rigid: bool = True

    @classmethod
    def of(cls, track: ObjectTrack) -> SeenParts:
        masks = _onto_one_another(track)
        areas = masks.sum((1, 2))
        large = areas >= WHOLE * areas.max()
        inside = large & ~np.array([reaches_border(mask >= 128) for mask in track.masks])
        return cls(masks, inside if inside.any() else large, not track.is_given)

    @cached_property
    def changes_shape(self) -> bool:
        """Whether it has another shape in most pairs of frames that show all of it."""
        if self.is_rigid:
            return False
        whole = self.masks[self.whole]
        overlaps = [overlap(one, other) for one, other in combinations(whole[:: 1 + len(whole) // MOST_COMPARED], 2)]
        return bool(overlaps) and float(np.median(overlaps)) < SAME_SHAPE

    def completing(self, time: int) -> list[int]:
        """The frames that together show what one does not: those that add most first; of two that add the same, the
        nearer one. Of an object that changes its shape only one, in which it is most as it is in that frame: more would
        show several positions of a leg."""
        masks, covered = self.masks, self.masks[time].copy()
        near = 1 - DISTANCE_PENALTY * np.abs(np.arange(len(masks)) - time) / len(masks)
        least = MIN_ADDED * max(1, int(masks.any(0).sum()))
        if self.changes_shape:
            alike = ((masks & covered).sum((1, 2)) + 1) / (covered.sum() + 1)  # all are, where it is hidden
            alike[time] = 0
            best = int((alike * near * self.whole).argmax())
            return [best] if (masks[best] & ~covered).sum() >= least else []
        found: list[int] = []
        while len(found) < MAX_FRAMES:
            new = (masks & ~covered).sum((1, 2)) * near
            best = int(new.argmax())
            if new[best] < least:
                break
            found.append(best)
            covered |= masks[best]
        return found


def _onto_one_another(track: ObjectTrack) -> np.ndarray:
    """`[T, h, w]` bool: the masks of all frames that show an object, moved onto one another."""
    scale = track.masks.shape[2] / track.size[0]  # of the masks to the clip
    times = [time for time in np.flatnonzero(track.visible) if track.masks[time].any()]
    if not times:
        return np.zeros((len(track.masks), 1, 1), bool)
    motion = track.motion
    corners = [(_corners(track.masks[t]) / scale - motion.shift[t]) / motion.factor[t] for t in times]
    positions = np.concatenate(corners)
    low, high = positions.real.min() + 1j * positions.imag.min(), positions.real.max() + 1j * positions.imag.max()
    fine = SIDE / max((high - low).real, (high - low).imag, 1)
    size = tuple(int(np.ceil(side * fine)) + 2 for side in ((high - low).real, (high - low).imag))
    found = np.zeros((len(track.masks), size[1], size[0]), bool)
    for time in times:
        factor, shift = motion.factor[time], motion.shift[time]
        turn, move = factor / fine * scale, (factor * low + shift) * scale  # from the small frame to the mask
        matrix = np.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]])
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        found[time] = cv2.warpAffine(track.masks[time], matrix, size, flags=way) >= 128
    return found


def _corners(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return np.array([x + 1j * y for x in (columns[0], columns[-1] + 1) for y in (rows[0], rows[-1] + 1)], complex)
