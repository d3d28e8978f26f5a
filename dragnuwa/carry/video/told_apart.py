"""Tells an object that bends from other things that move, frame by frame: by what moves in a frame, and where that is
connected to something else, by where the colours around each pixel were in the frame before.

An object that bends has no one motion that says where its parts are. But what moves is known in each frame, against the
still scene, and while nothing else touches it, all of that is the object. Where it meets something else, each pixel of
both is given to the one whose pixels of the frame before, moved by its own flow, look most like its surroundings, and
whose colours it has; this is smoothed, but not across edges. Either may also look as it did in a frame that shows it
apart, moved by its one motion: so what was hidden is known again. Neither is far from where that motion takes it.
Colours are learned from frames in which both are apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import cv2
import numpy as np

from ...common.interrupt import checkpoint
from ...common.masks import touching
from ...vision.tracking.optical_flow import along_flow, flow_at_half_resolution
from .follow import TemplateTracker, ways_from
from .still_scene import MovingParts, StillScene
from .template import BINS, CLIPPED, Template, smoothed_counts
from .tracked import ObjectTrack, grown, without_small

GROUND, OWN, OTHER = 0, 1, 2
REACH = 0.08  # of its longer side, by which a part of it may move from one frame to the next beside the flow
LEAST_REACH = 3  # px of small frames
PURE = 0.06  # of a connected part: as much of it as this may be expected to be something else, and it is still one
SMALL_PART = 0.02  # of the object: smaller parts apart from it are none of it
LOST = 0.05  # of its usual size: with less to be seen, it is hidden
MERGED = 1.5  # times its usual size: it has grown by something that nobody has seen coming
STEP, STEPS = 2, 5  # px between displacements that are compared, and their number to each side
ERROR_WINDOW = 5  # px, over which a difference is averaged
COLOR, PLACE = 1.0, 1.0  # what colours and the expected place count, as logarithms of odds
MATCH = 4.0  # what it counts to look like one's own frame before, at the largest difference
SURE = 3.0  # logarithm of the odds, beyond which one of these says no more
SMOOTHNESS, CONTRAST, ROUNDS = 1.2, 18.0, 12  # weight of neighbours, difference of 255 that parts them, rounds of it
FAR, MOST_POSES = 4.0, 12  # what it counts that only one of both can be somewhere; and frames from which that is known
BESIDE = 0.25  # of its size: how far beside where those show it something can be
REMEMBERED = 0.1  # difference more, to look like it did where it was given rather than just before
LEAST_MET = 0.15  # of the object's size: something smaller that it meets has no look of its own
KNOWN_BEFORE = 0.3  # part of what meets the object, from which it is something that has met it already
RIM = 2  # px, around what was given: its edge, which moves like it, is nothing else
KERNEL_3 = np.ones((3, 3), np.uint8)

Slices = tuple[slice, slice]


@dataclass(frozen=True)
class ToldApart:
    """
    Attributes:
        own: `[T, h, w]` bool, what small frames show of the object.
        others: `[T, h, w]` bool, what they show of other things that move and meet the object.
        apart: `[T]` bool, the frames in which the object touches nothing else that moves.
    """

    own: np.ndarray
    others: np.ndarray
    apart: np.ndarray


def told_apart(scene: StillScene, parts: MovingParts, track: ObjectTrack, known: np.ndarray) -> ToldApart:
    """
    Args:
        scene: the clip's still scene.
        parts: what moves, with the object left out of the scene.
        track: the object as it was followed by one motion, which says about where it is. It is looked for from each
            frame in which it was given to the middle between that and the next.
        known: `[T, h, w]` bool, what each small frame shows of other objects that are known.
    """
    moving = parts.moving & ~known
    memory = _Memory(scene, track, np.zeros(moving.shape, np.uint8), np.zeros(moving.shape, bool))
    for frame, mask in memory.given.items():
        beside = moving[frame] & ~grown(mask, RIM)
        memory.labels[frame][without_small(beside, SMALL_PART * mask.sum())] = OTHER
        memory.labels[frame][mask] = OWN
        memory.mixed[frame] = _mixed(memory.labels[frame])
        memory.colors.learn(scene.frames[frame], memory.labels[frame])
        if memory.mixed[frame].any():
            memory.meets(memory.mixed[frame] & (memory.labels[frame] == OTHER), frame)
    for frame, times in ways_from(memory.given, len(moving)):
        walk = _Walk(memory, moving, parts.known, float(memory.given[frame].sum()))
        for time in times:
            checkpoint()
            walk.to(time, time - times.step)
    bounds = _Bounds(memory)
    for times in (range(len(moving)), range(len(moving) - 1, -1, -1)):  # with the colours of all frames, and both sides
        for time in times:
            if time not in memory.given and memory.mixed[time].any():
                checkpoint()
                _again(memory, time, bounds.odds(time))
    return ToldApart(memory.labels == OWN, memory.met_masks(), ~memory.mixed.any((1, 2)))


class _Memory:
    """What is known while it is told apart: labels `[T, h, w]` uint8, mixed parts `[T, h, w]` bool, and colours."""

    def __init__(self, scene: StillScene, track: ObjectTrack, labels: np.ndarray, mixed: np.ndarray):
        self.scene, self.track, self.labels, self.mixed = scene, track, labels, mixed
        self.colors = _Colors()
        self.given = {time: scene.small_mask(track.masks[time]) for time in track.given or {track.frame}}
        self.met: list[_Met] = []

    def meets(self, part: np.ndarray, time: int) -> None:
        """Something else `[h, w]` bool of a frame is about to meet the object."""
        if part.sum() < LEAST_MET * self.given[self.track.frame].sum():
            return
        if all(each.share(part, time) < KNOWN_BEFORE for each in self.met):
            self.met.append(_Met(self.scene, part, time))

    def met_masks(self) -> np.ndarray:
        """`[T, h, w]` bool: what frames show of what meets the object."""
        found = np.zeros(self.labels.shape, bool)
        for time in range(len(found)):
            for _, mask in self.looks(OTHER, time):
                own = self.labels[time] == OTHER
                found[time] |= touching(own, own & (mask > 0))
        return found

    def looks(self, label: int, time: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """A frame in which the object, or something else, was seen apart, `[h, w, 3]` uint8, and its mask there,
        `[h, w]` uint8, as its motion takes them to another."""
        if label == OWN:
            frame = min(self.given, key=lambda other: abs(other - time))
            matrix = self.track.matrix(frame, time, self.scene.size)
            yield _warped(self.scene.frames[frame], self.given[frame], matrix)
        else:
            for each in self.met:
                yield _warped(self.scene.frames[each.frame], each.mask, each.motions[time].matrix())


class _Met:
    """Something else that meets the object, as it was just before, and its motion from there."""

    def __init__(self, scene: StillScene, mask: np.ndarray, frame: int):
        self.mask, self.frame = mask, frame
        template = Template.of(scene.frames[frame], mask)
        walk = TemplateTracker(scene.frames.__getitem__, lambda time: None, template, frame)
        self.motions = {time: motion for time, motion, _ in walk.over(0, len(scene.frames) - 1)}

    def share(self, part: np.ndarray, time: int) -> float:
        """How much of a part `[h, w]` bool of a frame is this."""
        return float((part & self.at(time)).sum() / part.sum())

    def at(self, time: int) -> np.ndarray:
        """`[h, w]` bool: where it is in a frame."""
        return _moved(self.mask, self.motions[time].matrix())

    def matrix(self, time: int, other: int) -> np.ndarray:
        """`[3, 3]`: from pixels of one frame to those of another."""
        return self.motions[other].matrix() @ np.linalg.inv(self.motions[time].matrix())


def _warped(picture: np.ndarray, mask: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    there = cv2.warpAffine(picture, matrix[:2], mask.shape[::-1])
    return there, _moved(mask, matrix).astype(np.uint8)


def _moved(mask: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: a mask `[h, w]` where a matrix takes it."""
    return cv2.warpAffine(mask.astype(np.uint8), matrix[:2], mask.shape[::-1], flags=cv2.INTER_NEAREST) > 0


def _mixed(labels: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: connected parts that are both the object and something else."""
    _, parts = cv2.connectedComponents(cv2.dilate((labels > 0).astype(np.uint8), KERNEL_3))
    both = np.intersect1d(parts[labels == OWN], parts[labels == OTHER])
    return np.isin(parts, both) & (labels > 0)


class _Walk:
    """From a frame in which the object is known through the frames after or before it, one by one; labels `[T, h, w]`
    and mixed parts `[T, h, w]` are filled in."""

    def __init__(self, memory: _Memory, moving: np.ndarray, known: np.ndarray, usual: float):
        self.memory, self.moving, self.known, self.usual = memory, moving, known, usual

    def to(self, time: int, last: int) -> None:
        """Labels a frame by the last one."""
        memory = self.memory
        frame = memory.scene.frames[time]
        flow = flow_at_half_resolution(frame, memory.scene.frames[last])
        expected = along_flow(memory.labels[last], flow, cv2.INTER_NEAREST)
        was_mixed = along_flow(memory.mixed[last].astype(np.uint8), flow, cv2.INTER_NEAREST) > 0
        there = (self.moving[time] | (~self.known[time] & (expected == OWN))).astype(np.uint8)
        there = cv2.morphologyEx(there, cv2.MORPH_CLOSE, KERNEL_3)
        count, parts, stats, _ = cv2.connectedComponentsWithStats(there)
        near = grown(expected == OWN, self._reach(expected == OWN))
        labels, mixed = memory.labels[time], memory.mixed[time]
        for number in range(1, count):
            part = parts == number
            area = stats[number, cv2.CC_STAT_AREA]
            own, other = ((part & (expected == label)).sum() for label in (OWN, OTHER))
            both = own and other > PURE * area
            is_larger = own and area > MERGED * self.usual
            if not (both or is_larger or (was_mixed & part).any()):
                belongs = own > other or (not own and not other and (part & near).sum() > 0.5 * area)
                labels[part] = OWN if belongs else OTHER
                continue
            if both:
                apart = (memory.labels[last] == OTHER) & ~memory.mixed[last]
                memory.meets(touching(apart, apart & _flowed(part, flow)), last)
            odds = _odds(memory, time, last, flow, part)
            if is_larger and not both:  # nobody has seen it coming: what is far from the object is something else
                odds = np.where(near, odds, -SURE)
            labels[part] = _split(frame, odds, part)[part]
            mixed |= _mixed(np.where(part, labels, GROUND))
        own = without_small(labels == OWN, SMALL_PART * self.usual)
        labels[(labels == OWN) & ~own] = OTHER
        if own.sum() < LOST * self.usual:
            mixed |= (labels == OTHER) & touching(there, near)
        elif not mixed.any():
            self.usual = 0.9 * self.usual + 0.1 * float(own.sum())
            memory.colors.learn(frame, labels)

    def _reach(self, own: np.ndarray) -> int:
        rows, columns = np.nonzero(own)
        return max(LEAST_REACH, round(REACH * max(np.ptp(rows), np.ptp(columns)))) if len(rows) else LEAST_REACH


class _Bounds:
    """Where the object can be, and what it meets: where either is in any frame that shows it apart, as its motion takes
    it from there, and beside that."""

    def __init__(self, memory: _Memory):
        labels, track, size = memory.labels, memory.track, memory.scene.size
        apart = [int(time) for time in np.flatnonzero(~memory.mixed.any((1, 2)))]
        own = {time: labels[time] == OWN for time in apart}
        self._own = _some(own, partial(track.matrix, size=size))
        self._others = []
        for each in memory.met:
            shown = {time: touching(labels[time] == OTHER, each.at(time)) for time in apart}
            self._others += _some({**shown, each.frame: each.mask}, each.matrix)

    def odds(self, time: int) -> np.ndarray | float:
        """`[h, w]` float32: what a pixel of a frame counts that only one of both can be; 0 where that is not known."""
        if not self._own or not self._others:
            return 0.0
        own, other = (_reached(masks, time) for masks in (self._own, self._others))
        return FAR * (own.astype(np.float32) - other)


_Pose = tuple[np.ndarray, Callable[[int], np.ndarray]]
"""A mask `[h, w]` bool of a frame, and what says which matrix `[3, 3]` takes it to another."""


def _some(shown: Mapping[int, np.ndarray], matrix: Callable[[int, int], np.ndarray]) -> list[_Pose]:
    """Masks of frames, by their numbers; `matrix` leads from one to another."""
    times = sorted(time for time, mask in shown.items() if mask.any())
    return [(shown[time], partial(matrix, time)) for time in times[:: 1 + len(times) // MOST_POSES]]


def _reached(poses: Sequence[_Pose], time: int) -> np.ndarray:
    """`[h, w]` bool: where something can be in a frame."""
    there = np.any([_moved(mask, matrix_to(time)) for mask, matrix_to in poses], axis=0)
    rows, columns = np.nonzero(there)
    return grown(there, round(BESIDE * max(np.ptp(rows), np.ptp(columns)))) if len(rows) else there


def _again(memory: _Memory, time: int, bounds: np.ndarray | float) -> None:
    """The mixed parts of a frame once more, from the frames on both sides as they are known now, and by where both can
    be (`_Bounds.odds`)."""
    frames, where = memory.scene.frames, memory.mixed[time]
    odds = []
    for other in (time - 1, time + 1):
        if 0 <= other < len(frames):
            flow = flow_at_half_resolution(frames[time], frames[other])
            odds.append(_odds(memory, time, other, flow, where))
    memory.labels[time][where] = _split(frames[time], np.mean(odds, axis=0) + bounds, where)[where]


def _flowed(part: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: where a part of a frame comes from, by a flow that leads back."""
    rows, columns = np.nonzero(part)
    found = np.zeros(part.shape, bool)
    x, y = (np.rint(flow[rows, columns, axis] + at).astype(int) for axis, at in ((0, columns), (1, rows)))
    found[y.clip(0, part.shape[0] - 1), x.clip(0, part.shape[1] - 1)] = True
    return found


class _Colors:
    """Which colours the object has, and which other things."""

    def __init__(self) -> None:
        self.counts = {label: np.zeros((BINS, BINS, BINS), np.float32) for label in (OWN, OTHER)}

    def learn(self, frame: np.ndarray, labels: np.ndarray) -> None:
        for label, counts in self.counts.items():
            bins = (frame[labels == label] // (256 // BINS)).astype(np.int64)
            flat = (bins[:, 0] * BINS + bins[:, 1]) * BINS + bins[:, 2]
            counts += np.bincount(flat, minlength=BINS**3).reshape(counts.shape)

    def odds(self, frame: np.ndarray) -> np.ndarray:
        """`[h, w]` float32: the logarithm of the odds that a pixel of a frame is the object's; 0 where one of both is
        unknown."""
        found = []
        for label in (OWN, OTHER):
            counts = smoothed_counts(self.counts[label])
            if counts.sum() < 1:
                return np.zeros(frame.shape[:2], np.float32)
            found.append(counts / counts.sum() + 1e-5)
        red, green, blue = np.moveaxis(frame // (256 // BINS), -1, 0)
        return np.log(found[0] / found[1])[red, green, blue].clip(-SURE, SURE).astype(np.float32)


def _odds(memory: _Memory, time: int, last: int, flow: np.ndarray, where: np.ndarray) -> np.ndarray:
    """`[h, w]` float32: the logarithm of the odds that a pixel of a frame is the object's rather than something else's,
    by its colour, its place, and where its surroundings were in the last frame; 0 outside of `where` `[h, w]` bool."""
    frames, labels = memory.scene.frames, memory.labels
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    expected = along_flow(labels[last], flow, cv2.INTER_NEAREST)
    place = cv2.blur((expected == OWN).astype(np.float32) - (expected == OTHER), (ERROR_WINDOW, ERROR_WINDOW))
    unlike = {}
    for label in (OWN, OTHER):
        unlike[label] = _unlike(frames[time], frames[last], labels[last] == label, flow, expected == label, box)
        for picture, mask in memory.looks(label, time):
            known = _searched(frames[time], picture, mask, np.zeros(2), box)
            unlike[label] = np.minimum(unlike[label], known + REMEMBERED)
    found = np.zeros(place.shape, np.float32)
    by_look = MATCH * (unlike[OTHER] - unlike[OWN])
    found[box] = COLOR * memory.colors.odds(frames[time][box]) + PLACE * place[box] + by_look
    return found


def _unlike(
    frame: np.ndarray, before: np.ndarray, mask: np.ndarray, flow: np.ndarray, expected: np.ndarray, box: Slices
) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1, of a box: how unlike each pixel's surroundings are those of the most similar pixel
    of a mask `[h, w]` in the frame before, near where the mask's own flow comes from."""
    if not expected.any():
        return np.ones(frame[box].shape[:2], np.float32)
    usual = np.median(flow[expected], axis=0)
    back = [along_flow(values, flow, cv2.INTER_NEAREST)[box] for values in (before, mask.astype(np.uint8))]
    return np.minimum(_difference(frame[box], *back), _searched(frame, before, mask, usual, box))


def _searched(frame: np.ndarray, before: np.ndarray, mask: np.ndarray, usual: np.ndarray, box: Slices) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1, of a box: the least difference at displacements `[2]` near a usual one."""
    (top, bottom), (left, right) = ((each.start, each.stop) for each in box)
    size, here = (right - left, bottom - top), frame[box]
    found = np.ones(here.shape[:2], np.float32)
    values = mask.astype(np.uint8)
    way = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    reach = np.arange(-STEPS, STEPS + 1) * STEP
    for away in product(reach, repeat=2):
        x, y = np.rint(usual + away)
        back = np.array([[1, 0, left + x], [0, 1, top + y]], np.float64)
        there, inside = (cv2.warpAffine(each, back, size, flags=way) for each in (before, values))
        np.minimum(found, _difference(here, there, inside), out=found)
    return found


def _difference(frame: np.ndarray, there: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1: of a frame from another, 1 where that has nothing `inside` `[h, w]` uint8."""
    mean = cv2.transform(cv2.absdiff(frame, there), np.full((1, 3), 1 / 3, np.float32))
    error = np.minimum(mean, np.uint8(CLIPPED)).astype(np.float32) / np.float32(CLIPPED)
    return np.where(inside > 0, cv2.blur(error, (ERROR_WINDOW, ERROR_WINDOW)), np.float32(1))


def _split(frame: np.ndarray, odds: np.ndarray, part: np.ndarray) -> np.ndarray:
    """`[h, w]` uint8: which pixels of a part `[h, w]` bool are the object and which something else, smoothed except
    across edges: mean field over neighbours (Krähenbühl and Koltun, NeurIPS 2011, with neighbours alone)."""
    rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    inside, here = part[box], odds[box] * part[box]
    colors = frame[box].astype(np.float32)
    believed = np.tanh(0.5 * here) * inside
    weights = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        shifted = np.roll(colors, (-down, -right), (0, 1))
        both = inside & np.roll(inside, (-down, -right), (0, 1))
        both[-1:] &= not down
        if right:
            both[:, -1 if right > 0 else 0] = False
        weights.append((down, right, np.exp(-np.abs(colors - shifted).mean(-1) / CONTRAST) * both))
    for _ in range(ROUNDS):
        pull = np.zeros_like(here)
        for down, right, weight in weights:
            pull += weight * np.roll(believed, (-down, -right), (0, 1))
            pull += np.roll(weight * believed, (down, right), (0, 1))
        believed = np.tanh(0.5 * (here + SMOOTHNESS * pull)) * inside
    found = np.zeros(part.shape, np.uint8)
    found[box] = np.where(inside, np.where(believed > 0, OWN, OTHER), GROUND)
    share = (found == OWN).sum() / part.sum()
    if share < PURE or share > 1 - PURE:
        found[part] = OWN if share > 0.5 else OTHER
    return found
