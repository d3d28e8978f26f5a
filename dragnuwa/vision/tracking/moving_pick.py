"""Finds the thing at a place of a frame by its motion: what differs from the still scene there."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from ...common.interrupt import InterruptCheck, no_interrupt
from ...geometry.frame_alignment import FrameAt, align
from .moving_parts import MovingParts, StillScene
from .moving_things import MOVES

NEAR = 2  # px of small frames, around the place
MOST = 0.25  # part of the frame: something larger is no thing, but a scene that was not aligned
MOVING_SHARE = 0.3  # of a thing, that has to move


class MovingPick:
    """
    Args:
        count: number of frames.
        frame_at: the clip's frames, which are looked at when something is picked first.
    """

    def __init__(self, count: int, frame_at: FrameAt, check_interrupt: InterruptCheck = no_interrupt):
        self.count, self.frame_at, self.check_interrupt = count, frame_at, check_interrupt

    @cached_property
    def scene(self) -> StillScene:
        motions = align(self.count, self.frame_at, check_interrupt=self.check_interrupt)
        return StillScene(self.count, self.frame_at, motions, self.check_interrupt)

    @cached_property
    def parts(self) -> MovingParts:
        return self.scene.moving(np.zeros(self.scene.frames.shape[:3], bool))

    def at(self, frame: int, place: complex) -> np.ndarray | None:
        """`[H, W]` from 0 to 1: what moves at a place, in pixels of a frame; None where nothing does."""
        moving = self.parts.moving[frame].astype(np.uint8)
        _, labels = cv2.connectedComponents(moving)
        x, y = round(place.real * self.scene.scale), round(place.imag * self.scene.scale)
        around = labels[max(0, y - NEAR) : y + NEAR + 1, max(0, x - NEAR) : x + NEAR + 1]
        if not around.any():
            return None
        mask = labels == np.bincount(around[around > 0]).argmax()
        fast = self.scene.speed(frame) > MOVES
        if mask.mean() > MOST or fast[mask].mean() < MOVING_SHARE:
            return None
        return self.scene.whole_mask(mask)
