"""Registers pictures by their colours: two frames of a clip, and a clean plate by a ring around a hole.

Both are robust: whatever does not follow the motion has no influence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..common.interrupt import checkpoint
from .grids import rescaled

LEVELS = (48, 96, 192)  # px, longer side
ITERATIONS = 12
ENOUGH = 0.005  # px of a level: smaller corrections end it
WIDEST, NARROWEST = 24.0, 2.0  # of 255: bounds of the scale of differences beyond which pixels are outliers
MIN_INLIERS = 64  # pixels that have to agree
MIN_RING_PIXELS = 64  # fewer pixels of a ring than this cannot be fitted
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


def align_directly(now: np.ndarray, then: np.ndarray, free: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """The similarity transform under which the colours of two frames agree, without features: it serves where a scene
    has edges but hardly any corners.

    Robust regression of the brightness constancy equation, coarse to fine (Odobez and Bouthemy, "Robust multiresolution
    estimation of parametric motion models", 1995).

    Args:
        now, then: `[H, W]` uint8.
        free: `[H, W]` uint8, 1 where `now` counts.
        guess: `[3, 3]`, of which the part that is a similarity transform is used.

    Returns:
        `[3, 3]`: from pixels of `now` to pixels of `then`; the guess if too little agrees.
    """
    values = np.array([guess[0, 0] - 1, guess[1, 0], guess[0, 2], guess[1, 2]])
    for side in LEVELS:
        scale = min(1.0, side / max(now.shape))
        size = tuple(max(8, round(length * scale)) for length in now.shape[::-1])
        pair = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (now, then))
        first, second = (each.astype(np.float32) for each in pair)
        counts = cv2.resize(free, size, interpolation=cv2.INTER_NEAREST) > 0
        found = _at_level(first, second, counts, values * [1, 1, scale, scale])
        if found is None:
            return guess
        values = found / [1, 1, scale, scale]
        if scale == 1:  # and so it is at the levels that follow
            break
    return _matrix(values)


def _matrix(values: np.ndarray) -> np.ndarray:
    growth, turn, x, y = values
    return np.array([[1 + growth, -turn, x], [turn, 1 + growth, y], [0, 0, 1]])


def _at_level(now: np.ndarray, then: np.ndarray, free: np.ndarray, values: np.ndarray) -> np.ndarray | None:
    height, width = now.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    now, then = cv2.GaussianBlur(now, (0, 0), 0.8), cv2.GaussianBlur(then, (0, 0), 0.8)
    seen = np.ones_like(then)
    reach = max(width, height)
    for _ in range(ITERATIONS):
        motion = _matrix(values)[:2]
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        onto = cv2.warpAffine(then, motion, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE)
        inside = (cv2.warpAffine(seen, motion, (width, height), flags=way) > 0.99) & free
        if inside.sum() < MIN_INLIERS:
            return None
        dx, dy = (cv2.Scharr(onto, cv2.CV_32F, *order, scale=1 / 32)[inside] for order in ((1, 0), (0, 1)))
        rest = (now - onto)[inside]
        spread = np.clip(1.4826 * median(np.abs(rest)), NARROWEST, WIDEST)
        weight = np.clip(1 - (rest / (4.685 * spread)) ** 2, 0, None) ** 2  # Tukey's biweight
        if (weight > 0).sum() < MIN_INLIERS:
            return None
        px, py = x[inside], y[inside]
        columns = np.stack([(dx * px + dy * py) / reach, (dy * px - dx * py) / reach, dx, dy])  # [4, P]
        normal = (columns * weight) @ columns.T + 1e-2 * np.eye(4)
        change = np.linalg.solve(normal, (columns * weight) @ rest) / [reach, reach, 1, 1]
        # The gradient is that of the warped frame, so the change acts before the motion.
        values = _values(_matrix(values) @ _matrix(change))
        if np.abs(change * [reach, reach, 1, 1]).max() < ENOUGH:
            break
    return values


def median(values: np.ndarray) -> np.ndarray:
    """`[...]`: the median of each row of `[..., n]`, n at least 1; as numpy's, which takes ten times as long."""
    middle = values.shape[-1] // 2
    parted = np.partition(values, middle, axis=-1)
    above = parted[..., middle]
    return above if values.shape[-1] % 2 else (parted[..., :middle].max(-1) + above) / 2


def _values(matrix: np.ndarray) -> np.ndarray:
    return np.array([matrix[0, 0] - 1, matrix[1, 0], matrix[0, 2], matrix[1, 2]])


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
    picture: np.ndarray, plate: np.ndarray, ring: np.ndarray, start: Fit = AS_IT_IS
) -> tuple[Fit, np.ndarray]:
    """Registers a clean plate to a picture, on a ring around a hole.

    The geometric fit is an affine transform, found coarse to fine as in Lucas and Kanade ("An iterative image
    registration technique", 1981); a prior keeps it close to a translation unless the ring shows otherwise. The tone is
    a gain and an offset per channel. Both are robust (Geman and McClure, 1987): a pixel's weight falls with its error,
    so that parts of the ring that differ have no influence.

    Args:
        picture, plate: `[H, W, 3]` float32 from 0 to 1.
        ring: `[H, W]` bool.
        start: an initial guess.

    Returns:
        The fit, which is the guess if the ring has fewer than `MIN_RING_PIXELS` pixels; and `[n]` bool for the ring's
        pixels in row-major order: which of them agree with the fitted plate.
    """
    if ring.sum() < MIN_RING_PIXELS:
        return start, np.ones(int(ring.sum()), bool)
    left, top, width, height = cv2.boundingRect(ring.astype(np.uint8))
    left, top, right, bottom = max(0, left - MARGIN), max(0, top - MARGIN), left + width + MARGIN, top + height + MARGIN
    near = slice(top, bottom), slice(left, right)
    corner = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], float)
    both = _Both(picture[near], plate[near], ring[near])
    found = Fit(np.linalg.inv(corner) @ start.move @ corner, start.gain, start.offset)
    for size in SIZES:
        found = both.found(found, size)
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

    def found(self, fit: Fit, size: int) -> Fit:
        """The fit, refined at one size."""
        spread = max(self.weight.shape) / 2  # px
        expected = np.array([FURTHEST, RIGID * spread, RIGID * spread])
        wanted = None
        for _ in range(TURNS):
            checkpoint()
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
        positions = rescaled(np.stack([columns, rows], -1), (1, 1), (size, size))
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
