"""Follows what was drawn on through a clip: by masks that were given, by what another node has tracked, or itself."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ...common.errors import InputError
from ...common.masks import MASKED
from ...geometry.frame_alignment import FrameAt
from .follow import follow
from .from_masks import from_masks
from .occluders import MovingPick
from .tracked import Corrections, ObjectTrack

LEAST_OVERLAP = 0.3  # IoU of an object that another node has tracked with what was drawn


class ClipFollower:
    """Follows the objects of a drawing one after the other, by what is known of each.

    Args:
        count: number of frames.
        frame_at: the clip's frames, `[H, W, 3]` uint8.
        given: the mask of each drag and object, `[1, H, W]` or `[T, H, W]`, None for one without; empty without any.
        tracked: objects that another node has followed, `[T, h, w]` bool each.
    """

    def __init__(
        self, count: int, frame_at: FrameAt, given: Sequence[np.ndarray | None] = (), tracked: Sequence[np.ndarray] = ()
    ):
        self.count, self.frame_at = count, frame_at
        self.given, self.tracked = given, tracked
        self.pick = MovingPick(count, frame_at)

    def moving_at(self, frame: int, place: complex) -> np.ndarray | None:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        return self.pick.at(frame, place)

    def given_at(self, frame: int, number: int) -> np.ndarray | None:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        own = self.given[number] if self.given else None
        return None if own is None else own[frame if len(own) > 1 else 0]

    def follow(self, mask: np.ndarray, frame: int, number: int, corrections: Corrections) -> ObjectTrack:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        own = self.given[number] if self.given else None
        if own is not None and len(own) > 1:
            return from_masks(self.frame_at, corrected(own, corrections), frame)
        mask = mask if own is None else own[0]
        best_match = max(self.tracked, key=lambda other: _overlap(other[frame], mask), default=None)
        if best_match is not None and _overlap(best_match[frame], mask) >= LEAST_OVERLAP:
            return from_masks(self.frame_at, corrected(best_match, corrections), frame)
        found = follow(self.count, self.frame_at, mask, frame, corrections=corrections)
        if found.visible.sum() < 2:
            raise InputError(
                f"What was drawn on in frame {frame + 1} is in no other frame, as far as its colours show. Outline it "
                "more closely, or connect masks of it for each frame, such as SAM3's."
            )
        return found


def corrected(masks: np.ndarray, corrections: Corrections) -> np.ndarray:
    """Masks `[T, h, w]` with those of some frames replaced, which may have another size."""
    if not corrections:
        return masks
    result = masks.astype(np.float32)
    size = result.shape[:0:-1]
    for time, mask in corrections.items():
        result[time] = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return result


def _overlap(tracked: np.ndarray, mask: np.ndarray) -> float:
    """The overlap (intersection over union) of a mask `[h, w]` of another size with one `[H, W]`."""
    size = tracked.shape[::-1]
    own = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) >= MASKED
    return float((own & (tracked > 0)).sum() / max(1, (own | (tracked > 0)).sum()))
