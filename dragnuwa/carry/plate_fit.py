"""How a clean plate is brought to a picture, found on a ring around a hole.

The place is found as by Lucas and Kanade ("An iterative image registration technique", 1981), from coarse to fine: an
affine transform, of which anything but a shift is only believed where the ring shows it clearly. The tone is a gain and
an offset for each channel. Both count each place of the ring by a weight that falls with its error (Geman and McClure,
1987), so that what differs on a part of the ring has no influence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..common.interrupt import InterruptCheck, no_interrupt

FEW = 64  # places of a ring, below which nothing can be fitted
MARGIN = 32  # px, around the ring, from which the plate may have moved in
SIZES = (4, 2, 1)  # by which the pictures are shrunk, one after the other
BLUR = 1.5  # px, sigma there
TURNS = 10  # of fitting tone and place, at each size
TONE_TURNS = 4  # of weighting places, in each of them
SLIGHT = 0.01  # px, by which the farthest place moves when the place has been found
FURTHEST = 24.0  # px, expected shift
RIGID = 0.02  # expected difference in scale, angle and shear
DEPENDENT = 100  # places of a ring that count as one where that is weighed against what is expected
MOST_GAIN, MOST_OFFSET = 2.0, 0.3  # of the tone; the least gain is 1 / MOST_GAIN
NOISE = 0.01  # error below which all places count alike
CUT_OFF = 0.004  # from black or white, where a plate has lost its tones
AGREES = 0.05  # mean error of the channels at half the size, at which a place still shows the same


@dataclass(frozen=True)
class Fit:
    """
    Attributes:
        move: `[3, 3]`, from homogeneous places of the picture (x, y, 1 in pixels) to those of the plate.
        gain, offset: `[3]`, of the colours.
    """

    move: np.ndarray
    gain: np.ndarray
    offset: np.ndarray

    def apply(self, plate: np.ndarray) -> np.ndarray:
        """The plate `[H, W, 3]`, fitted: not limited to 0 to 1."""
        moved = plate if np.array_equal(self.move, np.eye(3)) else _moved(plate, self.move, cv2.INTER_LANCZOS4)
        return (moved * self.gain + self.offset).astype(np.float32)


AS_IT_IS = Fit(np.eye(3), np.ones(3), np.zeros(3))


def fit_plate(
    picture: np.ndarray,
    plate: np.ndarray,
    ring: np.ndarray,
    start: Fit = AS_IT_IS,
    check_interrupt: InterruptCheck = no_interrupt,
) -> tuple[Fit, np.ndarray]:
    """
    Args:
        picture, plate: `[H, W, 3]` float32 from 0 to 1.
        ring: `[H, W]` bool.
        start: a first guess.
        check_interrupt: called many times.

    Returns:
        The fit, which is the guess where the ring has fewer than `FEW` places; and `[n]` bool for the ring's places,
        row by row: which of them show the same as the fitted plate.
    """
    if ring.sum() < FEW:
        return start, np.ones(int(ring.sum()), bool)
    left, top, width, height = cv2.boundingRect(ring.astype(np.uint8))
    left, top, right, bottom = max(0, left - MARGIN), max(0, top - MARGIN), left + width + MARGIN, top + height + MARGIN
    near = slice(top, bottom), slice(left, right)
    corner = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], float)
    both = _Both(picture[near], plate[near], ring[near])
    found = Fit(np.linalg.inv(corner) @ start.move @ corner, start.gain, start.offset)
    for size in SIZES:
        found = both.found(found, size, check_interrupt)
    half = both.compared(found, SIZES[-2])
    found = replace(found, **dict(zip(("gain", "offset"), half.tone(), strict=False)))  # details are often lost
    agrees = np.abs(half.wanted - half.shown * found.gain - found.offset).mean(-1) <= AGREES
    return replace(found, move=corner @ found.move @ np.linalg.inv(corner)), agrees


@dataclass(frozen=True)
class Compared:
    """At the places of a ring `[n]`.

    Attributes:
        wanted, shown: `[n, 3]`, the colours of the picture, and of the plate before its tone is fitted.
        slopes: of the latter, along x and y.
        error: `[n, 3]`.
        places: `[n, 2]`, x and y.
    """

    wanted: np.ndarray
    shown: np.ndarray
    slopes: tuple[np.ndarray, np.ndarray]
    error: np.ndarray
    places: np.ndarray

    def tone(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Gain and offset `[3]`, and the weight of each place `[n]`, the reciprocal of its error's square."""
        error, kept = self.error, ((self.shown > CUT_OFF) & (self.shown < 1 - CUT_OFF)).all(-1)
        kept = kept if kept.any() else ~kept
        for _ in range(TONE_TURNS):
            square = (error**2).mean(-1)
            scale = max(NOISE**2, float(np.median(square[kept])))
            share = kept * (scale / (scale + square)) ** 2
            means = [(share @ colors) / share.sum() for colors in (self.wanted, self.shown)]
            both = share @ ((self.wanted - means[0]) * (self.shown - means[1]))
            own = share @ (self.shown - means[1]) ** 2
            flat = NOISE**2 * share.sum()  # where all is of one colour, the gain is 1
            gain = ((both + flat) / (own + flat)).clip(1 / MOST_GAIN, MOST_GAIN)
            offset = (means[0] - gain * means[1]).clip(-MOST_OFFSET, MOST_OFFSET)
            error = self.wanted - self.shown * gain - offset
        return gain, offset, share / scale


class _Both:
    """The part of picture and plate around a ring.

    Args:
        picture, plate: `[h, w, 3]`.
        ring: `[h, w]` bool.
    """

    def __init__(self, picture: np.ndarray, plate: np.ndarray, ring: np.ndarray):
        self.picture, self.plate = picture, np.ascontiguousarray(plate)
        self.weight = ring.astype(np.float32)

    def found(self, fit: Fit, size: int, check_interrupt: InterruptCheck) -> Fit:
        """The fit, improved at a size."""
        spread = max(self.weight.shape) / 2  # px
        expected = np.array([FURTHEST, RIGID * spread, RIGID * spread])
        wanted = None
        for _ in range(TURNS):
            check_interrupt()
            seen = self.compared(fit, size, wanted)
            wanted = seen.wanted
            gain, offset, weight = seen.tone()
            error = wanted - seen.shown * gain - offset
            middle = seen.places.mean(0)
            x, y = ((seen.places - middle) / spread).T
            weight = weight / max(DEPENDENT / size**2, 1)
            basis = np.stack([np.ones_like(x), x, y], -1)  # [n, 3]
            by = np.concatenate([(slope * gain)[:, :, None] * basis[:, None] for slope in seen.slopes], -1)  # [n, 3, 6]
            rows = by.reshape(-1, 6)
            weighted = rows * weight.repeat(3)[:, None]
            normal = weighted.T @ rows + np.diag(np.tile(expected**-2.0, 2))
            step = np.linalg.solve(normal, weighted.T @ error.ravel()).reshape(2, 3)
            fit = Fit(fit.move @ _transform(step, middle, spread), gain, offset)
            if np.abs(step).sum(1).max() < SLIGHT * size:
                break
        return fit

    def compared(self, fit: Fit, size: int, wanted: np.ndarray | None = None) -> Compared:
        """Both, shrunk by a size; `wanted` as it was found before."""
        moved = _moved(self.plate, fit.move, cv2.INTER_LINEAR)
        shown, inside = _shrunk(moved, self.weight, size)
        wanted = _shrunk(self.picture, self.weight, size)[0][inside] if wanted is None else wanted
        slopes = tuple(cv2.Sobel(shown, cv2.CV_32F, *axis, scale=1 / 8 / size)[inside] for axis in ((1, 0), (0, 1)))
        rows, columns = np.nonzero(inside)
        places = (np.stack([columns, rows], -1) + 0.5) * size - 0.5
        shown = shown[inside]
        return Compared(wanted, shown, slopes, wanted - shown * fit.gain - fit.offset, places)


def _transform(step: np.ndarray, middle: np.ndarray, spread: float) -> np.ndarray:
    """`[3, 3]`, of a step `[2, 3]` that shifts, and stretches along x and y counted from the middle."""
    linear = step[:, 1:] / spread
    moved = np.eye(3)
    moved[:2, :2] += linear
    moved[:2, 2] = step[:, 0] - linear @ middle
    return moved


def _shrunk(picture: np.ndarray, weight: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture `[h, w, 3]`, shrunk and blurred by what lies on the ring alone, and `[h', w']` bool, the ring."""
    height, width = (-(-side // size) * size for side in weight.shape)
    more = (0, height - weight.shape[0]), (0, width - weight.shape[1])
    small = width // size, height // size
    picture, weight = np.pad(picture * weight[..., None], (*more, (0, 0))), np.pad(weight, more)
    if size > 1:
        picture, weight = (cv2.resize(each, small, interpolation=cv2.INTER_AREA) for each in (picture, weight))
    total = cv2.GaussianBlur(weight, (0, 0), BLUR)
    return cv2.GaussianBlur(picture, (0, 0), BLUR) / np.maximum(total, 1e-3)[..., None], weight > 0.5


def _moved(plate: np.ndarray, move: np.ndarray, how: int) -> np.ndarray:
    size = plate.shape[1::-1]
    return cv2.warpAffine(plate, move[:2], size, flags=how | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)
