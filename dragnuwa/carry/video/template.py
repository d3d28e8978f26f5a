"""How an object looks: the picture of it in one frame, where another frame may show it, and how well it does, by itself
or against what else the frame shows there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from ...geometry.grids import about_corner
from ...geometry.registration import align_directly
from ...geometry.similarity import SimilarityTransform, robust_similarity
from .tracked import without_small

SIDE = 128  # px, longer side of the box in which an object is compared
MARGIN = 0.25  # of its longer side, around it
LEAST_MARGIN = 6  # px
CLIPPED = 40.0  # of 255: larger differences count alike
MAX_ERROR, MAX_ERROR_RATIO = 16.0, 3.0  # of 255, and of the usual difference: what differs by more is something else
BINS = 16  # of each colour channel
SMOOTH = 1.0  # bins, over which colours are counted together
ERROR_WINDOW = 3  # px of the box, over which a difference is averaged
MIN_PART = 0.015  # part of the object; smaller parts that are seen, or hidden, are noise
SEARCH_MARGIN = 8  # px of the box, around what is seen
OUTSIDE = 0.5  # what a place outside the picture counts, of the largest difference
SHAPE = 0.5  # weight of the shape's part in the error, against that of the colours
FEATURES, QUALITY, APART = 150, 0.01, 3
WINDOW = (13, 13)
WITHIN = 1.0  # px, error of a feature that follows the motion
MIN_FEATURES = 6  # features
SEARCHED_SIDE = 64  # px, longer side of the object as it is compared
MAX_JUMP = 0.25  # of the frame's longer side, at which something alike is something else; more, the longer it is lost
FEWEST_PIXELS = 9  # pixels of the object
GROUND_COUNTS = 0.5  # what a pixel counts against an object that shows the ground, which may stand before it
EXPLAINED, SHOWS_GROUND = 0.5, 0.25  # difference, of the largest, up to which a frame shows an object, or the ground
KERNEL_3 = np.ones((3, 3), np.uint8)
HALF_OF_MEAN = (0.5 * (np.arange(3 * 255 + 1) / 3)).astype(np.float32)  # of three values, by their sum


@dataclass(frozen=True)
class Template:
    """An object in one frame.

    Attributes:
        pixels: `[h, w, 3]` uint8, its box.
        mask: `[h, w]` bool.
        to_box: `[3, 3]`, from pixels of the frame to those of the box.
        colors: `[BINS, BINS, BINS]`, the probability that a colour is the object's and not its surroundings'.
        features: `[N, 1, 2]` corners on it, in the box.
    """

    pixels: np.ndarray
    mask: np.ndarray
    to_box: np.ndarray
    colors: np.ndarray
    features: np.ndarray

    @classmethod
    def of(cls, frame: np.ndarray, mask: np.ndarray) -> Template:
        """Of an object under a mask `[H, W]` bool, with at least one pixel, of a frame `[H, W, 3]` uint8."""
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
        longest = max(right - left, bottom - top)
        margin = max(LEAST_MARGIN, round(MARGIN * longest))  # whole pixels: at its place the mask stays as it is
        scale = min(1.0, SIDE / longest)
        to_box = np.array([[scale, 0, (margin - left) * scale], [0, scale, (margin - top) * scale], [0, 0, 1.0]])
        size = tuple(int(np.ceil((length + 2 * margin) * scale)) for length in (right - left, bottom - top))
        pixels = _warped(frame, np.linalg.inv(to_box), size)
        inside = _warped(mask.astype(np.float32), np.linalg.inv(to_box), size, cv2.BORDER_CONSTANT) >= 0.5
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        inner = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8))
        found = cv2.goodFeaturesToTrack(grey, FEATURES, QUALITY, APART, mask=inner)
        features = np.zeros((0, 1, 2), np.float32) if found is None else found
        return cls(pixels, inside, to_box, _colors_of(pixels, inside), features)

    def rectified(self, frame: np.ndarray, motion: SimilarityTransform) -> np.ndarray:
        """`[h, w, 3]`: another frame, moved back to the box by a motion from this template's frame to it."""
        size = self.mask.shape[::-1]
        return _warped(frame, motion.matrix() @ np.linalg.inv(self.to_box), size)

    def inside(self, frame: np.ndarray, motion: SimilarityTransform, hidden: np.ndarray | None = None) -> np.ndarray:
        """`[h, w]` bool, of the box: the part of the object that is in the picture, and not hidden `[H, W]` there."""
        height, width = frame.shape[:2]
        out = motion.matrix() @ np.linalg.inv(self.to_box)
        down, right = (side - 1 for side in self.mask.shape)
        x, y, _ = out @ np.array([[0, right, 0, right], [0, 0, down, down], [1, 1, 1, 1]])
        if hidden is None and min(x.min(), y.min()) > 0 and x.max() < width - 1 and y.max() < height - 1:
            return self.mask
        rows, columns = np.mgrid[: down + 1, : right + 1]
        x, y, _ = out @ np.stack([columns.ravel(), rows.ravel(), np.ones(rows.size)])
        within = (x > -0.5) & (y > -0.5) & (x < width - 0.5) & (y < height - 0.5)
        if hidden is not None:
            column, row = (np.rint(each).astype(int).clip(0, side - 1) for each, side in ((x, width), (y, height)))
            within &= ~hidden[row, column]
        return self.mask & within.reshape(self.mask.shape)

    def error(self, frame: np.ndarray, motion: SimilarityTransform, hidden: np.ndarray | None = None) -> float:
        """How badly a frame shows the object, from 0 (exactly) on: the difference of the colours on it, and of its
        shape where its colours are not those of its surroundings. What is outside the picture, or hidden `[H, W]`
        there, counts by half."""
        there, inside = self.rectified(frame, motion), self.inside(frame, motion, hidden)
        difference = np.where(inside, np.minimum(self.difference(there), CLIPPED) / CLIPPED, OUTSIDE)
        shape = np.where(inside | ~self.mask, np.abs(self.likely(there) - self.mask), OUTSIDE)
        return float((difference[self.mask].sum() + SHAPE * shape.sum()) / self.mask.sum())

    def _beside(self, seen: np.ndarray) -> np.ndarray:
        """`[h, w]` bool: what is seen of the object and its surroundings there."""
        side = 2 * SEARCH_MARGIN + 1
        near = cv2.dilate(seen.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
        return seen | (near & ~self.mask)

    def shown(
        self, frame: np.ndarray, motion: SimilarityTransform, usual: float, hidden: np.ndarray | None = None
    ) -> np.ndarray:
        """`[h, w]` bool, of the box: the part of the object that a frame shows; the rest is hidden.

        Args:
            usual: the difference in colours, of 255, that it has where it is seen.
            hidden: `[H, W]` bool, where the frame shows something that stands before it.
        """
        difference = np.minimum(self.difference(self.rectified(frame, motion)), CLIPPED)
        alike = cv2.blur(difference, (ERROR_WINDOW, ERROR_WINDOW)) <= max(MAX_ERROR, MAX_ERROR_RATIO * usual)
        inside = self.inside(frame, motion, hidden)
        least = MIN_PART * self.mask.sum()
        seen = without_small(alike & inside, least, connectivity=4)
        return inside & ~without_small(inside & ~seen, least, connectivity=4)

    def typical_error(self, frame: np.ndarray, motion: SimilarityTransform) -> float:
        """The median difference in colours on the object, of 255."""
        inside = self.inside(frame, motion)
        return float(np.median(self.difference(self.rectified(frame, motion))[inside])) if inside.any() else 0.0

    def likely(self, pixels: np.ndarray) -> np.ndarray:
        """`[h, w]` from 0 to 1: how likely each pixel `[h, w, 3]` is the object's, by its colour."""
        red, green, blue = cv2.split(pixels // (256 // BINS))
        return self.colors.ravel()[(red.astype(np.int32) * BINS + green) * BINS + blue]

    def refinements(
        self, frame: np.ndarray, motion: SimilarityTransform, seen: np.ndarray
    ) -> list[SimilarityTransform]:
        """Motions near one that may fit better: by features, by brightness, and by shape, each of what was seen."""
        there = self.rectified(frame, motion)
        found = [self._by_features(there, seen), self._by_brightness(there, seen), self._by_shape(there, seen)]
        into, out = self.to_box, np.linalg.inv(self.to_box)
        return [motion.after(SimilarityTransform.of_matrix(out @ step @ into)) for step in found if step is not None]

    def difference(self, there: np.ndarray) -> np.ndarray:
        """`[h, w]`, of 255: of the colours, allowing for a pixel of misalignment along edges."""
        total = cv2.absdiff(self.pixels, there).sum(-1, dtype=np.uint16)
        return np.maximum(_beyond(*self.bounds, there), HALF_OF_MEAN[total])

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """As of `_bounds`, of its pixels."""
        return _bounds(self.pixels)

    def _by_features(self, there: np.ndarray, seen: np.ndarray) -> np.ndarray | None:
        columns, rows = np.rint(self.features[:, 0]).astype(int).T
        features = self.features[seen[rows, columns]]
        if len(features) < MIN_FEATURES:
            return None
        own, other = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (self.pixels, there))
        moved, ahead, _ = cv2.calcOpticalFlowPyrLK(own, other, features, None, winSize=WINDOW, maxLevel=2)
        again, back, _ = cv2.calcOpticalFlowPyrLK(other, own, moved, None, winSize=WINDOW, maxLevel=2)
        error = np.linalg.norm(again - features, axis=-1)[:, 0]
        good = (ahead[:, 0] == 1) & (back[:, 0] == 1) & (error < WITHIN)
        if good.sum() < MIN_FEATURES:
            return None
        source, target = (part[good, 0, 0] + 1j * part[good, 0, 1] for part in (features, moved))
        cv2.setRNGSeed(0)
        found = robust_similarity(source, target, WITHIN, 500)
        return found[0].matrix() if found is not None and found[1].sum() >= MIN_FEATURES else None

    def _by_brightness(self, there: np.ndarray, seen: np.ndarray) -> np.ndarray:
        own, other = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (self.pixels, there))
        return align_directly(own, other, seen.astype(np.uint8), np.eye(3))

    def _by_shape(self, there: np.ndarray, seen: np.ndarray) -> np.ndarray:
        own = cv2.GaussianBlur(self.mask.astype(np.float32), (0, 0), 1.5)
        other = cv2.GaussianBlur(self.likely(there).astype(np.float32), (0, 0), 1.5)
        own, other = ((255 * each).astype(np.uint8) for each in (own, other))
        return align_directly(own, other, self._beside(seen).astype(np.uint8), np.eye(3))


def _colors_of(pixels: np.ndarray, inside: np.ndarray) -> np.ndarray:
    counts = []
    for part in (pixels[inside], pixels[~inside]):
        bins = (part // (256 // BINS)).reshape(-1, 3).astype(np.int64)
        found = np.bincount((bins[:, 0] * BINS + bins[:, 1]) * BINS + bins[:, 2], minlength=BINS**3)
        counts.append(smoothed_counts(found.reshape(BINS, BINS, BINS).astype(np.float32)) / max(1, len(part)))
    return (counts[0] + 1e-5) / (counts[0] + counts[1] + 2e-5)


def smoothed_counts(counts: np.ndarray) -> np.ndarray:
    """`[BINS, BINS, BINS]`: how often colours, and those near them, occur."""
    kernel = cv2.getGaussianKernel(5, SMOOTH, cv2.CV_32F)[:, 0]
    for axis in range(3):
        counts = np.apply_along_axis(lambda row: np.convolve(row, kernel, "same"), axis, counts)
    return counts


def _warped(
    pixels: np.ndarray, back: np.ndarray, size: tuple[int, int], border: int = cv2.BORDER_REPLICATE
) -> np.ndarray:
    way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(pixels, back[:2], size, flags=way, borderMode=border)


def search(
    template: Template, frame: np.ndarray, guess: SimilarityTransform, hidden: int
) -> SimilarityTransform | None:
    """
    Args:
        template: how the object looks.
        frame: `[H, W, 3]` uint8.
        guess: where it may be, in which size and turn.
        hidden: for how many frames it has been lost.

    Returns:
        The motion to where the frame shows something most like it; None if it is too small or too large to search.
    """
    scale = min(1.0, SEARCHED_SIDE / max(template.mask.shape))
    small = cv2.resize(template.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(template.mask.astype(np.float32), small.shape[1::-1], interpolation=cv2.INTER_AREA)
    factor = complex(guess.factor)
    fine = min(1.0, template.to_box[0, 0] * scale / abs(factor))  # the frame at the size of the small template
    whole, back = _turned(cv2.resize(frame, None, fx=fine, fy=fine, interpolation=cv2.INTER_AREA), factor)
    if min(whole.shape[0] - small.shape[0], whole.shape[1] - small.shape[1]) < 1 or mask.sum() < FEWEST_PIXELS:
        return None
    weight = np.repeat(mask[..., None], 3, -1)
    cost = cv2.matchTemplate(whole.astype(np.float32), small.astype(np.float32), cv2.TM_SQDIFF, mask=weight)
    cost = np.sqrt(np.maximum(cost, 0) / weight.sum())  # [h, w], of 255
    rows, columns = np.mgrid[: cost.shape[0], : cost.shape[1]]
    middles = np.stack([columns + small.shape[1] / 2, rows + small.shape[0] / 2], -1) @ back[:, :2].T + back[:, 2]
    there = (middles[..., 0] + 1j * middles[..., 1]) / fine  # in pixels of the frame
    middle = _middle(template)
    away = np.abs(there - complex(guess.apply(middle))) / (MAX_JUMP * max(frame.shape) * (1 + hidden))
    best = np.unravel_index((cost + MAX_ERROR * away).argmin(), cost.shape)
    return SimilarityTransform(factor, complex(there[best]) - factor * middle)


def _turned(frame: np.ndarray, factor: complex) -> tuple[np.ndarray, np.ndarray]:
    """A frame turned so that the object stands in it as in its template, and `[2, 3]`, back to the frame."""
    centre = (frame.shape[1] / 2, frame.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(centre, np.degrees(np.angle(factor)), 1.0)
    turned = cv2.warpAffine(frame, turn, frame.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return turned, cv2.invertAffineTransform(turn)


def _middle(template: Template) -> complex:
    """The middle of the template's box, in pixels of its frame."""
    height, width = template.mask.shape
    x, y, _ = np.linalg.inv(template.to_box) @ (width / 2, height / 2, 1)
    return complex(x, y)


@dataclass(frozen=True)
class Backdrop:
    """What a small frame shows, and how far it is explained without an object.

    Attributes:
        frame: `[h, w, 3]` uint8.
        gap: `[h, w]` float32 from 0 (the ground, or what is behind the object, looks like the frame) to 1.
        free: `[h, w]` float32, 1 where nothing known stands before the object.
    """

    frame: np.ndarray
    gap: np.ndarray
    free: np.ndarray

    def shrunk(self, scale: float) -> Backdrop:
        parts = (cv2.resize(each, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                 for each in (self.frame, self.gap, self.free))  # fmt: skip
        return Backdrop(*parts)


@dataclass(frozen=True)
class Match:
    """How well a frame shows an object at a motion.

    Attributes:
        gain: in pixels of the frame: how much more of it is explained with the object than without.
        seen: part of the object that is in the picture with nothing known before it.
        difference: mean one there, from 0 to 1.
    """

    gain: float
    seen: float
    difference: float


class Picture:
    """An object cut out of a small frame, tight.

    Args:
        frame: `[h, w, 3]` uint8.
        mask: `[h, w]` bool, with at least one pixel.
    """

    def __init__(self, frame: np.ndarray, mask: np.ndarray):
        template = Template.of(frame, mask)
        rows, columns = np.flatnonzero(template.mask.any(1)), np.flatnonzero(template.mask.any(0))
        inner = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        self.template = template
        self.mask = template.mask[inner].astype(np.float32)
        move = np.array([[1, 0, -columns[0]], [0, 1, -rows[0]], [0, 0, 1.0]])
        self.to_box = move @ template.to_box
        self._out = np.linalg.inv(self.to_box)
        parts = template.pixels, *template.bounds
        self._own, self._low, self._high = (np.ascontiguousarray(each[inner]) for each in parts)
        y, x = np.nonzero(mask)
        self.middle = complex(x.mean(), y.mean())
        self.area = float(len(y))
        self.size = float(max(np.ptp(x), np.ptp(y)) + 1)

    @property
    def scale(self) -> float:
        """Of its box's pixels to those of the frame."""
        return float(self.to_box[0, 0])

    def difference(self, frame: np.ndarray, motion: SimilarityTransform) -> np.ndarray:
        """`[h, w]` float32 from 0 to 1, of its box: of another frame's colours from its own, allowing for a pixel of
        misalignment."""
        there = self._warped(frame, motion, cv2.BORDER_REPLICATE)
        return _apart(self._own, self._low, self._high, there)

    def match(self, backdrop: Backdrop, motion: SimilarityTransform) -> Match:
        counts = self.free(backdrop, motion)
        own = self.difference(backdrop.frame, motion)
        gap = self._warped(backdrop.gap, motion)
        total = float(counts.sum())
        pixel = (abs(complex(motion.factor)) / self.scale) ** 2
        better = gap - own
        gain = float((counts * np.where(better < 0, GROUND_COUNTS * better, better)).sum()) * pixel
        return Match(gain, total / self.mask.sum(), float((counts * own).sum()) / max(total, 1e-6))

    def hollow(self, backdrop: Backdrop, motion: SimilarityTransform) -> float:
        """Part of what is to be seen of it, where a frame shows the ground instead."""
        counts = self.free(backdrop, motion) >= 0.5
        own, gap = self.difference(backdrop.frame, motion), self._warped(backdrop.gap, motion)
        return float((counts & (own > EXPLAINED) & (gap < SHOWS_GROUND)).sum() / max(1, counts.sum()))

    def free(self, backdrop: Backdrop, motion: SimilarityTransform) -> np.ndarray:
        """`[h, w]` float32 from 0 to 1, of its box: where it is seen, if nothing unknown hides it."""
        return self.mask * self._warped(backdrop.free, motion)

    def shown(self, backdrop: Backdrop, motion: SimilarityTransform, usual: float) -> np.ndarray:
        """`[h, w]` bool, of its box: the part of it that a frame shows, as of `Template.shown`; `usual` from 0 to 1."""
        own = cv2.blur(self.difference(backdrop.frame, motion), (ERROR_WINDOW, ERROR_WINDOW))
        inside = self.free(backdrop, motion) >= 0.5
        least = MIN_PART * self.mask.sum()
        alike = CLIPPED * own <= max(MAX_ERROR, MAX_ERROR_RATIO * CLIPPED * usual)
        seen = without_small(alike & inside, least, connectivity=4)
        return inside & ~without_small(inside & ~seen, least, connectivity=4)

    def put(self, part: np.ndarray, motion: SimilarityTransform, size: tuple[int, int], scale: float) -> np.ndarray:
        """`[H, W]` uint8 from 0 to 255: a part of it `[h, w]` bool where a motion takes it, in frames of (width,
        height) `size` that are larger by `scale`."""
        to_frame = about_corner(scale, scale) @ motion.matrix() @ self._out
        values = (255 * part).astype(np.uint8)
        return cv2.warpAffine(values, to_frame[:2], size, flags=cv2.INTER_LINEAR)

    def _warped(self, values: np.ndarray, motion: SimilarityTransform, border: int = cv2.BORDER_CONSTANT) -> np.ndarray:
        back = motion.matrix() @ self._out
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(values, back[:2], self.mask.shape[::-1], flags=way, borderMode=border)


def difference(frame: np.ndarray, other: np.ndarray) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1: as of `Picture.difference`."""
    return _apart(other, *_bounds(other), frame)


def _apart(own: np.ndarray, low: np.ndarray, high: np.ndarray, there: np.ndarray) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1: how far colours `[h, w, 3]` are outside of bounds, or half of how far from others
    if that is more."""
    half = cv2.transform(cv2.absdiff(own, there), np.full((1, 3), 0.5 / 3, np.float32))
    apart = np.minimum(cv2.max(_beyond(low, high, there), half), np.uint8(CLIPPED))
    return apart.astype(np.float32) / np.float32(CLIPPED)


def _bounds(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`[h, w, 3]` each: the least and the greatest of the pixels at each place and next to it."""
    return cv2.erode(pixels, KERNEL_3), cv2.dilate(pixels, KERNEL_3)


def _beyond(low: np.ndarray, high: np.ndarray, there: np.ndarray) -> np.ndarray:
    """`[h, w]` uint8: how far colours `[h, w, 3]` are outside of bounds, in the worst channel."""
    red, green, blue = cv2.split(cv2.max(cv2.subtract(low, there), cv2.subtract(there, high)))
    return cv2.max(cv2.max(red, green), blue)
