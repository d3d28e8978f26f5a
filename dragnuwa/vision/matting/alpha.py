"""Opacity in a band around an edge: the matting Laplacian and a local colour model, solved together.

The Laplacian is that of Levin, Lischinski and Weiss ("A closed-form solution to natural image matting", 2008): in each
window of 3x3 pixels opacity is a linear function of colour. The opacity estimated from a pixel's colour alone is added
as a weighted data term, as in Wang and Cohen ("Optimized color sampling for robust matting", 2007): the colours inside
and outside near the cut give an estimate and its confidence for each pixel, by Fisher's linear discriminant of two
normal distributions. The band is as wide as the error of the cut, wider where the picture is soft."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import cg

FLAT = 1e-5  # variance of colours (0 to 1) in a window that counts as noise
STEPS = 60  # maximum number of conjugate gradient iterations
CLOSE_ENOUGH = 3e-3  # relative residual at which they stop
WINDOW = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
SPAN = 5  # px, size of the neighbourhood that shares a window with a pixel
WINDOWS = 2**16  # processed at a time
COLOR_MARGIN = 3  # px around the non-transparent part, into which its colours are extended
SMOOTH, SLOPE = 1e-5, 1.0  # weight of smoothness, and its increase per change of opacity
SMALL, MANY, FEW = 32, 10, 2  # levels smaller than this (px) take many iterations, others few
NARROW, LEAST_NARROW = 0.003, 3  # of the longer side, and px: half width of the band at a hard edge
WIDE, LEAST_WIDE = 0.02, 10  # the same where the edge is soft, or has hair
NOISE = 2e-4  # variance added to that of the colours
SHRINK = 4  # downsampling factor for the colour statistics
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
    numbers = np.full(padded.shape, -1)
    indices = np.flatnonzero(padded)
    numbers.flat[indices] = np.arange(len(indices))
    count, width = len(indices), padded.shape[1]
    if not count:
        return known
    values = np.pad(known, 2, mode="edge")
    diagonals = _laplacian(np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="edge"), padded, numbers)
    offsets = np.array([row * width + column for row in range(-2, 3) for column in range(-2, 3)])
    beside = indices[:, None] + offsets  # [n, 25]
    columns, rest = numbers.flat[beside], values.flat[beside]
    outside = columns < 0
    right = -(diagonals * np.where(outside, rest, 0)).sum(1)
    entries = np.where(outside, 0, diagonals)
    ends = np.arange(count + 1) * SPAN**2
    matrix = csr_array((entries.ravel(), np.where(outside, 0, columns).ravel(), ends), shape=(count, count))
    matrix.eliminate_zeros()
    own, expected = weight[unknown] + np.float32(1e-6), guess[unknown]
    matrix = (matrix + diags_array(own)).astype(np.float32)
    right = (right + own * expected).astype(np.float32)
    scale = 1 / matrix.diagonal()
    solved, _ = cg(matrix, right, expected, rtol=CLOSE_ENOUGH, maxiter=STEPS, M=diags_array(scale))
    result = known.copy()
    result[unknown] = solved.clip(0, 1)
    return result


def _laplacian(image: np.ndarray, unknown: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """`[n, 25]` float64: for each unknown pixel, in the order of `numbers`, its row of the Laplacian, restricted to the
    5x5 pixels around it."""
    width = unknown.shape[1]
    touched = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    centres = np.flatnonzero(touched)
    around = np.array([row * width + column for row, column in WINDOW])
    slots = np.array([[(c - a) * SPAN + (d - b) + 12 for c, d in WINDOW] for a, b in WINDOW])  # [9, 9]
    count = int(unknown.sum())
    sums = np.zeros(count * SPAN**2)
    pixels = torch.from_numpy(np.ascontiguousarray(image.reshape(-1, 3)))
    for first in range(0, len(centres), WINDOWS):
        indices = centres[first : first + WINDOWS, None] + around  # [K, 9]
        part = _of_windows(pixels[torch.from_numpy(indices)]).numpy()  # [K, 9, 9]
        rows = numbers.flat[indices]
        inside = rows >= 0
        index = rows[inside][:, None] * SPAN**2 + slots[np.nonzero(inside)[1]]  # [m, 9]
        sums += np.bincount(index.ravel(), part[inside].ravel(), len(sums))
    return sums.reshape(count, SPAN**2)


def _of_windows(colors: torch.Tensor) -> torch.Tensor:
    """The contribution of each window to the Laplacian, `[K, 9, 9]`, from its colours `[K, 9, 3]`."""
    centred = colors - colors.mean(1, keepdim=True)
    covariance = centred.mT @ centred / 9 + torch.eye(3) * (FLAT / 9)
    share = centred @ torch.linalg.inv(covariance) @ centred.mT  # [K, 9, 9]
    return torch.eye(9) - (1 + share) / 9


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
    height, width = inside.shape
    front, behind = (_statistics(image, weight, reach) for weight in (inside, outside))
    spread = (front[..., 3:] + behind[..., 3:]) / 2
    large = cv2.resize(np.concatenate([front[..., :3], behind[..., :3]], -1), (width, height))
    difference = front[..., :3] - behind[..., :3]
    matrix = _symmetric(spread) + np.eye(3) * NOISE
    axis = np.linalg.solve(matrix, difference[..., None])[..., 0]  # [h / SHRINK, w / SHRINK, 3]
    squared = (axis * difference).sum(-1)
    axis = cv2.resize((axis / np.maximum(squared, 1e-6)[..., None]).astype(np.float32), (width, height))
    guess = ((image - large[..., 3:]) * axis).sum(-1).clip(0, 1)
    apart = cv2.resize(np.sqrt(squared).astype(np.float32), (width, height))
    return LocalColors(guess.astype(np.float32), apart)


def _statistics(image: np.ndarray, weight: np.ndarray, reach: int) -> np.ndarray:
    """`[h / SHRINK, w / SHRINK, 9]`: weighted mean and covariance (upper triangle) of the colours around each pixel, or
    of the whole picture if nothing is near."""
    height, width = weight.shape
    size = max(1, -(-width // SHRINK)), max(1, -(-height // SHRINK))
    pairs = [(i, j) for i in range(3) for j in range(i, 3)]
    products = (image[..., i] * image[..., j] for i, j in pairs)
    values = np.stack([np.ones_like(weight), *np.moveaxis(image, -1, 0), *products], -1) * weight[..., None]
    parts = (cv2.resize(values[..., k : k + 2], size, interpolation=cv2.INTER_AREA) for k in range(0, 10, 2))
    small = np.concatenate([part.reshape(size[1], size[0], 2) for part in parts], -1)
    sigma = max(1.0, reach / SHRINK)
    near, far = (cv2.GaussianBlur(small, (0, 0), of, borderType=cv2.BORDER_CONSTANT) for of in (sigma, 3 * sigma))
    sums = near + FURTHER * far + FURTHEST * small.mean((0, 1))
    sums = sums / np.maximum(sums[..., :1], 1e-12)
    mean = sums[..., 1:4]
    covariance = [sums[..., 4 + k] - mean[..., i] * mean[..., j] for k, (i, j) in enumerate(pairs)]
    return np.concatenate([mean, np.stack(covariance, -1)], -1)


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
    _, label = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    return found & np.isin(label, np.unique(label[near]))


def predicts(guess: np.ndarray, cut: np.ndarray, ring: np.ndarray, reach: int) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1: how well colour separates inside from outside beside the band, around each pixel;
    the worse of both sides.

    Args:
        guess: `[h, w]` float32 from 0 to 1, the opacity estimated from colour.
        cut: `[h, w]` bool.
        ring: `[h, w]` bool, the surroundings.
        reach: px.
    """
    found = []
    for side in (cut, ~cut):
        part = (ring & side).astype(np.float32)
        wrong = np.abs(guess - cut) * part
        wrong, part = (cv2.GaussianBlur(each, (0, 0), reach / 2) for each in (wrong, part))
        found.append(wrong / np.maximum(part, 1e-6))
    return ((MISTAKEN[1] - np.max(found, 0)) / (MISTAKEN[1] - MISTAKEN[0])).clip(0, 1)


def _open_inside(guess: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """`[h, w]` bool: pixels of the cut that look like background and are connected to the background outside."""
    ground = (~cut | (guess < 0.5)).astype(np.uint8)
    _, label = cv2.connectedComponents(ground, connectivity=4)
    return cut & (ground > 0) & np.isin(label, np.unique(label[~cut]))


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
