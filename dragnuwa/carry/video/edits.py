"""Edits: a thing followed through a clip, and the motion that it is given there."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...geometry.similarity import AT_PLACE, SimilarityTransform
from ...vision.tracking.followed import Followed

RELATIVE, ABSOLUTE, STILL, REMOVED, COPIED = "relative", "absolute", "still", "removed", "copied"
BYSTANDER = "bystander"
"""What nobody drew on: it stays as it is, but may stand before what is edited, or be uncovered by it."""
AT_REST = 0.02  # px: a thing moved by less is not changed


@dataclass(frozen=True, eq=False)
class Edit:
    """
    Attributes:
        name: of the drag or object, for messages.
        followed: the thing in the clip.
        drawn: the drawn motion, factor and shift `[T]`, of its positions in the frame in which it was given.
        pivot: the centre of the drawn rotation and scale, in that frame.
        shown: `[T]` bool, the frames in which it is to be seen.
        kind: one of `dragnuwa.trajectory.types.EDITS`: "relative" adds the drawn motion to the thing's own, "absolute"
            replaces it, from the frame in which the thing was given on. "still" holds it there. "removed" takes it out
            of the clip. "copied" leaves it where it is, and adds a copy that moves as "relative". Or `BYSTANDER`.
        delay: frames by which its own motion is shown later; below 0 earlier.
        grow, feather: px, the finish of its cut, as in `dragnuwa.carry.layers.Layer`.
        shadow: `[H, W]` bool, its shadow in the frame in which it was given; None without one.
        tracks: ids of the drags that it is moved by.
        object: id of the object that it is moved by; empty without one.
    """

    name: str
    followed: Followed
    drawn: SimilarityTransform
    pivot: complex
    shown: np.ndarray
    kind: str = RELATIVE
    delay: int = 0
    grow: float = 0.0
    feather: float = 0.0
    shadow: np.ndarray | None = None
    tracks: tuple[str, ...] = ()
    object: str = ""

    def shadow_at(self, time: int) -> np.ndarray | None:
        """`[H, W]` bool: its shadow in a frame of the clip; None where there is none, or it is not known where."""
        if self.shadow is None or not self.followed.placed[time]:
            return None
        matrix = self.followed.motion.at(time).matrix()[:2]
        return cv2.warpAffine(self.shadow.astype(np.uint8), matrix, self.followed.size) > 0

    @property
    def leaves(self) -> bool:
        """Whether the thing is taken from where it was."""
        return self.kind not in (COPIED, BYSTANDER)

    def source(self, time: int) -> int:
        """The frame whose pixels a frame shows; the clip's ends are held."""
        return int(np.clip(time - self.delay, 0, len(self.shown) - 1))

    def move(self, time: int) -> SimilarityTransform:
        """From pixels of the frame that `source` says to pixels of this frame."""
        own = self.followed.motion
        source = self.source(time)
        begun = time >= self.followed.frame
        if self.kind in (STILL, ABSOLUTE) and begun:
            drawn = self.drawn.at(time) if self.kind == ABSOLUTE else AT_PLACE
            return drawn.after(own.at(source).inverse())
        drawn = self.drawn.at(time)
        there = own.at(source).apply(self.pivot)  # turned and scaled about where its own motion has taken it
        away = drawn.apply(self.pivot) - self.pivot
        return SimilarityTransform(drawn.factor, there + away - drawn.factor * there)

    def is_drawn(self, time: int) -> bool:
        """Whether a frame is to show it."""
        return self.kind != REMOVED and bool(self.shown[time])

    def changes(self, time: int) -> bool:
        """Whether a frame differs from the clip's."""
        if self.kind == BYSTANDER:
            return False
        if not self.is_drawn(time):
            return self.leaves and bool(self.followed.visible[time])
        if self.source(time) != time:
            return True
        move = self.move(time)
        width, height = self.followed.size
        corners = np.array([0, width, 1j * height, width + 1j * height])
        return bool(np.abs(move.apply(corners) - corners).max() > AT_REST)


def bystander(followed: Followed) -> Edit:
    """Of a thing that stays as it is."""
    frames = len(followed.masks)
    at_rest = SimilarityTransform(np.ones(frames, complex), np.zeros(frames, complex))
    return Edit("", followed, at_rest, 0j, np.ones(frames, bool), kind=BYSTANDER)
