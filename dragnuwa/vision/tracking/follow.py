"""Follows a thing through a clip from one frame, without any file: a similarity transform for each frame, fitted to how
the thing looked in that frame, so that errors do not add up; and the part of it that each frame shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import cv2
import numpy as np

from ...common.errors import InputError
from ...common.interrupt import InterruptCheck, no_interrupt
from ...common.masks import MASKED
from ...trajectory.motion.similarity import SimilarityTransform
from .followed import Followed
from .robust_similarity import robust_similarity
from .thing_template import ALIKE, Template, as_matrix

LONGEST = 640  # px, of the frames in which it is followed
HIDDEN = 0.2  # of the thing: with less to be seen of it, it counts as hidden
FOUND = 0.45  # least part that has to be seen where it is found again
STEPS = 3  # rounds of refinement
BETTER = 0.003  # of the error, for another round
POINTS, APART = 200, 4  # on the thing, that are followed from frame to frame
WITHIN = 1.5  # px
FEWEST = 4
SEARCHED = 64  # px, longer side of the thing when it is searched in the whole frame
FAR = 1.0  # of the frame's longer side, at which something alike counts as something else
WELL = 0.8  # part of the thing that is seen where it counts as seen well
REMEMBERED = 0.7  # of its speed, kept for each frame in which it is hidden
MOST_CHANGE = 6.0  # in all
CHANGE = 1.6  # largest change in size from one frame to the next

AT_PLACE = SimilarityTransform(1 + 0j, 0j)
FrameAt = Callable[[int], np.ndarray]
"""The frame of a number, `[H, W, 3]` uint8."""


def follow(
    count: int,
    frame_at: FrameAt,
    mask: np.ndarray,
    frame: int,
    *,
    corrections: Mapping[int, np.ndarray] | None = None,
    check_interrupt: InterruptCheck = no_interrupt,
) -> Followed:
    """
    Args:
        count: number of frames.
        frame_at: called several times for each frame.
        mask: `[H, W]` from 0 to 1, where the thing is in one frame.
        frame: the number of that frame.
        corrections: masks in further frames. The thing is followed from each to the middle between it and the next.
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
        before = SimilarityTransform(1 + 0j, 0j)
        if time != frame:
            before = between_masks(starts[frame], starts[time], SimilarityTransform(factor[time], shift[time]))
        walk = _Walk(small, Template.of(small(time), starts[time] >= MASKED), time, check_interrupt)
        for at, motion, part in walk.over(*_span(time, given, count, time == frame)):
            whole = motion.after(before)
            factor[at], shift[at], masks[at] = whole.factor, whole.shift, part
    return Followed(frame, enlarged(factor, shift, scale), (masks >= 128).any((1, 2)), masks, (width, height))


def small_frames(frame_at: FrameAt, size: tuple[int, int]) -> tuple[FrameAt, tuple[int, int], float]:
    """The frames of (width, height) `size` as they are followed in; their size; and its ratio to the whole one."""
    scale = min(1.0, LONGEST / max(size))
    less = round(size[0] * scale), round(size[1] * scale)

    def small(time: int) -> np.ndarray:
        picture = frame_at(time)
        return picture if scale == 1 else cv2.resize(picture, less, interpolation=cv2.INTER_AREA)

    return small, less, scale


def _span(time: int, given: Mapping[int, np.ndarray], count: int, everywhere: bool) -> tuple[int, int]:
    """The first and the last frame that are followed from a given one: up to the middle to the next given one."""
    if everywhere:
        return 0, count - 1
    before = [other for other in given if other < time]
    after = [other for other in given if other > time]
    return (max(before) + time + 1) // 2 if before else 0, (time + min(after)) // 2 if after else count - 1


class _Walk:
    """The way from one frame, in which the thing is known, to others."""

    def __init__(self, frame_at: FrameAt, template: Template, start: int, check_interrupt: InterruptCheck):
        self.frame_at, self.template, self.start, self.check_interrupt = frame_at, template, start, check_interrupt

    def over(self, first: int, last: int) -> Iterator[tuple[int, SimilarityTransform, np.ndarray]]:
        """For each frame: its number, the motion from the start, and what is seen of the thing, `[h, w]` uint8."""
        yield self.start, AT_PLACE, self._mask(self.frame_at(self.start), AT_PLACE, self.template.mask)
        for step, end in ((1, last + 1), (-1, first - 1)):
            yield from self._towards(range(self.start + step, end, step))

    def _towards(self, times: range) -> Iterator[tuple[int, SimilarityTransform, np.ndarray]]:
        template = self.template
        before, motion, hidden = self.frame_at(self.start), AT_PLACE, 0
        speed = 1 + 0j, 0j  # the factor and the way of its middle from frame to frame
        seen, usual = template.mask, 0.0
        for time in times:
            self.check_interrupt()
            frame = self.frame_at(time)
            ahead = self._ahead(motion, speed)
            guesses = [motion, ahead]
            if not hidden:
                guesses += self._by_flow(before, frame, motion, seen)
            found = self._refined(frame, min(guesses, key=lambda each: template.error(frame, each)), motion, seen)
            part = template.shown(frame, found, usual)
            share = part.sum() / template.mask.sum()
            if share < WELL:  # it may have gone farther than it is followed
                again = self._searched(frame, ahead, hidden)
                again = None if again is None else self._refined(frame, again, again, template.mask)
                if again is not None and template.error(frame, again) < template.error(frame, found):
                    found, part = again, template.shown(frame, again, usual)
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
            usual = template.usual_difference(frame, found) if share > WELL else usual
            yield time, motion, self._mask(frame, motion, part)

    def _ahead(self, motion: SimilarityTransform, speed: tuple[complex, complex]) -> SimilarityTransform:
        """The next motion at the same speed."""
        factor = complex(motion.factor) * speed[0]
        middle = self._middle(motion) + speed[1]
        return SimilarityTransform(factor, middle - factor * self._middle(AT_PLACE))

    def _middle(self, motion: SimilarityTransform) -> complex:
        """Where a motion takes the middle of the thing."""
        rows, columns = np.nonzero(self.template.mask)
        into = np.linalg.inv(self.template.to_box)
        x, y, _ = into @ (columns.mean(), rows.mean(), 1)
        return complex(motion.apply(complex(x, y)))

    def _by_flow(
        self, before: np.ndarray, frame: np.ndarray, motion: SimilarityTransform, seen: np.ndarray
    ) -> list[SimilarityTransform]:
        """The motion by features on what was seen of it, from the frame before."""
        was = self._mask(before, motion, seen)
        own, other = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (before, frame))
        features = cv2.goodFeaturesToTrack(own, POINTS, 0.01, APART, mask=was)
        if features is None or len(features) < FEWEST:
            return []
        moved, ahead, _ = cv2.calcOpticalFlowPyrLK(own, other, features, None, winSize=(15, 15), maxLevel=4)
        again, back, _ = cv2.calcOpticalFlowPyrLK(other, own, moved, None, winSize=(15, 15), maxLevel=4)
        close = np.linalg.norm(again - features, axis=-1)[:, 0] < WITHIN
        good = (ahead[:, 0] == 1) & (back[:, 0] == 1) & close
        if good.sum() < FEWEST:
            return []
        source, target = (part[good, 0, 0].astype(float) + 1j * part[good, 0, 1] for part in (features, moved))
        mean = SimilarityTransform(
            1 + 0j, complex(np.median((target - source).real), np.median((target - source).imag))
        )
        cv2.setRNGSeed(0)
        found = robust_similarity(source, target, WITHIN, 500)
        return [step.after(motion) for step in (mean, *([] if found is None else [found[0]]))]

    def _refined(
        self, frame: np.ndarray, found: SimilarityTransform, before: SimilarityTransform, seen: np.ndarray
    ) -> SimilarityTransform:
        """A motion near one under which the frame shows the thing best; its size changes little from before."""
        template = self.template
        error = template.error(frame, found)
        for _ in range(STEPS):
            near = [each for each in template.refinements(frame, found, seen) if _keeps_size(each, before)]
            if not near:
                break
            best_error, best = min(((template.error(frame, each), each) for each in near), key=lambda pair: pair[0])
            if best_error >= error:
                break
            enough = error - best_error < BETTER
            found, error = best, best_error
            if enough:
                break
        return found

    def _searched(self, frame: np.ndarray, guess: SimilarityTransform, hidden: int) -> SimilarityTransform | None:
        """Where a frame shows something like it, in the size and turn of a guess, the nearer the shorter it has been
        hidden."""
        template = self.template
        height, width = template.mask.shape
        scale = min(1.0, SEARCHED / max(height, width))
        box_scale = template.to_box[0, 0] * scale
        size = abs(complex(guess.factor))
        turned = SimilarityTransform(complex(guess.factor) / size, 0j)
        # The frame at the size of the small template, turned so that the thing stands in it as in the template.
        fine = min(1.0, box_scale / size)
        whole = cv2.resize(frame, None, fx=fine, fy=fine, interpolation=cv2.INTER_AREA)
        centre = (whole.shape[1] / 2, whole.shape[0] / 2)
        turn = cv2.getRotationMatrix2D(centre, np.degrees(np.angle(complex(turned.factor))), 1.0)
        whole = cv2.warpAffine(whole, turn, whole.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
        small = cv2.resize(template.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        mask = cv2.resize(template.mask.astype(np.float32), small.shape[1::-1], interpolation=cv2.INTER_AREA)
        if min(whole.shape[0] - small.shape[0], whole.shape[1] - small.shape[1]) < 1 or mask.sum() < 9:
            return None
        weight = np.repeat(mask[..., None], 3, -1)
        cost = cv2.matchTemplate(whole.astype(np.float32), small.astype(np.float32), cv2.TM_SQDIFF, mask=weight)
        cost = np.sqrt(np.maximum(cost, 0) / weight.sum())
        rows, columns = np.mgrid[: cost.shape[0], : cost.shape[1]]
        box_middle = np.array([small.shape[1] / 2, small.shape[0] / 2])
        back = cv2.invertAffineTransform(turn)
        there = np.stack([columns + box_middle[0], rows + box_middle[1]], -1) @ back[:, :2].T + back[:, 2]
        middle = there[..., 0] / fine + 1j * there[..., 1] / fine  # in pixels of the frame
        expected = complex(guess.apply(self._box_middle()))
        far = np.abs(middle - expected) / (FAR * max(frame.shape) * (1 + hidden) / 4)
        best = np.unravel_index((cost + ALIKE * far).argmin(), cost.shape)
        factor = complex(guess.factor)
        return SimilarityTransform(factor, complex(middle[best]) - factor * self._box_middle())

    def _box_middle(self) -> complex:
        height, width = self.template.mask.shape
        x, y, _ = np.linalg.inv(self.template.to_box) @ (width / 2, height / 2, 1)
        return complex(x, y)

    def _mask(self, frame: np.ndarray, motion: SimilarityTransform, part: np.ndarray) -> np.ndarray:
        """`[h, w]` uint8: a part of the template `[h, w]` bool, where a motion takes it."""
        matrix = self.template.to_box @ np.linalg.inv(as_matrix(motion))
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        values = (255 * part).astype(np.uint8)
        return cv2.warpAffine(values, matrix[:2], frame.shape[1::-1], flags=way)


def _keeps_size(motion: SimilarityTransform, before: SimilarityTransform) -> bool:
    size = abs(complex(motion.factor))
    return 1 / CHANGE < size / abs(complex(before.factor)) < CHANGE and 1 / MOST_CHANGE < size < MOST_CHANGE


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


def enlarged(factor: np.ndarray, shift: np.ndarray, scale: float) -> SimilarityTransform:
    """A motion of small frames, in pixels of the whole ones, of which they are a part."""
    corner = 0.5 * (1 + 1j)  # pixels are scaled about the picture's corner, half a pixel from the first one's centre
    about = (1 - factor) * corner
    return SimilarityTransform(factor, (shift + about) / scale - about)
