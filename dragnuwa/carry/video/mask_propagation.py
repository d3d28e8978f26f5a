"""Follows a thing that changes its shape, such as a person or an animal, by knowing what a thing is: mask propagation.

The optical flow takes the mask of one frame to the next. There the click network (`dragnuwa.vision.click_network`) is
asked what is meant by points that went along, points around them, and the mask that the flow predicts (`MaskQueries`).
It decides where the flow does not: along the outline, and where something comes into view. A place that the flow has
followed through some frames is a part of the thing if most of their answers say so (`Votes`): a hand that the last ones
lack stays. What surely was something else in the frame before, such as somebody who passes, does not join the mask. If
the thing moves against the scene, what moves and what rests in a frame (`MotionEvidence`) corrects the network: it
often forgets caps and legs, and takes ground between an arm and a body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from ...common.images import largest_channel
from ...common.interrupt import checkpoint
from ...common.masks import MASKED, reaches_border, touching
from ...vision.click_network.network import ClickNetwork
from ...vision.segmentation.candidates import cut_by_odds, log_odds
from ...vision.segmentation.superpixels import superpixels
from ...vision.tracking.optical_flow import along_flow, flow_at_half_resolution, inconsistent
from .follow import span
from .mask_queries import Answer, MaskQueries
from .moving_clip import KNOWN, MovingClip, agreement
from .tracked import without_small

MOVES_AS_ONE = 0.5  # of 1: agreement of what was given with what moves
SOME_FRAMES, FITS = 12, 0.8  # frames; part of that agreement that a rigid thing has some frames away
AGREES = 0.5  # overlap of an answer with what the flow predicts; with less, it is of something else
AGAIN = 0.6  # the same with where a thing that was lost may be
RETURNS = 0.8  # part of what was given, and of what is found there, that is the same once it was followed and back
ELSEWHERE = 0.05  # of the thing, that may be followed back to a place apart from it
SAME_COLORS = 0.8  # part of the thing that has colours which it had at first
COLOR_BINS, HAD = [6, 12, 12], 0.001  # of lightness, a and b of CIE Lab; part of the thing, from which it has a colour
LOST = 0.08  # of its usual size: with less to be seen, it is hidden
MATCHES = 24.0  # of 255, difference of colours up to which the flow has found a place again
SHOWN = 0.3  # part of the thing that the flow has to find again; with less, something stands before it
CLEAR = 3.5  # px of small frames from the outline, from where on votes and the flow say what a place is part of
SURE_PART = 0.01  # of the thing: smaller parts in which votes and an answer differ are noise
LATER = 0.9  # what a frame's vote counts against that of the frame before, which is closer to what was given
MOTION_COUNTS, EXPECTED_COUNTS = 3.0, 1.0  # logarithms of the odds of the surest motion, and of what is expected
ODDS_COUNT = 0.3  # of the cost of an outline where no edge is, by pixel
KNOWN_COUNTS = 8.0  # votes, those of a mask that was not followed
ENOUGH = 4.0  # votes, counted as the last one's: with fewer, the answer alone decides
KERNEL_3 = np.ones((3, 3), np.uint8)
USUAL = 0.9  # of its usual size that is remembered from frame to frame


@dataclass(frozen=True)
class Propagated:
    """
    Attributes:
        masks: `[T, h, w]` bool, of small frames.
        returns: whether following the thing back from where it was followed to leads to what was given, and to nothing
            more. A thing that comes close or turns may show more than it did at first.
        recognised: whether the network knows it there by points alone. It is asked only if the thing does not return.
        by_motion: whether what moves and what rests in each frame was looked at, too.
    """

    masks: np.ndarray
    returns: bool
    recognised: bool
    by_motion: bool


@dataclass(frozen=True)
class Votes:
    """What the network's answers in the frames so far say of each place of a small frame, as far as the flow surely
    leads back from there. Votes are counted as the last one's.

    Attributes:
        belongs: `[h, w]` float32, the votes for it being the thing's.
        count: `[h, w]` float32, all votes.
    """

    belongs: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, mask: np.ndarray) -> Votes:
        """Those of one mask `[h, w]` bool that is known."""
        return cls(KNOWN_COUNTS * mask.astype(np.float32), np.full(mask.shape, KNOWN_COUNTS, np.float32))

    def followed(self, flow: np.ndarray, sure: np.ndarray) -> Votes:
        """Those in the next frame, before its own.

        Args:
            flow: `[h, w, 2]`, from that frame to this one.
            sure: `[h, w]` bool, where it is right.
        """
        belongs, count = (np.where(sure, along_flow(each, flow) / LATER, 0) for each in (self.belongs, self.count))
        return Votes(belongs, count)

    def with_answer(self, answer: np.ndarray) -> Votes:
        """The same with a frame's own answer `[h, w]` bool."""
        return Votes(self.belongs + answer, self.count + 1)

    @property
    def majority(self) -> np.ndarray:
        """`[h, w]` bool: whether at least half of them are for it; so it is where there are none."""
        return self.belongs >= 0.5 * self.count

    @property
    def balance(self) -> np.ndarray:
        """`[h, w]` float32, from -1 where enough of them are against it to 1 where they are for it; 0 without any."""
        return (2 * self.belongs - self.count) / np.maximum(self.count, ENOUGH)

    def correct(self, answer: np.ndarray, far: np.ndarray, least: float) -> np.ndarray:
        """An answer `[h, w]` bool with the parts that clear votes say it lacks, and without those that are far from the
        thing and have no such votes; parts of fewer pixels than `least` stay as they are.

        Args:
            far: `[h, w]` bool, what surely was outside of the thing in the frame before, and not close to it.
        """
        own = (self.count >= ENOUGH) & self.majority
        return (answer | _missing(own, answer, least)) & ~without_small(answer & far & ~own, least)


class MaskPropagation:
    """
    Args:
        network: which is asked.
        clip: its frames.
    """

    def __init__(self, network: ClickNetwork, clip: MovingClip):
        self.queries, self.count = MaskQueries(network, clip), clip.count
        self.small, self.size, _ = clip.small
        self.clip = clip  # whose still scene takes long, and is looked at where it is needed
        self._flows: dict[tuple[int, int], np.ndarray] = {}  # at half the size, in half precision

    def reduced(self, mask: np.ndarray) -> np.ndarray:
        """`[h, w]` bool, of small frames, from a mask `[H, W]` from 0 to 1."""
        return cv2.resize(mask.astype(np.float32), self.size, interpolation=cv2.INTER_AREA) >= MASKED

    def moves(self, mask: np.ndarray, frame: int) -> bool:
        """Whether what a mask `[h, w]` bool of a small frame has is what moves there, so that this says where it is."""
        return agreement(self._evidence(frame), mask, mask) >= MOVES_AS_ONE

    def fits(self, masks: np.ndarray, frame: int) -> bool:
        """Whether a track of a thing, masks `[T, h, w]` uint8, has what moves some frames away from one in which it is
        known about as well as there."""
        times = [time for time in (frame - SOME_FRAMES, frame, frame + SOME_FRAMES) if 0 <= time < self.count]
        found = {time: agreement(self._evidence(time), masks[time] >= 128, masks[time] >= 128) for time in times}
        return min(found.values()) >= FITS * found[frame]

    def explains(self, masks: np.ndarray, other: np.ndarray) -> bool:
        """Whether one track of a thing that moves, masks `[T, h, w]` bool, says where it moves better than another."""
        found = np.zeros(2)
        for time, both in enumerate(zip(masks, other, strict=True)):
            checkpoint()
            found += [agreement(self._evidence(time), each, both[0] | both[1]) for each in both]
        return bool(found[0] > found[1])

    def propagated(
        self, given: Mapping[int, np.ndarray], elsewhere: np.ndarray, by_motion: bool = False
    ) -> Propagated | None:
        """
        Args:
            given: `[h, w]` bool, the thing in one or more small frames, by their numbers. It is followed from each to
                the middle between it and the next.
            elsewhere: `[T, h, w]` uint8, where it may be in a frame, for when it has been lost.
            by_motion: whether what moves and what rests in each frame is looked at, too, for what moves by itself.

        Returns:
            None if following it back does not lead to all of what was given, or leads elsewhere, too, or if in the end
            it has colours that it did not have: something else was followed, such as somebody who met it. And if what
            moves was lost for good, without leaving the picture.
        """
        found, returns, ends = np.zeros((self.count, *self.size[::-1]), bool), True, []
        for frame, mask in given.items():
            found[frame] = mask
            had = self._colors(frame, mask) > HAD
            first, last = span(frame, given, self.count)
            for times in (range(frame + 1, last + 1), range(frame - 1, first - 1, -1)):
                for time, own in self._along(times, mask, elsewhere, by_motion):
                    found[time] = own
                farthest = next((time for time in reversed(times) if found[time].any()), None)
                if farthest is None:
                    continue
                again = self._back(found, farthest, frame, by_motion)
                own = self._not_resting(mask, frame) if by_motion else mask
                common, has_left = (again & mask).sum(), reaches_border(found[farthest])
                if not common or (common < RETURNS * own.sum() and not has_left):
                    return None
                if by_motion and found[times[-1]].sum() < LOST * mask.sum() and not has_left:
                    return None
                if (again & ~touching(again, mask)).sum() > ELSEWHERE * mask.sum():
                    return None
                if self._colors(farthest, found[farthest])[had].sum() < SAME_COLORS:
                    return None
                returns &= bool(common >= RETURNS * again.sum())
                ends.append(farthest)
        recognised = returns or all(self.queries.recognises(found[farthest], farthest) for farthest in ends)
        return Propagated(self._steadied(found, given, by_motion), returns, recognised, by_motion)

    def _back(self, found: np.ndarray, farthest: int, frame: int, by_motion: bool) -> np.ndarray:
        """`[h, w]` bool: the mask in the frame from which masks `[T, h, w]` bool were followed, if they are followed
        back from the farthest frame."""
        step = 1 if frame > farthest else -1
        times = range(farthest + step, frame + step, step)
        again = dict(self._along(times, found[farthest], (255 * found).astype(np.uint8), by_motion))
        own = again.get(frame, np.zeros(found.shape[1:], bool))
        return self._not_resting(own, frame) if by_motion else own

    def _not_resting(self, mask: np.ndarray, frame: int) -> np.ndarray:
        """`[h, w]` bool: a mask of a frame without what rests there, which is not followed by its motion."""
        return mask & (self._evidence(frame) >= -KNOWN)

    def _colors(self, time: int, mask: np.ndarray) -> np.ndarray:
        """How much of a mask `[h, w]` bool of a small frame has each colour: a histogram whose sum is 1."""
        lab = cv2.cvtColor(self.small(time), cv2.COLOR_RGB2LAB)
        counts = cv2.calcHist([lab], [0, 1, 2], mask.astype(np.uint8), COLOR_BINS, [0, 256] * 3)
        return counts / max(1, mask.sum())

    def _along(
        self, times: range, mask: np.ndarray, elsewhere: np.ndarray, by_motion: bool
    ) -> Iterator[tuple[int, np.ndarray]]:
        """The frames that show it, one after the other from where its mask is known, with its masks."""
        before, votes, usual = mask, Votes.of(mask), float(mask.sum())
        for time in times:
            checkpoint()
            found = self._next(before, votes, times.step, time, usual, by_motion)
            if found is None:
                before = self._again(elsewhere[time] >= 128, time)
                votes = Votes.of(before)
            else:
                before, votes = found
            if before.any():
                usual = USUAL * usual + (1 - USUAL) * before.sum()
                yield time, before

    def _steadied(self, masks: np.ndarray, given: Mapping[int, np.ndarray], by_motion: bool) -> np.ndarray:
        """Masks `[T, h, w]` bool without what a single frame has or lacks: of each and the two beside it, moved to it
        by the flow, what two of the three have."""
        found = masks.copy()
        for time in range(1, self.count - 1):
            if time in given or not masks[time - 1 : time + 2].any((1, 2)).all():
                continue
            checkpoint()
            beside = [
                _expected(masks[other], self._flow(time, other, by_motion)) >= MASKED for other in (time - 1, time + 1)
            ]
            found[time] = np.sum([masks[time], *beside], axis=0) >= 2
        return found

    def _next(
        self, before: np.ndarray, votes: Votes, step: int, time: int, usual: float, by_motion: bool
    ) -> tuple[np.ndarray, Votes] | None:
        """The mask `[h, w]` bool in a frame, and the votes there, from those of the frame before; None where it is lost
        or hidden."""
        if not before.any():
            return None
        last = time - step
        flow = self._flow(time, last, by_motion)
        expected, alike = _expected(before, flow), self._looks_alike(flow, last, time)
        hard = expected >= MASKED
        if hard.sum() < LOST * usual or alike[hard].mean() < SHOWN:
            return None
        answer = self.queries.ask(expected, time)
        sure = alike & ~inconsistent(flow, self._flow(last, time, by_motion))
        votes = votes.followed(flow, sure)
        if by_motion:
            mask = self._by_motion(answer, expected, votes, time)
        else:
            mask = self.queries.fitted(answer, time) if answer.overlap >= AGREES else hard
        votes = votes.with_answer(mask)
        away = along_flow(cv2.distanceTransform((~before).astype(np.uint8), cv2.DIST_L2, 3), flow)
        own = votes.correct(mask, sure & (away > CLEAR), SURE_PART * before.sum())
        own = self._without_rest_apart(own, time) if by_motion else own
        return (own, votes) if own.any() else None

    def _by_motion(self, answer: Answer, expected: np.ndarray, votes: Votes, time: int) -> np.ndarray:
        """`[h, w]` bool: an answer in a small frame, corrected by what moves and what rests there.

        Args:
            expected: `[h, w]` from 0 to 1, where the flow leads to expect the thing.
            votes: before that answer.
        """
        patches, size = superpixels(answer.picture), answer.picture.shape[1::-1]
        motion = cv2.resize(self.clip.evidence.remembered(time), self.size)
        before, motion, balance = (
            patches.mean(cv2.resize(each[answer.box.slices], size)) for each in (expected, motion, votes.balance)
        )  # [S] each
        likely = patches.mean(answer.probability) if answer.overlap >= AGREES else np.full(patches.count, 0.5)
        is_else = np.maximum(-balance, 0) * (1 - likely)  # who moves may be somebody else
        motion = np.where(motion > 0, motion * (1 - is_else), motion)
        odds = log_odds(likely) + EXPECTED_COUNTS * (2 * before - 1 + np.maximum(balance, 0)) + MOTION_COUNTS * motion
        own = cut_by_odds(patches, ODDS_COUNT * odds)
        part = cv2.resize(own[patches.label].astype(np.float32), answer.box.size, interpolation=cv2.INTER_AREA)
        mask = np.zeros(expected.shape, bool)
        mask[answer.box.slices] = part >= MASKED
        return without_small(touching(mask, expected >= MASKED), SURE_PART * mask.sum())

    def _without_rest_apart(self, mask: np.ndarray, time: int) -> np.ndarray:
        """`[h, w]` bool: a mask in a small frame without parts apart from the largest one that rest there: ground that
        joined it beside an arm, and was left behind."""
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        motion = cv2.resize(self.clip.evidence.remembered(time), self.size)
        mean = np.bincount(labels.ravel(), motion.ravel(), count) / stats[:, cv2.CC_STAT_AREA]
        kept = (mean > -KNOWN) | (stats[:, cv2.CC_STAT_AREA] == stats[1:, cv2.CC_STAT_AREA].max(initial=0))
        kept[0] = False
        return kept[labels]

    def _evidence(self, time: int) -> np.ndarray:
        """`[h, w]` of a small frame, as of `MotionEvidence.at`."""
        return cv2.resize(self.clip.evidence.at(time), self.size)

    def _looks_alike(self, flow: np.ndarray, last: int, time: int) -> np.ndarray:
        """`[h, w]` bool: where the flow to the frame before leads to the same colours."""
        there = along_flow(self.small(last).astype(np.float32), flow)
        return cv2.blur(largest_channel(np.abs(there - self.small(time))), (3, 3)) <= MATCHES

    def _flow(self, time: int, other: int, by_motion: bool) -> np.ndarray:
        """`[h, w, 2]` float32: from one small frame to the one before or after it; of what moves with sharp edges, as
        it is known anyway."""
        if by_motion:
            flow = self.clip.evidence.flow(time, other)
            return cv2.resize(flow, self.size) * np.divide(self.size, flow.shape[1::-1], dtype=np.float32)
        if (time, other) not in self._flows:
            flow = flow_at_half_resolution(self.small(time), self.small(other))
            self._flows[time, other] = flow[::2, ::2].astype(np.float16)
        return cv2.resize(self._flows[time, other].astype(np.float32), self.size, interpolation=cv2.INTER_LINEAR)

    def _again(self, expected: np.ndarray, time: int) -> np.ndarray:
        """`[h, w]` bool: the mask of a thing that was lost, if a frame shows it where it is expected `[h, w]` bool."""
        if not expected.any():
            return expected
        answer = self.queries.ask(expected.astype(np.float32), time)
        return self.queries.fitted(answer, time) if answer.overlap >= AGAIN else np.zeros(expected.shape, bool)


def _missing(wanted: np.ndarray, found: np.ndarray, least: float) -> np.ndarray:
    """`[h, w]` bool: what is wanted but not found, both `[h, w]` bool, where that is more than a matter of the outline:
    parts of at least so many pixels, which reach well inside."""
    clear = cv2.distanceTransform(_padded(wanted), cv2.DIST_L2, 3)[1:-1, 1:-1] > CLEAR
    wide = cv2.morphologyEx((wanted & ~found).astype(np.uint8), cv2.MORPH_OPEN, KERNEL_3) > 0
    return touching(without_small(wide, least), clear)


def _expected(mask: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """`[h, w]` from 0 to 1: a mask `[h, w]` bool of another frame where the flow leads to it. What comes into view
    belongs to the thing where that reached the picture's border."""
    return along_flow(mask.astype(np.float32), flow, border=cv2.BORDER_REPLICATE)


def _padded(mask: np.ndarray) -> np.ndarray:
    """A mask as uint8 with a border of 1, which counts as inside: the picture's border is no outline."""
    return np.pad(mask.astype(np.uint8), 1, mode="edge")
