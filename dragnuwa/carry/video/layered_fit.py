"""Fits the motion of an object once more, to what the whole of each frame shows: itself where nothing stands before it,
and around it the ground and what is behind it.

A motion is measured by what it explains. A pixel under the object counts for it if the frame shows the object there
rather than the ground, against it if it shows the ground, and not at all if it shows neither, which is then something
that stands before it. So an object is not lost beside one that is not known, does not shrink onto its visible part, and
is found again where it comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import cv2
import numpy as np

from ...common.interrupt import checkpoint
from ...geometry.grids import about_corner
from ...geometry.similarity import AT_PLACE, SimilarityTransform
from .follow import bridged
from .still_scene import StillScene
from .template import EXPLAINED, KERNEL_3, Backdrop, Match, Picture, difference
from .tracked import ObjectTrack

HOLLOW = 0.05  # part of an object that keeps its shape, in which a frame may show the ground
UNKNOWN = 0.5  # what a place counts of whose ground nothing is known, from 0 (it explains the frame) to 1
COARSE_SIDE = 40  # px, longer side of an object where it is searched for
WELL, GOOD = 0.8, 0.15  # part of it that is seen, and mean difference there, from which a motion needs no other
CLEAR = 0.5  # of its area, explained by it alone
STEADY = 0.06  # change of size and turn, as a logarithm, from which it may have been lost
AROUND = 0.2  # of its size: how far around it more of it is looked for
REACH, SPACING = 1.25, 6  # of its size: how far it is searched for; and places on its size
STEPS = ((4.0, 0.06), (2.0, 0.03), (1.0, 0.015), (0.5, 0.007))  # px of its box, and logarithm of its size and turn
ROUNDS = 5  # at each of these
STRAY, GROWTH = 0.04, 0.15  # of its area: what it costs to stray by its size from an even way, or to grow by a factor e
BETTER = 0.004  # of its area: by so much another motion has to be better
MIN_PART_PX = 24  # px of small frames: what is smaller is not fitted
LEAST_SEEN = 0.02  # of it: with less to be seen, it is hidden


class LayeredFit:
    """Fits objects of a clip, one after the other.

    Args:
        scene: the clip's still scene.
        tracks: of all known objects, from back to front, with their shapes.
        covered: `[T, h, w]` bool, where they are in each small frame, with their edges.
    """

    def __init__(self, scene: StillScene, tracks: Sequence[ObjectTrack], covered: np.ndarray):
        self.scene, self.tracks = scene, tracks
        self.ground = list(scene.grounds(covered))

    def fitted(self, number: int, other: ObjectTrack | None = None) -> ObjectTrack:
        """The object of a number with the motion that explains the frames best; as it is where it explains them
        well. `other` is the same object as it was followed otherwise."""
        track = self.tracks[number]
        own = self.scene.small_mask(track.masks[track.frame])
        if track.is_given or own.sum() < MIN_PART_PX:
            return track
        picture = Picture(self.scene.frames[track.frame], own)
        backdrops = [self.backdrop(number, time) for time in range(len(self.scene.frames))]
        fit = _Walk(picture, backdrops, self._motions(track), track)
        if fit.is_good:
            return track
        changed = fit.improved(None if other is None else self._motions(other))
        return self._with(track, picture, backdrops, fit.motions, changed) if changed else track

    def is_rigid(self, number: int) -> bool:
        """Whether an object keeps its shape: where its motion takes it, frames show it or what hides it, and hardly
        ever the ground."""
        track = self.tracks[number]
        own = self.scene.small_mask(track.masks[track.frame])
        if own.sum() < MIN_PART_PX:
            return True
        picture, motions = Picture(self.scene.frames[track.frame], own), self._motions(track)
        times = [time for time in np.flatnonzero(track.visible) if time != track.frame]
        hollow = [picture.hollow(self.backdrop(number, time), motions[time]) for time in times]
        return not hollow or float(np.median(hollow)) <= HOLLOW

    def backdrop(self, number: int, time: int) -> Backdrop:
        """A small frame without the object of a number."""
        frame, (ground, known) = self.scene.frames[time], self.ground[time]
        gap = np.where(known, difference(frame, ground), np.float32(UNKNOWN)).astype(np.float32)
        free = np.ones(gap.shape, np.float32)
        for other, each in enumerate(self.tracks):
            if other == number or not each.placed[time]:
                continue
            there = each.covers_at(time)
            if not there.any():
                continue
            there = self.scene.small_mask(there)
            if each.is_given:
                if other > number:
                    free[there] = 0
                continue
            unlike, known_there = difference_of(self.scene, each, time)
            if other > number:
                hides = there & (~known_there | (unlike <= np.minimum(EXPLAINED, gap)))
                hides = cv2.morphologyEx(hides.astype(np.uint8), cv2.MORPH_CLOSE, KERNEL_3)
                free[cv2.dilate(hides, KERNEL_3) > 0] = 0
            else:
                gap = np.where(known_there, np.minimum(gap, unlike), gap)
        return Backdrop(frame, gap, free)

    def _motions(self, track: ObjectTrack) -> list[SimilarityTransform]:
        size = self.scene.size
        times = range(len(self.scene.frames))
        return [SimilarityTransform.of_matrix(track.matrix(track.frame, time, size)) for time in times]

    def _with(
        self,
        track: ObjectTrack,
        picture: Picture,
        backdrops: Sequence[Backdrop],
        motions: Sequence[SimilarityTransform],
        changed: set[int],
    ) -> ObjectTrack:
        """A track with other motions, in pixels of small frames, and masks by these in the frames that have changed."""
        size = track.masks.shape[:0:-1]
        scale = size[0] / self.scene.size[0]
        usual = _usual(picture, backdrops, motions)
        masks = track.masks.copy()
        for time in changed:
            part = picture.shown(backdrops[time], motions[time], usual)
            masks[time] = picture.put(part, motions[time], size, scale) if part.sum() >= LEAST_SEEN * part.size else 0
        visible = (masks >= 128).any((1, 2))
        factor, shift = (np.array([complex(getattr(each, name)) for each in motions]) for name in ("factor", "shift"))
        factor, shift = bridged(factor, shift, visible, picture.middle)
        motion = SimilarityTransform(factor, shift).unscaled(self.scene.scale)
        return replace(track, motion=motion, masks=masks, visible=visible)


def _usual(picture: Picture, backdrops: Sequence[Backdrop], motions: Sequence[SimilarityTransform]) -> float:
    """The difference that an object usually has where it is seen well, from 0 to 1."""
    found = []
    for backdrop, motion in zip(backdrops, motions, strict=True):
        counts = picture.free(backdrop, motion) >= 0.5
        if counts.sum() >= WELL * picture.mask.sum():
            found.append(float(np.median(picture.difference(backdrop.frame, motion)[counts])))
    return float(np.median(found)) if found else 0.0


class _Walk:
    """The way of an object from the frame in which it was given to all others."""

    def __init__(
        self, picture: Picture, backdrops: Sequence[Backdrop], motions: list[SimilarityTransform], track: ObjectTrack
    ):
        self.picture, self.backdrops, self.motions, self.track = picture, backdrops, list(motions), track
        self.matches = [picture.match(*each) for each in zip(backdrops, motions, strict=True)]
        shrink = COARSE_SIDE / picture.size
        self.shrink = shrink if shrink < 0.75 else 1.0
        self._small: dict[int, Backdrop] = {}
        self._changed: set[int] = set()

    @property
    def is_good(self) -> bool:
        return all(self._is_good(time) for time in range(len(self.motions)))

    def _is_good(self, time: int) -> bool:
        if time in self.track.given:
            return True
        return _is_alike(self.matches[time]) and self._is_all(time)

    def _is_all(self, time: int) -> bool:
        """Whether a frame shows no more of it beside it, and it has the size that it had just before."""
        before = self.motions[time - 1 if time > self.track.frame else time + 1]
        growth = abs(np.log(complex(self.motions[time].factor) / complex(before.factor)))
        return growth <= STEADY and _beside(self.picture, self.motions[time], self.backdrops[time]) <= GOOD

    def improved(self, others: Sequence[SimilarityTransform] | None) -> set[int]:
        """The numbers of the frames that have another motion now; `others` are known to be possible ones."""
        for time, other in enumerate(others or ()):
            match = self.picture.match(self.backdrops[time], other)
            if match.gain > self.matches[time].gain + BETTER * self.picture.area:
                self.motions[time], self.matches[time] = other, match
                self._changed.add(time)
        start, count = self.track.frame, len(self.motions)
        for times in (range(start + 1, count), range(start - 1, -1, -1)):
            self._along(times)
        for times in (range(count - 2, start, -1), range(1, start)):  # back, from where it is seen again
            self._along(times)
        return self._changed

    def _along(self, times: range) -> None:
        for time in times:
            checkpoint()
            if time in self.track.given or self._is_good(time):
                continue
            ahead = self._ahead(time, times.step)
            guesses = [self.motions[time], ahead, self.motions[time - times.step]]
            guesses += self._between(time)
            best = max(guesses, key=lambda each: self._value(time, each, ahead))
            found = self._descended(time, best, ahead)
            far = self._descended(time, self._searched(time, ahead), ahead)
            found = max(found, far, key=lambda each: self._value(time, each, ahead))
            before = self._value(time, self.motions[time], ahead)
            match = self.picture.match(self.backdrops[time], found)
            better = match.gain - self._cost(found, ahead) > before + BETTER * self.picture.area
            if better and not (self._is_clear(time) and match.difference > GOOD):
                self.motions[time], self.matches[time] = found, match
                self._changed.add(time)

    def _is_clear(self, time: int) -> bool:
        """Whether a frame shows it just as it was given, and not the ground: another object, or a larger part of the
        same, may explain more of the frame without being alike."""
        return _is_alike(self.matches[time]) and self.matches[time].gain >= CLEAR * self.picture.area

    def _ahead(self, time: int, step: int) -> SimilarityTransform:
        """The next motion, at the speed of the two frames before it."""
        last, count = self.motions[time - step], len(self.motions)
        if not 0 <= time - 2 * step < count:
            return last
        before = self.motions[time - 2 * step]
        middle = self.picture.middle
        factor = complex(last.factor) ** 2 / complex(before.factor)
        place = 2 * complex(last.apply(middle)) - complex(before.apply(middle))
        return SimilarityTransform(factor, place - factor * middle)

    def _between(self, time: int) -> Iterator[SimilarityTransform]:
        """The motion between the nearest frames on both sides that show it well."""
        good = [other for other in range(len(self.motions)) if other in self.track.given or self._is_good(other)]
        before, after = [other for other in good if other < time], [other for other in good if other > time]
        if before and after:
            first, last = self.motions[before[-1]], self.motions[after[0]]
            part = (time - before[-1]) / (after[0] - before[-1])
            middle = self.picture.middle
            place = (1 - part) * complex(first.apply(middle)) + part * complex(last.apply(middle))
            factor = complex(first.factor) * (complex(last.factor) / complex(first.factor)) ** part
            yield SimilarityTransform(factor, place - factor * middle)

    def _value(self, time: int, motion: SimilarityTransform, ahead: SimilarityTransform) -> float:
        return self.picture.match(self.backdrops[time], motion).gain - self._cost(motion, ahead)

    def _cost(self, motion: SimilarityTransform, ahead: SimilarityTransform) -> float:
        """In pixels: of a motion that is not the one which is expected."""
        middle = self.picture.middle
        stray = abs(complex(motion.apply(middle)) - complex(ahead.apply(middle))) / self.picture.size
        growth = abs(np.log(complex(motion.factor) / complex(ahead.factor)))
        return self.picture.area * (STRAY * min(stray, 1.0) + GROWTH * min(growth, 1.0))

    def _descended(self, time: int, found: SimilarityTransform, ahead: SimilarityTransform) -> SimilarityTransform:
        """The best motion near one, in steps that become smaller."""
        best = self._value(time, found, ahead)
        for shift, growth in STEPS:
            for _ in range(ROUNDS):
                changes = _changes(shift / self.picture.scale, growth)
                near = [_changed(found, self.picture.middle, *change) for change in changes]
                values = [self._value(time, each, ahead) for each in near]
                if max(values) <= best:
                    break
                best, found = max(values), near[int(np.argmax(values))]
        return found

    def _searched(self, time: int, ahead: SimilarityTransform) -> SimilarityTransform:
        """The best of the places around one where it is expected, on a grid, in a smaller picture."""
        picture, backdrop = self._coarse(time)
        onto, back = about_corner(self.shrink, self.shrink), about_corner(1 / self.shrink, 1 / self.shrink)
        step = self.picture.size / SPACING
        reach = round(REACH * SPACING)
        values = []
        for x, y in product(range(-reach, reach + 1), repeat=2):
            move = replace(ahead, shift=complex(ahead.shift) + step * (x + 1j * y))
            small = SimilarityTransform.of_matrix(onto @ move.matrix() @ back)
            gain = picture.match(backdrop, small).gain / self.shrink**2
            values.append((gain - self._cost(move, ahead), move))
        return max(values, key=lambda pair: pair[0])[1]

    def _coarse(self, time: int) -> tuple[Picture, Backdrop]:
        if self.shrink == 1:
            return self.picture, self.backdrops[time]
        if time not in self._small:
            self._small[time] = self.backdrops[time].shrunk(self.shrink)
        start = self.track.frame
        if start not in self._small:
            self._small[start] = self.backdrops[start].shrunk(self.shrink)
        frame = self._small[start].frame
        own = self.picture.put(self.picture.mask > 0, AT_PLACE, frame.shape[1::-1], self.shrink) >= 128
        return Picture(frame, own), self._small[time]


def _is_alike(match: Match) -> bool:
    """Whether most of an object is to be seen, and as it was given."""
    return match.seen >= WELL and match.difference <= GOOD


def _changes(shift: float, growth: float) -> Iterator[tuple[complex, complex]]:
    """A shift in pixels and a factor each."""
    for direction in (1, -1, 1j, -1j):
        yield shift * direction, 1 + 0j
        yield 0j, complex(np.exp(growth * direction))


def _changed(motion: SimilarityTransform, middle: complex, shift: complex, factor: complex) -> SimilarityTransform:
    """A motion with a further shift, and a further factor about an object's middle."""
    place = complex(motion.apply(middle)) + shift
    both = complex(motion.factor) * factor
    return SimilarityTransform(both, place - both * middle)


def _beside(picture: Picture, motion: SimilarityTransform, backdrop: Backdrop) -> float:
    """What nothing explains of a frame around an object, as a part of its area there."""
    own = picture.put(picture.mask > 0, motion, backdrop.gap.shape[::-1], 1.0)
    side = 2 * round(AROUND * picture.size) + 3
    near = cv2.dilate(own, np.ones((side, side), np.uint8)) >= 128
    apart = near & (cv2.dilate(own, np.ones((5, 5), np.uint8)) < 128)
    return float((backdrop.gap * backdrop.free)[apart].sum()) / max(1, (own >= 128).sum())


def difference_of(scene: StillScene, track: ObjectTrack, time: int) -> tuple[np.ndarray, np.ndarray]:
    """How far a small frame differs from an object where it is to be there, `[h, w]` float32 from 0 to 1; and `[h, w]`
    bool, where that is known from the frame in which it was given."""
    own = scene.small_mask(track.masks[track.frame]).astype(np.uint8)
    matrix = track.matrix(track.frame, time, scene.size)[:2]
    picture = cv2.warpAffine(scene.frames[track.frame], matrix, scene.size, borderMode=cv2.BORDER_REPLICATE)
    known = cv2.warpAffine(own, matrix, scene.size, flags=cv2.INTER_NEAREST) > 0
    return difference(scene.frames[time], picture), known
