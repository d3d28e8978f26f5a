"""Registers a clean plate to a picture, on a ring around a hole.

The geometric fit is an affine transform, found coarse to fine as in Lucas and Kanade ("An iterative image registration
technique", 1981); a prior keeps it close to a translation unless the ring shows otherwise. The tone is a gain and an
offset per channel. Both are robust (Geman and McClure, 1987): a pixel's weight falls with its error, so that parts of
the ring that differ have no influence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..common.interrupt import InterruptCheck, no_interrupt

FEW = 64  # fewer pixels of a ring than this cannot be fitted
MARGIN = 32  # px around the ring, for content of the plate that has moved in
SIZES = (4, 2, 1)  # downsampling factors, in succession
BLUR = 1.5  # px, sigma at each size
TURNS = 10  # iterations of fitting tone and position, at each size
TONE_TURNS = 4  # reweightings in each of them
SLIGHT = 0.01  # px, step of the farthest pixel at which the fit has converged
FURTHEST = 24.0  # px, prior on the shift
RIGID = 0.02  # prior on scale, angle and shear
DEPENDENT = 100  # pixels of a ring that count as one observation against the prior
MOST_GAIN, MOST_OFFSET = 2.0, 0.3  # of the tone; the least gain is 1 / MOST_GAIN
NOISE = 0.01  # error below which all pixels have the same weight
CUT_OFF = 0.004  # distance from black or white at which a plate is clipped
AGREES = 0.05  # mean error over the channels, at half size, up to which a pixel agrees


@dataclass(frozen=True)
class Fit:
    """
    Attributes:
        move: `[3, 3]`, from homogeneous coordinates in the picture (x, y, 1 in pixels) to those in the plate.
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
        start: an initial guess.
        check_interrupt: called many times.

    Returns:
        The fit, which is the guess if the ring has fewer than `FEW` pixels; and `[n]` bool for the ring's pixels in
        row-major order: which of them agree with the fitted plate.
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
    """Samples at the pixels of a ring `[n]`.

    Attributes:
        wanted, shown: `[n, 3]`, the colours of the picture, and of the plate before its tone is fitted.
        slopes: gradients of the latter, along x and y.
        error: `[n, 3]`.
        positions: `[n, 2]`, x and y of the pixels.
    """

    wanted: np.ndarray
    shown: np.ndarray
    slopes: tuple[np.ndarray, np.ndarray]
    error: np.ndarray
    positions: np.ndarray

    def tone(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Gain and offset `[3]`, and the weight of each pixel `[n]`, the inverse square of its error."""
        error, kept = self.error, ((self.shown > CUT_OFF) & (self.shown < 1 - CUT_OFF)).all(-1)
        kept = kept if kept.any() else ~kept
        for _ in range(TONE_TURNS):
            square = (error**2).mean(-1)
            scale = max(NOISE**2, float(np.median(square[kept])))
            share = kept * (scale / (scale + square)) ** 2
            means = [(share @ colors) / share.sum() for colors in (self.wanted, self.shown)]
            both = share @ ((self.wanted - means[0]) * (self.shown - means[1]))
            own = share @ (self.shown - means[1]) ** 2
            flat = NOISE**2 * share.sum()  # on a uniform colour the gain is 1
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
        """The fit, refined at one size."""
        spread = max(self.weight.shape) / 2  # px
        expected = np.array([FURTHEST, RIGID * spread, RIGID * spread])
        wanted = None
        for _ in range(TURNS):
            check_interrupt()
            seen = self.compared(fit, size, wanted)
            wanted = seen.wanted
            gain, offset, weight = seen.tone()
            error = wanted - seen.shown * gain - offset
            middle = seen.positions.mean(0)
            x, y = ((seen.positions - middle) / spread).T
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
        """Both, downsampled by a factor; `wanted` as computed before."""
        moved = _moved(self.plate, fit.move, cv2.INTER_LINEAR)
        shown, inside = _shrunk(moved, self.weight, size)
        wanted = _shrunk(self.picture, self.weight, size)[0][inside] if wanted is None else wanted
        slopes = tuple(cv2.Sobel(shown, cv2.CV_32F, *axis, scale=1 / 8 / size)[inside] for axis in ((1, 0), (0, 1)))
        rows, columns = np.nonzero(inside)
        positions = (np.stack([columns, rows], -1) + 0.5) * size - 0.5
        shown = shown[inside]
        return Compared(wanted, shown, slopes, wanted - shown * fit.gain - fit.offset, positions)


def _transform(step: np.ndarray, middle: np.ndarray, spread: float) -> np.ndarray:
    """`[3, 3]` of a step `[2, 3]`: a shift, and an affine change about the centre."""
    linear = step[:, 1:] / spread
    moved = np.eye(3)
    moved[:2, :2] += linear
    moved[:2, 2] = step[:, 0] - linear @ middle
    return moved


def _shrunk(picture: np.ndarray, weight: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture `[h, w, 3]`, downsampled and blurred using only the ring's pixels, and `[h', w']` bool, the ring."""
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
