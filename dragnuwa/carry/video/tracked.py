"""An object that was followed through a clip: where it is, and its masks; and the connected parts of a mask."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from ...common.masks import reaches_border
from ...geometry.grids import Box, about_corner
from ...geometry.similarity import SimilarityTransform

OPENED = 0.5  # of a hole, that was the object's in the frame before
ENTERS = 0.02  # of the longer side: what comes into view at the border, beside what was seen
BORDERS = cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE
LARGE = 16  # px: a mask that grows by more does so by distances, as dilation takes time by the area of its disc


class PackedMasks(Sequence):
    """Masks `[T, h, w]` uint8 in little memory, of which one frame `[h, w]` is taken at a time."""

    def __init__(self, masks: np.ndarray):
        self.shape = masks.shape
        self._packed = [zlib.compress(mask.tobytes(), 1) for mask in masks]

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, time: int) -> np.ndarray:
        return np.frombuffer(zlib.decompress(self._packed[time]), np.uint8).reshape(self.shape[1:])


@dataclass(frozen=True)
class ObjectTrack:
    """
    Attributes:
        frame: the number of the frame in which it was given.
        motion: factor and shift `[T]`: from pixels of that frame to pixels of each frame. Where it is hidden, they say
            where it may be.
        visible: `[T]` bool, whether a frame shows it.
        masks: `[T, h, w]` uint8 from 0 to 255, what each frame shows of it, at the size in which it was followed.
        size: (width, height) of the clip.
        given: the numbers of the frames whose masks were given, rather than found.
        shape: `[h, w]` bool, in the small frame in which it was given: all of it, as if nothing hid it there; None
            until it is known (`with_shape`).
        pieces: of it, which other frames show: the number of the frame, and `[h, w]` bool.
        is_scene: whether it is a piece of the still scene, so that everything that moves is before it.
    """

    frame: int
    motion: SimilarityTransform
    visible: np.ndarray
    masks: np.ndarray | PackedMasks
    size: tuple[int, int]
    given: frozenset[int] = frozenset()
    shape: np.ndarray | None = None
    pieces: tuple[tuple[int, np.ndarray], ...] = ()
    is_scene: bool = False

    @property
    def is_given(self) -> bool:
        """Whether its masks are known in each frame, so that its motion says nothing about them."""
        return len(self.given) == len(self.masks)

    @property
    def placed(self) -> np.ndarray:
        """`[T]` bool: the frames in which its motion is known: those that show it, and all between the first and the
        last of them."""
        times = np.flatnonzero(self.visible)
        numbers = np.arange(len(self.visible))
        return (numbers >= times[0]) & (numbers <= times[-1]) if len(times) else self.visible

    def mask_at(self, time: int) -> np.ndarray:
        """`[H, W]` float32 from 0 to 1: what a frame shows of it, at the clip's size."""
        mask = self.masks[time].astype(np.float32) / 255
        return mask if mask.shape == self.size[::-1] else cv2.resize(mask, self.size, interpolation=cv2.INTER_LINEAR)

    def between(self, time: int, other: int) -> SimilarityTransform:
        """From pixels of one frame to pixels of another."""
        factor, shift = self.motion.factor, self.motion.shift
        ratio = complex(factor[other] / factor[time])
        return SimilarityTransform(ratio, complex(shift[other] - ratio * shift[time]))

    def matrix(self, time: int, other: int, size: tuple[int, int]) -> np.ndarray:
        """`[3, 3]`: as `between`, of frames that were scaled to (width, height) `size`."""
        shrink = about_corner(size[0] / self.size[0], size[1] / self.size[1])
        return shrink @ self.between(time, other).matrix() @ np.linalg.inv(shrink)

    def joined(self, part: ObjectTrack) -> ObjectTrack:
        """The same with what was followed of a part of it, which may move otherwise."""
        masks = np.maximum(self.masks, part.masks)
        return replace(self, masks=masks, visible=self.visible | part.visible)

    def continued_at_border(self) -> ObjectTrack:
        """The same with what comes into view beside it where the picture's border cut it off when it was given: it goes
        on there, for as many pixels as a camera in a hand moves."""
        given = self.masks[self.frame]
        if not reaches_border(given >= 128):
            return self
        masks, reach = np.stack(list(self.masks)), round(ENTERS * max(given.shape))
        for time in set(np.flatnonzero(self.visible).tolist()) - self.given:
            one, other = (moved(given, self, self.frame, time, border) for border in BORDERS)
            entered = (other >= 128) & (one < 128)
            if entered.any():
                masks[time][entered & grown(masks[time] >= 128, reach)] = 255
        return replace(self, masks=masks)

    def without_new_holes(self) -> ObjectTrack:
        """The same, where a hole that opens inside of it is a part of it that looks otherwise, such as a mouth: what
        stands before it has come from outside."""
        masks = np.stack(list(self.masks))
        for times in (range(self.frame + 1, len(masks)), range(self.frame - 1, -1, -1)):
            for time in times:
                own = masks[time] >= 128
                if time in self.given or not own.any():
                    continue
                before = moved(masks[time - times.step], self, time - times.step, time) >= 128
                count, labels = cv2.connectedComponents((without_holes(own) & ~own).astype(np.uint8), connectivity=4)
                was = np.bincount(labels.ravel(), before.ravel(), count) / np.bincount(labels.ravel(), minlength=count)
                new = was > OPENED
                new[0] = False
                masks[time][new[labels]] = 255
        return replace(self, masks=masks)

    def is_in(self, shot: range) -> bool:
        """Whether any frame of a shot shows it."""
        return bool(self.visible[shot.start : shot.stop].any())

    def in_shot(self, shot: range) -> ObjectTrack:
        """The same as a clip of one shot alone has it, which has to show it."""
        part = slice(shot.start, shot.stop)
        frame = self.frame if self.frame in shot else shot.start + int(np.argmax(self.visible[part]))
        motion = SimilarityTransform(self.motion.factor[part], self.motion.shift[part])
        given = frozenset(time - shot.start for time in self.given if time in shot)
        return replace(
            self,
            frame=frame - shot.start,
            motion=motion.after(self.motion.at(frame).inverse()),
            visible=self.visible[part],
            masks=self.masks[part],
            given=given or frozenset({frame - shot.start}),
        )

    def in_clip(self, shot: range, count: int) -> ObjectTrack:
        """That of a clip of one shot alone as the whole clip of so many frames has it: other shots do not show it."""
        nearest = np.arange(count).clip(shot.start, shot.stop - 1) - shot.start
        given = range(count) if self.is_given else (time + shot.start for time in self.given)
        return replace(
            self,
            frame=self.frame + shot.start,
            motion=SimilarityTransform(self.motion.factor[nearest], self.motion.shift[nearest]),
            visible=_replaced(np.zeros(count, bool), shot, self.visible),
            masks=_replaced(np.zeros((count, *self.masks.shape[1:]), np.uint8), shot, self.masks),
            given=frozenset(given),
            pieces=tuple((time + shot.start, piece) for time, piece in self.pieces),
        )

    def with_shot(self, shot: range, part: ObjectTrack, before: SimilarityTransform) -> ObjectTrack:
        """The same as `part` has it, which is of a clip of that shot alone. `before` is the motion from pixels of the
        frame in which it was given to those of the frame of `part`."""
        motion = part.motion.after(before)
        outside = [time for time in range(len(self.visible)) if time not in shot]
        if self.visible[outside].any():
            outside = [time for time in outside if time in self.given]
        is_same_frame = part.frame + shot.start == self.frame
        return replace(
            self,
            motion=SimilarityTransform(
                _replaced(self.motion.factor, shot, motion.factor), _replaced(self.motion.shift, shot, motion.shift)
            ),
            visible=_replaced(self.visible, shot, part.visible),
            masks=_replaced(self.masks, shot, part.masks),
            given=frozenset([*outside, *(time + shot.start for time in part.given)]),
            shape=part.shape if is_same_frame else self.shape,
            pieces=tuple((time + shot.start, piece) for time, piece in part.pieces) if is_same_frame else self.pieces,
        )

    def packed(self) -> ObjectTrack:
        """The same in little memory."""
        return replace(self, masks=PackedMasks(self.masks))

    def unpacked(self) -> ObjectTrack:
        """The same with all masks at hand."""
        return replace(self, masks=np.stack(list(self.masks)))

    def with_shape(self) -> ObjectTrack:
        """The same, if the frame in which it was given shows all of it."""
        return replace(self, shape=self.masks[self.frame] >= 128)

    def shaped_as(self, other: ObjectTrack) -> ObjectTrack:
        """The same with the whole shape that another track of the object has."""
        return replace(self, shape=other.shape, pieces=other.pieces)

    def whole_at(self, time: int) -> np.ndarray:
        """`[h, w]` bool: where its whole shape is in a small frame, as if nothing hid it."""
        parts = ((self.frame, self.shape), *self.pieces)
        there = (moved((255 * part).astype(np.uint8), self, frame, time) for frame, part in parts)
        return np.any([each >= 128 for each in there], axis=0)

    def covers_at(self, time: int) -> np.ndarray:
        """`[h, w]` bool: where its whole shape is, and what was found of it, in a small frame."""
        mask = self.masks[time] >= 128
        return mask if self.is_given else mask | self.whole_at(time)


Corrections = Mapping[int, np.ndarray]
"""Masks `[H, W]` from 0 to 1 that were drawn in further frames, by the frame's number."""


Followed = ObjectTrack  # its name before 1.1


class FrameMotion(Protocol):
    """What moves in one frame of a clip against its still scene, and what rests."""

    @property
    def evidence(self) -> np.ndarray:
        """`[h, w]`, in a small copy of the frame: from -1 for what surely rests to 1 for what surely moves."""

    @property
    def resting(self) -> np.ndarray:
        """`[H, W]` bool: what most other frames show, too, where they would not if it had moved."""

    def at(self, place: complex) -> np.ndarray | None:
        """The mask `[H, W]` from 0 to 1 of what moves at a place; None where nothing does."""


class Follower(Protocol):
    """Says what is drawn on in a clip, and follows it."""

    @property
    def shots(self) -> tuple[range, ...]:
        """The clip's shots (`dragnuwa.vision.tracking.shots`)."""

    def given_at(self, frame: int, number: int) -> np.ndarray | None:
        """The mask `[H, W]` from 0 to 1 that was given for a frame and the drag or object of a number; None for
        none."""

    def motion_in(self, frame: int) -> FrameMotion:
        """What moves in a frame, and what rests."""

    def follow(self, mask: np.ndarray, frame: int, number: int, corrections: Corrections) -> ObjectTrack:
        """Follows the object under a mask `[H, W]` from 0 to 1 of a frame, that of the drag or object of a number, in
        order.

        Raises:
            InputError: if a mask is empty, or the object is not found.
        """

    def follow_place(self, mask: np.ndarray, frame: int, number: int) -> ObjectTrack:
        """The same for what is around a place on which no object was found: a piece of the still scene, if it rests."""


def _replaced(values: np.ndarray, shot: range, own: np.ndarray) -> np.ndarray:
    """Values `[T, ...]` with those of one shot's frames replaced."""
    result = values.copy()
    result[shot.start : shot.stop] = own
    return result


def without_small(mask: np.ndarray, least: float, connectivity: int = 8) -> np.ndarray:
    """`[h, w]` bool: the parts of a mask that have at least so many pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=connectivity)
    keep = stats[:, cv2.CC_STAT_AREA] >= least
    keep[0] = False
    return keep[labels]


def grown(mask: np.ndarray, reach: int) -> np.ndarray:
    """`[h, w]` bool: a mask, larger by so many pixels to all sides."""
    found = np.zeros(mask.shape, bool)
    if not mask.any():
        return found
    near = Box.of(mask).grown(reach).within(*mask.shape[::-1]).slices
    if reach > LARGE:
        found[near] = cv2.distanceTransform((~mask[near]).astype(np.uint8), cv2.DIST_L2, 5) <= reach
        return found
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    found[near] = cv2.dilate(mask[near].astype(np.uint8), disc) > 0
    return found


def spread_inside(mask: np.ndarray, most: int) -> list[complex]:
    """Places well inside a mask `[h, w]` bool, spread over it."""
    inside = np.pad(mask.astype(np.uint8), 1)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1].copy()
    found: list[complex] = []
    apart = (inside.sum() / most) ** 0.5
    while len(found) < most:
        row, column = np.unravel_index(depth.argmax(), depth.shape)
        if depth[row, column] <= 0:
            break
        found.append(complex(column, row))
        cv2.circle(depth, (int(column), int(row)), max(1, round(apart)), 0.0, -1)
    return found


def without_holes(mask: np.ndarray) -> np.ndarray:
    """`[h, w]` bool."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    return filled > 0


def moved(
    values: np.ndarray, track: ObjectTrack, frame: int, time: int, border: int = cv2.BORDER_CONSTANT
) -> np.ndarray:
    """Values `[h, w]` or `[h, w, 3]` of one small frame, as the motion of an object moves them to another."""
    size = values.shape[1::-1]
    matrix = track.matrix(frame, time, size)
    return cv2.warpAffine(values, matrix[:2], size, flags=cv2.INTER_LINEAR, borderMode=border)
