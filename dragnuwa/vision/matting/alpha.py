"""Opacity in a band around an edge: the matting Laplacian and a local colour model, solved together.

The Laplacian is that of Levin, Lischinski and Weiss ("A closed-form solution to natural image matting", 2008): in each
window of 3x3 pixels opacity is a linear function of colour. The opacity estimated from a pixel's colour alone is added
as a weighted data term, as in Wang and Cohen ("Optimized color sampling for robust matting", 2007): the colours inside
and outside near the cut give an estimate and its confidence for each pixel, by Fisher's linear discriminant of two
normal distributions. The band is as wide as the error of the cut, wider where the picture is soft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import cv2
import numpy as np
import torch
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import cg

from ...common.masks import touching

FLAT = 1e-5  # variance of colours (0 to 1) in a window that counts as noise
STEPS = 60  # maximum number of conjugate gradient iterations
CLOSE_ENOUGH = 3e-3  # relative residual at which they stop
WINDOW = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
SPAN = 5  # px, size of the neighbourhood that shares a window with a pixel
PIXELS = 2**14  # processed at a time, so that they stay in the processor's cache
COLOR_MARGIN = 3  # px around the non-transparent part, into which its colours are extended
SMOOTH, SLOPE = 1e-5, 1.0  # weight of smoothness, and its increase per change of opacity
SMALL, MANY, FEW = 32, 10, 2  # levels smaller than this (px) take many iterations, others few
NARROW, LEAST_NARROW = 0.003, 3  # of the longer side, and px: half width of the band at a hard edge
WIDE, LEAST_WIDE = 0.02, 10  # the same where the edge is soft, or has hair
NOISE = 2e-4  # variance added to that of the colours
MOST_SHRINK, LEAST_REACH = 3, 2.0  # colour statistics: halvings at most, and their reach in px of the smallest picture
FAR = 4  # times smaller is that of colours further away
FURTHER, FURTHEST = 0.02, 1e-7  # weights of pixels three times as far away, and of the whole picture
APART, FAR_APART = 2.0, 4.0  # standard deviations between the two colours, for no confidence and full confidence
STRAND = 0.25  # contrast in opacity between a strand of hair and its surroundings
ASTRAY, VERY_FAR_APART = 0.5, 6.0  # the cut is wrong where colours so far apart contradict it by this
THICK = 9  # px, thicker structures are not strands
SIDEWAYS = 6  # px along the edge over which softness is measured
SOFTNESS_BLUR = 2.5  # px, sigma of the additional blur that measures softness
MISTAKEN = 0.15, 0.35  # mean error of the colour estimate beside the band, for full confidence and none
BLURS = 3.0  # extent of a blurred edge to either side, in sigmas


def solve_opacity(
    image: np.ndarray, unknown: np.ndarray, known: np.ndarray, guess: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """
    Args:
        image: `[h, w, 3]` float32 from 0 to 1.
        unknown: `[h, w]` bool, where opacity is solved for.
        known: `[h, w]` float32, opacity elsewhere.
        guess: `[h, w]` float32 from 0 to 1, opacity estimated from colour.
        weight: `[h, w]` float32, at least 0, weight of the guess relative to the Laplacian.

    Returns:
        `[h, w]` float32 from 0 to 1; `known` outside the unknown part.
    """
    padded = np.pad(unknown, 2)  # so that every window lies inside
    numbers = np.full(padded.shape, -1, np.int32)
    indices = np.flatnonzero(padded)
    numbers.flat[indices] = np.arange(len(indices))
    count, width = len(indices), padded.shape[1]
    if not count:
        return known
    values = np.pad(known, 2, mode="edge")
    entries = _laplacian(np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="edge"), padded, indices)
    beside = indices[:, None] + np.array([row * width + column for row in range(-2, 3) for column in range(-2, 3)])
    columns = numbers.take(beside)  # [n, 25]
    inside = columns >= 0
    own, expected = weight[unknown] + np.float32(1e-6), guess[unknown]
    right = own * expected - (entries * np.where(inside, 0, values.take(beside))).sum(1)
    diagonal = entries[:, SPAN**2 // 2]
    diagonal += own
    ends = np.append(0, inside.sum(1).cumsum()).astype(np.int32)
    matrix = csr_array((entries[inside], columns[inside], ends), shape=(count, count))
    solved, _ = cg(matrix, right, expected, rtol=CLOSE_ENOUGH, maxiter=STEPS, M=diags_array(1 / diagonal))
    result = known.copy()
    result[unknown] = solved.clip(0, 1)
    return result


def _laplacian(image: np.ndarray, unknown: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """`[n, 25]` float32: for each unknown pixel, in the order of their indices `[n]`, its row of the Laplacian,
    restricted to the 5x5 pixels around it."""
    width, planes = unknown.shape[1], np.ascontiguousarray(image.reshape(-1, 3).T)
    centres = np.flatnonzero(cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8)))
    window_of = np.zeros(unknown.size, np.int32)
    window_of[centres] = np.arange(len(centres))
    around = np.array([row * width + column for row, column in WINDOW])
    sums = np.zeros((SPAN**2, len(indices)), np.float32)
    for first in range(0, len(indices), PIXELS):
        own, some = indices[first : first + PIXELS], sums[:, first : first + PIXELS]
        low, high = np.searchsorted(centres, (own[0] - width - 1, own[-1] + width + 2))
        part = _of_windows(planes.take(centres[low:high] + around[:, None], 1))
        for place, (row, column) in enumerate(WINDOW):  # of the pixel in a window, and then of another one there
            window = window_of.take(own - around[place]) - low
            for other, (down, right) in enumerate(WINDOW):
                some[(down - row) * SPAN + right - column + SPAN**2 // 2] += part[place, other].take(window)
    return np.ascontiguousarray(sums.T)


def _of_windows(colors: np.ndarray) -> np.ndarray:
    """The contribution of each window to the Laplacian, `[9, 9, K]`, from its colours `[3, 9, K]`."""
    centred = colors - colors.mean(1, keepdims=True)
    covariance = np.empty((colors.shape[2], 3, 3), np.float32)
    for i, j in combinations_with_replacement(range(3), 2):
        covariance[:, i, j] = covariance[:, j, i] = (centred[i] * centred[j]).mean(0) + (FLAT / 9 if i == j else 0)
    inverse = np.moveaxis(torch.linalg.inv(torch.from_numpy(covariance)).numpy(), 0, -1).copy()  # [3, 3, K]
    weighted = [sum(inverse[i, j] * centred[j] for j in range(3)) for i in range(3)]
    result = np.empty((9, 9, colors.shape[2]), np.float32)
    for one in range(9):
        share = sum(w[one] * c[one:] for w, c in zip(weighted, centred, strict=True))
        result[one, one:] = result[one:, one] = -(1 + share) / 9
        result[one, one] += 1
    return result


def own_colors(image: np.ndarray, opacity: np.ndarray, around: int = COLOR_MARGIN) -> np.ndarray:
    """
    Args:
        image: `[h, w, 3]` float32 from 0 to 1.
        opacity: `[h, w]` float32 from 0 to 1.
        around: px around the non-transparent part, into which its colours are extended.

    Returns:
        `[h, w, 3]` from 0 to 1: exactly the image where opacity is 1.
    """
    height, width = opacity.shape
    levels = int(np.ceil(np.log2(max(height, width))))
    front = behind = None
    for level in range(levels + 1):
        size = tuple(max(1, round(side ** (level / levels))) if levels else side for side in (width, height))
        last = level == levels
        colors = image if last else cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
        share = opacity if last else cv2.resize(opacity, size, interpolation=cv2.INTER_NEAREST)
        colors = colors.reshape(size[1], size[0], 3)
        if front is None:
            front, behind = _mean(image, opacity), _mean(image, 1 - opacity)
        front, behind = (
            cv2.resize(each, size, interpolation=cv2.INTER_NEAREST).reshape(size[1], size[0], 3)
            for each in (front, behind)
        )
        _solve(colors, share, front, behind, MANY if max(size) <= SMALL else FEW, around)
    return np.where((opacity < 1)[..., None], front, image)


def _mean(image: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """`[1, 1, 3]`: the image's weighted mean."""
    return (np.tensordot(weight, image, 2) / max(float(weight.sum()), 1e-6))[None, None].astype(np.float32)


def _solve(
    image: np.ndarray, opacity: np.ndarray, front: np.ndarray, behind: np.ndarray, rounds: int, around: int
) -> None:
    """Improves both colours in place, by Jacobi iterations."""
    height, width = opacity.shape
    opaque, clear = opacity == 1, opacity == 0
    front[opaque], behind[clear] = image[opaque], image[clear]
    reach = np.ones((2 * around + 1, 2 * around + 1), np.uint8)
    near = cv2.dilate((~opaque & ~clear).astype(np.uint8), reach).astype(bool)
    rows, columns = np.nonzero(near)
    if not len(rows):
        return
    beside = [
        np.clip(rows + down, 0, height - 1) * width + np.clip(columns + right, 0, width - 1)
        for down, right in ((0, -1), (0, 1), (-1, 0), (1, 0))
    ]
    own = rows * width + columns
    share, flat = opacity.ravel()[own], opacity.ravel()
    pixels = image.reshape(-1, 3)[own]
    weights = [SMOOTH + SLOPE * np.abs(share - flat[place]) for place in beside]
    total = np.sum(weights, 0)
    a, b, d = share * share + total, share * (1 - share), (1 - share) ** 2 + total
    determinant = a * d - b * b
    fronts, behinds = front.reshape(-1, 3), behind.reshape(-1, 3)
    for _ in range(rounds):
        one = share[:, None] * pixels + sum(w[:, None] * fronts[p] for w, p in zip(weights, beside, strict=True))
        other = (1 - share)[:, None] * pixels + sum(
            w[:, None] * behinds[p] for w, p in zip(weights, beside, strict=True)
        )
        fronts[own] = np.clip((d[:, None] * one - b[:, None] * other) / determinant[:, None], 0, 1)
        behinds[own] = np.clip((a[:, None] * other - b[:, None] * one) / determinant[:, None], 0, 1)


@dataclass(frozen=True)
class LocalColors:
    """Opacity estimated from the colours of a picture near a cut.

    Attributes:
        guess: `[h, w]` float32 from 0 to 1, opacity.
        apart: `[h, w]` float32, separation of the colours inside and outside, in standard deviations.
    """

    guess: np.ndarray
    apart: np.ndarray

    @property
    def trust(self) -> np.ndarray:
        """`[h, w]` float32 from 0 to 1."""
        return ((self.apart - APART) / (FAR_APART - APART)).clip(0, 1)


def local_colors(image: np.ndarray, inside: np.ndarray, outside: np.ndarray, reach: int) -> LocalColors:
    """
    Args:
        image: `[h, w, 3]` float32 from 0 to 1.
        inside, outside: `[h, w]` float32 from 0 to 1, confidence that a pixel shows only one of them.
        reach: px, radius from which colours are taken.
    """
    planes, shrink = cv2.split(image), _shrink(reach)
    front, behind = (_statistics(planes, weight, reach, shrink) for weight in (inside, outside))
    difference = front[..., :3] - behind[..., :3]
    matrix = _symmetric((front[..., 3:] + behind[..., 3:]) / 2) + np.eye(3) * NOISE
    axis = np.linalg.solve(matrix, difference[..., None])[..., 0]  # [h / shrink, w / shrink, 3]
    squared = (axis * difference).sum(-1)
    axis /= np.maximum(squared, 1e-6)[..., None]
    zero = -(axis * behind[..., :3]).sum(-1)  # so that the colours outside give 0
    parts = (axis[..., 0], axis[..., 1], axis[..., 2], zero, np.sqrt(squared))
    *scales, zero, apart = (_enlarged(each, shrink, inside.shape) for each in parts)
    guess = sum(scale * plane for scale, plane in zip(scales, planes, strict=True)) + zero
    return LocalColors(guess.clip(0, 1), apart)


def _statistics(planes: Sequence[np.ndarray], weight: np.ndarray, reach: float, shrink: int) -> np.ndarray:
    """`[h / shrink, w / shrink, 9]`: weighted mean and covariance (upper triangle) of the colours around each pixel, or
    of the whole picture if nothing is near.

    Args:
        planes: `[h, w]` float32 each, red, green and blue.
        weight: `[h, w]` float32.
        reach, shrink: px.
    """
    weighted = [weight * plane for plane in planes]
    pairs = list(combinations_with_replacement(range(3), 2))
    products = (weighted[i] * planes[j] for i, j in pairs)
    small = [_shrunk(each, shrink) for each in (weight, *weighted, *products)]
    sums = np.stack([_around(each, reach / shrink) for each in small], -1)  # [h / shrink, w / shrink, 10]
    sums /= np.maximum(sums[..., :1], 1e-12)
    mean = sums[..., 1:4]
    covariance = [sums[..., 4 + k] - mean[..., i] * mean[..., j] for k, (i, j) in enumerate(pairs)]
    return np.concatenate([mean, np.stack(covariance, -1)], -1)


def _around(values: np.ndarray, sigma: float) -> np.ndarray:
    """`[h, w]`: the weighted sum of values `[h, w]` around each: near it, further away, and everywhere."""
    near = cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    size = tuple(max(1, side // FAR) for side in values.shape[::-1])
    far = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    far = cv2.GaussianBlur(far, (0, 0), 3 * sigma / FAR, borderType=cv2.BORDER_CONSTANT)
    far = cv2.resize(far, values.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return near + FURTHER * far + FURTHEST * float(values.mean())


def _shrink(reach: float) -> int:
    """px: the side of the squares in which what is looked at over a reach in px is averaged: a power of two."""
    return 2 ** max(0, min(MOST_SHRINK, int(np.log2(reach / LEAST_REACH))))


def _shrunk(values: np.ndarray, shrink: int) -> np.ndarray:
    """`[h / shrink, w / shrink]`, rounded up: means of values, a power of two to each side; 0 counts beyond them."""
    height, width = values.shape
    values = cv2.copyMakeBorder(values, 0, -height % shrink, 0, -width % shrink, cv2.BORDER_CONSTANT)
    while shrink > 1:
        values = cv2.resize(values, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        shrink //= 2
    return values


def _enlarged(values: np.ndarray, shrink: int, shape: tuple[int, int]) -> np.ndarray:
    """`[h, w]` float32 of a `shape`: what was found in values that were shrunk (`_shrunk`)."""
    size = shrink * values.shape[1], shrink * values.shape[0]
    large = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return large[: shape[0], : shape[1]]


def _symmetric(triangle: np.ndarray) -> np.ndarray:
    """`[..., 3, 3]` from upper triangles `[..., 6]`."""
    return triangle[..., [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(*triangle.shape[:-1], 3, 3)


def widths(size: tuple[int, int]) -> tuple[int, int]:
    """px: half width of the band at a hard edge, and at most, in a picture of a (width, height)."""
    longest = max(size)
    return max(LEAST_NARROW, round(NARROW * longest)), max(LEAST_WIDE, round(WIDE * longest))


def band(image: np.ndarray, cut: np.ndarray, colors: LocalColors, narrow: int, wide: int, strands: int) -> np.ndarray:
    """`[h, w]` bool: where opacity is unknown.

    Args:
        image: `[h, w, 3]` float32 from 0 to 1.
        cut: `[h, w]` bool.
        colors: inside and outside of the widest band.
        narrow, wide, strands: px, half width at a hard edge, at a soft one, and where strands stand out, at most.
    """
    distance = signed_distance(cut)
    depth = np.abs(distance)
    near, reach = depth <= narrow, depth <= wide
    blur = _blur(colors.guess, near)
    blur = np.where(cut, np.minimum(blur, _blur_of_colors(image, near)), blur)  # fur points outwards
    ring = (depth > wide) & (depth <= wide + 2 * narrow)
    predicted = predicts(colors.guess, cut, ring, wide)
    soft = reach & (colors.trust > 0) & (predicted > 0) & (depth <= BLURS * blur)
    level = cv2.medianBlur((colors.guess * 255).astype(np.uint8), THICK).astype(np.float32) / 255
    strand = (np.abs(colors.guess - level) > STRAND) & (depth <= strands) & (colors.apart > FAR_APART)
    astray = (np.abs(colors.guess - cut) > ASTRAY) & (colors.apart > VERY_FAR_APART) & (depth <= 3 * narrow)
    other = (strand & ~cut) | ((strand | astray) & _open_inside(colors.guess, cut)) | (astray & ~cut)
    other = cv2.dilate(cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_CLOSE, _disc(2)), _disc(1)) > 0
    found = near | soft | (other & (depth <= strands))
    return touching(found, near)


def predicts(guess: np.ndarray, cut: np.ndarray, ring: np.ndarray, reach: int) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1: how well colour separates inside from outside beside the band, around each pixel;
    the worse of both sides.

    Args:
        guess: `[h, w]` float32 from 0 to 1, the opacity estimated from colour.
        cut: `[h, w]` bool.
        ring: `[h, w]` bool, the surroundings.
        reach: px.
    """
    shrink = _shrink(reach / 2)
    wrong, found = np.abs(guess - cut), []
    for side in (cut, ~cut):
        part = (ring & side).astype(np.float32)
        small = (_shrunk(each, shrink) for each in (wrong * part, part))
        mistaken, seen = (cv2.GaussianBlur(each, (0, 0), reach / 2 / shrink) for each in small)
        found.append(mistaken / np.maximum(seen, 1e-6))
    worse = _enlarged(np.max(found, 0), shrink, cut.shape)
    return ((MISTAKEN[1] - worse) / (MISTAKEN[1] - MISTAKEN[0])).clip(0, 1)


def _open_inside(guess: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: pixels of the cut that look like background and are connected to the background outside."""
    ground = ~cut | (guess < 0.5)
    return cut & touching(ground, ~cut, connectivity=4)


def _blur(guess: np.ndarray, near: np.ndarray) -> np.ndarray:
    """`[h, w]`: the sigma, in px, of the edge's blur in the part `near` the cut: a blurred step of height 1 has a slope
    of at most 1 / (sqrt(2 pi) * sigma)."""
    steepest = np.maximum(_steepest(guess, near, 1), 1e-3)
    return np.sqrt(np.maximum(1 / (np.sqrt(2 * np.pi) * steepest) ** 2 - 1, 0))


def _blur_of_colors(image: np.ndarray, near: np.ndarray) -> np.ndarray:
    """The same from the picture, independent of the step's height: from how much a further blur reduces the slope (Zhuo
    and Sim, "Defocus map estimation from a single image", 2011)."""
    grey = image.mean(-1)
    sharp, smooth = (_steepest(grey, near, sigma) for sigma in (1, SOFTNESS_BLUR))
    ratio = np.maximum((sharp / np.maximum(smooth, 1e-4)) ** 2, 1.001)
    return np.sqrt(np.maximum((SOFTNESS_BLUR**2 - ratio) / (ratio - 1), 0))


def _steepest(values: np.ndarray, near: np.ndarray, sigma: float) -> np.ndarray:
    """`[h, w]`: the largest slope per px of values blurred by `sigma`, around each pixel, in the part `near`."""
    smooth = cv2.GaussianBlur(values, (0, 0), sigma)
    down, right = (cv2.Sobel(smooth, cv2.CV_32F, *of, scale=1 / 8) for of in ((0, 1), (1, 0)))
    slope = np.where(near, np.hypot(down, right), 0)
    return cv2.blur(cv2.dilate(slope, np.ones((2 * SIDEWAYS + 1,) * 2, np.uint8)), (2 * SIDEWAYS + 1,) * 2)


def signed_distance(cut: np.ndarray) -> np.ndarray:
    """`[h, w]` float32: signed distance from the cut in px, positive inside."""
    inside, outside = (cv2.distanceTransform(each.astype(np.uint8), cv2.DIST_L2, 5) for each in (cut, ~cut))
    return np.where(cut, inside - 0.5, 0.5 - outside)


def _disc(reach: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
