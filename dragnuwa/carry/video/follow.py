"""Follows an object through a clip from one frame, without any file: a similarity transform for each frame, fitted to
how the object looked in that frame, so that errors do not add up; and the part of it that each frame shows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import pairwise

import cv2
import numpy as np

from ...common.errors import InputError
from ...common.interrupt import checkpoint
from ...common.masks import MASKED, middle_of
from ...geometry.frame_alignment import FrameAt, MaskAt
from ...geometry.similarity import AT_PLACE, SimilarityTransform, robust_similarity
from .template import Template, search
from .tracked import ObjectTrack

LONGEST = 640  # px, of the frames in which it is followed
HIDDEN = 0.2  # of the object: with less to be seen of it, it counts as hidden
FOUND = 0.45  # least part that has to be seen where it is found again
WELL = 0.8  # part of the object that is seen where it counts as seen well
STEPS = 3  # rounds of refinement
BETTER = 0.003  # of the error, for another round
POINTS, QUALITY, APART = 200, 0.01, 4  # features on the object, that are followed from frame to frame
WINDOW, LEVELS = (15, 15), 4
WITHIN = 1.5  # px, error of a feature that follows the motion
MIN_FEATURES = 4  # features
REMEMBERED = 0.7  # of its speed, kept for each frame in which it is hidden
STEADY, JUMP = 0.08, 1.0  # change of size, as a logarithm, that costs nothing, and what more of it costs
CHANGE, MOST_CHANGE = 1.6, 6.0  # largest change in size, from one frame to the next and in all


def follow(
    count: int,
    frame_at: FrameAt,
    mask: np.ndarray,
    frame: int,
    *,
    corrections: Mapping[int, np.ndarray] | None = None,
    hidden_at: MaskAt = lambda time: None,
) -> ObjectTrack:
    """
    Args:
        count: number of frames.
        frame_at: the frames, at the size of the mask or of `small_frames`.
        mask: `[H, W]` from 0 to 1, where the object is in one frame.
        frame: the number of that frame.
        corrections: masks in further frames. The object is followed from each to the middle between it and the next.
        hidden_at: what is known to stand before it in a frame, at the size of the small ones.

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
            raise InputError(f"The object has no outline in frame {time + 1}. Draw round it there.")
    masks = np.zeros((count, size[1], size[0]), np.uint8)
    factor, shift = np.ones(count, complex), np.zeros(count, complex)
    for time in sorted(starts, key=lambda time: time != frame):  # first what it is to be from one end to the other
        before = AT_PLACE
        if time != frame:
            before = between_masks(starts[frame], starts[time], SimilarityTransform(factor[time], shift[time]))
        walk = TemplateTracker(small, hidden_at, Template.of(small(time), starts[time] >= MASKED), time)
        for at, motion, part in walk.over(*((0, count - 1) if time == frame else span(time, given, count))):
            whole = motion.after(before)
            factor[at], shift[at], masks[at] = whole.factor, whole.shift, part
    visible = (masks >= 128).any((1, 2))
    factor, shift = bridged(factor, shift, visible, middle_of(starts[frame] >= MASKED))
    motion = SimilarityTransform(factor, shift).unscaled(scale)
    return ObjectTrack(frame, motion, visible, masks, (width, height), frozenset(given))


def small_frames(frame_at: FrameAt, size: tuple[int, int]) -> tuple[FrameAt, tuple[int, int], float]:
    """The frames of a clip of (width, height) `size` as objects are followed in them, each made once; their size; and
    its ratio to the whole one. Frames that are small already stay as they are."""
    scale = min(1.0, LONGEST / max(size))
    less = round(size[0] * scale), round(size[1] * scale)

    @cache
    def small(time: int) -> np.ndarray:
        picture = frame_at(time)
        return picture if picture.shape[1::-1] == less else cv2.resize(picture, less, interpolation=cv2.INTER_AREA)

    return small, less, scale


def span(time: int, given: Collection[int], count: int) -> tuple[int, int]:
    """The first and the last frame that a given one is the nearest of, by their numbers."""
    before = [other for other in given if other < time]
    after = [other for other in given if other > time]
    return (max(before) + time + 1) // 2 if before else 0, (time + min(after)) // 2 if after else count - 1


def ways_from(given: Collection[int], count: int) -> Iterator[tuple[int, range]]:
    """From each given frame both ways to the middle between it and the next: its number, and those of the frames on the
    way, one after the other."""
    for frame in given:
        first, last = span(frame, given, count)
        yield frame, range(frame + 1, last + 1)
        yield frame, range(frame - 1, first - 1, -1)


def between_masks(first: np.ndarray, second: np.ndarray, guess: SimilarityTransform) -> SimilarityTransform:
    """The motion between two masks `[h, w]`: their middles and sizes, and the turn of a guess."""
    middles = [middle_of(mask >= MASKED) for mask in (first, second)]
    size = np.sqrt((second >= MASKED).sum() / (first >= MASKED).sum())
    turn = complex(guess.factor)
    factor = size * turn / max(abs(turn), 1e-6)
    return SimilarityTransform(factor, middles[1] - factor * middles[0])


def bridged(
    factor: np.ndarray, shift: np.ndarray, visible: np.ndarray, middle: complex
) -> tuple[np.ndarray, np.ndarray]:
    """A motion `[T]`, where it is hidden as if it went on evenly from where it was last seen to where it is seen again.

    Args:
        middle: of the object, in the frame in which it was given: goes straight.
    """
    factor, shift = factor.copy(), shift.copy()
    for before, after in pairwise(np.flatnonzero(visible)):
        part = np.arange(1, after - before) / (after - before)
        way = [factor[time] * middle + shift[time] for time in (before, after)]
        between = factor[before] * (factor[after] / factor[before]) ** part
        factor[before + 1 : after] = between
        shift[before + 1 : after] = way[0] + (way[1] - way[0]) * part - between * middle
    return factor, shift


class TemplateTracker:
    """The way from one frame, in which the object is known, to others."""

    def __init__(self, frame_at: FrameAt, hidden_at: MaskAt, template: Template, start: int):
        self.frame_at, self.hidden_at, self.template = frame_at, hidden_at, template
        self.start = start

    def over(self, first: int, last: int) -> Iterator[tuple[int, SimilarityTransform, np.ndarray]]:
        """For each frame: its number, the motion from the start, and what is seen of the object, `[h, w]` uint8."""
        yield self.start, AT_PLACE, self._mask(self.frame_at(self.start), AT_PLACE, self.template.mask)
        for step, end in ((1, last + 1), (-1, first - 1)):
            yield from self._towards(range(self.start + step, end, step))

    def _towards(self, times: range) -> Iterator[tuple[int, SimilarityTransform, np.ndarray]]:
        template = self.template
        before, motion, hidden = self.frame_at(self.start), AT_PLACE, 0
        speed = 1 + 0j, 0j  # the factor and the way of its middle from frame to frame
        seen, usual = template.mask, 0.0
        for time in times:
            checkpoint()
            frame, hides = self.frame_at(time), self.hidden_at(time)
            ahead = self._ahead(motion, speed)
            guesses = [motion, ahead]
            if not hidden:
                guesses += self._by_flow(before, frame, motion, seen)
            best_match = min(guesses, key=lambda each: self._error(frame, hides, each, motion))
            found = self._refined(frame, hides, best_match, motion, seen)
            part = template.shown(frame, found, usual, hides)
            share = part.sum() / template.mask.sum()
            if share < WELL:  # it may have gone farther than it is followed
                again = search(template, frame, ahead, hidden)
                again = None if again is None else self._refined(frame, hides, again, again, template.mask)
                if again is not None and template.error(frame, again, hides) < template.error(frame, found, hides):
                    found, part = again, template.shown(frame, again, usual, hides)
                    share = part.sum() / template.mask.sum()
            if share < (FOUND if hidden else HIDDEN):
                hidden += 1
                motion, speed = ahead, (1 + 0j, REMEMBERED * speed[1])
                seen = template.mask
                yield time, motion, np.zeros(frame.shape[:2], np.uint8)
                continue
            turn = complex(found.factor) / complex(motion.factor)
            speed = (turn, self._middle(found) - self._middle(motion)) if not hidden else (1 + 0j, 0j)
            hidden, motion, seen, before = 0, found, part, frame
            usual = template.typical_error(frame, found) if share > WELL else usual
            yield time, motion, self._mask(frame, motion, part)

    def _ahead(self, motion: SimilarityTransform, speed: tuple[complex, complex]) -> SimilarityTransform:
        """The next motion at the same speed."""
        factor = complex(motion.factor) * speed[0]
        middle = self._middle(motion) + speed[1]
        return SimilarityTransform(factor, middle - factor * self._middle(AT_PLACE))

    def _middle(self, motion: SimilarityTransform) -> complex:
        """Where a motion takes the middle of the object."""
        middle, into = middle_of(self.template.mask), np.linalg.inv(self.template.to_box)
        x, y, _ = into @ (middle.real, middle.imag, 1)
        return complex(motion.apply(complex(x, y)))

    def _by_flow(
        self, before: np.ndarray, frame: np.ndarray, motion: SimilarityTransform, seen: np.ndarray
    ) -> list[SimilarityTransform]:
        """The motion by features on what was seen of it, from the frame before."""
        was = self._mask(before, motion, seen)
        own, other = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (before, frame))
        features = cv2.goodFeaturesToTrack(own, POINTS, QUALITY, APART, mask=was)
        if features is None or len(features) < MIN_FEATURES:
            return []
        moved, ahead, _ = cv2.calcOpticalFlowPyrLK(own, other, features, None, winSize=WINDOW, maxLevel=LEVELS)
        again, back, _ = cv2.calcOpticalFlowPyrLK(other, own, moved, None, winSize=WINDOW, maxLevel=LEVELS)
        close = np.linalg.norm(again - features, axis=-1)[:, 0] < WITHIN
        good = (ahead[:, 0] == 1) & (back[:, 0] == 1) & close
        if good.sum() < MIN_FEATURES:
            return []
        source, target = (part[good, 0, 0].astype(float) + 1j * part[good, 0, 1] for part in (features, moved))
        way = target - source
        mean = SimilarityTransform(1 + 0j, complex(np.median(way.real), np.median(way.imag)))
        cv2.setRNGSeed(0)
        found = robust_similarity(source, target, WITHIN, 500)
        return [step.after(motion) for step in (mean, *([] if found is None else [found[0]]))]

    def _error(
        self, frame: np.ndarray, hides: np.ndarray | None, motion: SimilarityTransform, before: SimilarityTransform
    ) -> float:
        """That of the template, and more where the size jumps: an object of one colour that is half hidden would fit as
        half of itself, too."""
        return self.template.error(frame, motion, hides) + cost_of_jump(motion, before)

    def _refined(
        self,
        frame: np.ndarray,
        hides: np.ndarray | None,
        found: SimilarityTransform,
        before: SimilarityTransform,
        seen: np.ndarray,
    ) -> SimilarityTransform:
        """A motion near one under which the frame shows the object best; its size changes little from before."""
        template = self.template
        error = self._error(frame, hides, found, before)
        for _ in range(STEPS):
            near = [each for each in template.refinements(frame, found, seen) if _keeps_size(each, before)]
            if not near:
                break
            best_error, best = min(
                ((template.error(frame, each, hides), each) for each in near), key=lambda pair: pair[0]
            )
            if best_error >= error:
                break
            enough = error - best_error < BETTER
            found, error = best, best_error
            if enough:
                break
        return found

    def _mask(self, frame: np.ndarray, motion: SimilarityTransform, part: np.ndarray) -> np.ndarray:
        """`[h, w]` uint8: a part of the template `[h, w]` bool, where a motion takes it."""
        matrix = self.template.to_box @ np.linalg.inv(motion.matrix())
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        values = (255 * part).astype(np.uint8)
        return cv2.warpAffine(values, matrix[:2], frame.shape[1::-1], flags=way)


def cost_of_jump(motion: SimilarityTransform, before: SimilarityTransform) -> float:
    """What a motion costs whose size is another one than in the frame before."""
    jump = abs(np.log(abs(complex(motion.factor)) / abs(complex(before.factor))))
    return JUMP * max(0.0, jump - STEADY)


def _keeps_size(motion: SimilarityTransform, before: SimilarityTransform) -> bool:
    size = abs(complex(motion.factor))
    return 1 / CHANGE < size / abs(complex(before.factor)) < CHANGE and 1 / MOST_CHANGE < size < MOST_CHANGE
