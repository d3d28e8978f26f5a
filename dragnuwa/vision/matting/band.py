"""The band around a cut in which opacity is open: as narrow as the cut may be wrong, wider where the picture is soft.

The colours near the cut, inside and outside, say for each pixel how opaque it seems, and how surely: Fisher's linear
discriminant of two normal distributions, that of the thing's colours and that of the ground's.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

NARROW, LEAST_NARROW = 0.003, 3  # of the longer side, and px: half the width of the band at a hard edge
WIDE, LEAST_WIDE = 0.02, 10  # the same where the edge is soft, or hair stands off
NOISE = 2e-4  # variance that is added to the colours' own
SHRINK = 4  # by which the picture is made smaller for the statistics of colours
FURTHER, FURTHEST = 0.02, 1e-7  # weights of what is three times as far away, and of the whole
APART, FAR_APART = 2.0, 4.0  # standard deviations between the two colours, for no trust in them and for full trust
STRAND = 0.25  # opacity by which a strand of hair differs from what is beside it
ASTRAY, VERY_FAR_APART = 0.5, 6.0  # error of the cut by what the colours say, which are so far apart
THICK = 9  # px, width of what is no strand any more
SIDEWAYS = 6  # px along the edge over which its softness is measured
AGAIN = 2.5  # px, standard deviation by which an edge is blurred once more
MISTAKEN = 0.15, 0.35  # mean error of what the colours say beside the band, for full trust and for none
BLURS = 3.0  # standard deviations of its blur, to which an edge reaches to either side


@dataclass(frozen=True)
class LocalColors:
    """What the colours of a picture near a cut say.

    Attributes:
        guess: `[h, w]` float32 from 0 to 1, opacity.
        apart: `[h, w]` float32, standard deviations between the colours inside and outside.
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
        inside, outside: `[h, w]` float32 from 0 to 1, how surely a pixel shows the thing alone, and the ground alone.
        reach: px, from which colours are taken.
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
    """`[h / SHRINK, w / SHRINK, 9]`: the weighted mean of the colours around each place, and their covariance (upper
    triangle). Where nothing is near, that of the whole."""
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
    """px: half the width of the band at a hard edge, and at most, in a picture of a (width, height)."""
    longest = max(size)
    return max(LEAST_NARROW, round(NARROW * longest)), max(LEAST_WIDE, round(WIDE * longest))


def band(image: np.ndarray, cut: np.ndarray, colors: LocalColors, narrow: int, wide: int) -> np.ndarray:
    """`[h, w]` bool: where opacity is open.

    Args:
        image: `[h, w, 3]` float32 from 0 to 1.
        cut: `[h, w]` bool.
        colors: inside and outside of the widest band.
        narrow, wide: px, its half width at a hard edge, and at most.
    """
    distance = signed_distance(cut)
    depth = np.abs(distance)
    near, reach = depth <= narrow, depth <= wide
    blur = _blur(colors.guess, near)
    blur = np.where(cut, np.minimum(blur, _blur_of_colors(image, near)), blur)  # fur stands off outwards
    ring = (depth > wide) & (depth <= wide + 2 * narrow)
    predicted = predicts(colors.guess, cut, ring, wide)
    soft = reach & (colors.trust > 0) & (predicted > 0) & (depth <= BLURS * blur)
    level = cv2.medianBlur((colors.guess * 255).astype(np.uint8), THICK).astype(np.float32) / 255
    strand = (np.abs(colors.guess - level) > STRAND) & reach & (colors.apart > FAR_APART)
    astray = (np.abs(colors.guess - cut) > ASTRAY) & (colors.apart > VERY_FAR_APART) & (depth <= 3 * narrow)
    other = (strand & ~cut) | ((strand | astray) & _open_inside(colors.guess, cut)) | (astray & ~cut)
    other = cv2.dilate(cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_CLOSE, _disc(2)), _disc(1)) > 0
    found = near | soft | (other & reach)
    _, label = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    return found & np.isin(label, np.unique(label[near]))


def predicts(guess: np.ndarray, cut: np.ndarray, ring: np.ndarray, reach: int) -> np.ndarray:
    """`[h, w]` float32 from 0 to 1: how well the colours of the band's surroundings say which of them lie inside and
    which outside, around each place: the worse of both.

    Args:
        guess: `[h, w]` float32 from 0 to 1, the opacity that they say.
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
    """`[h, w]` bool: what seems to be ground within the cut, and hangs together with the ground outside."""
    ground = (~cut | (guess < 0.5)).astype(np.uint8)
    _, label = cv2.connectedComponents(ground, connectivity=4)
    return cut & (ground > 0) & np.isin(label, np.unique(label[~cut]))


def _blur(guess: np.ndarray, near: np.ndarray) -> np.ndarray:
    """`[h, w]`: the standard deviation, in px, of the blur of the edge that is in the part `near` the cut: a blurred
    step of height 1 has a slope of at most 1 / (sqrt(2 pi) * deviation)."""
    steepest = np.maximum(_steepest(guess, near, 1), 1e-3)
    return np.sqrt(np.maximum(1 / (np.sqrt(2 * np.pi) * steepest) ** 2 - 1, 0))


def _blur_of_colors(image: np.ndarray, near: np.ndarray) -> np.ndarray:
    """The same from the picture, whatever the height of the step: by how much less steep it becomes when it is blurred
    once more (Zhuo and Sim, "Defocus map estimation from a single image", 2011)."""
    grey = image.mean(-1)
    sharp, smooth = (_steepest(grey, near, sigma) for sigma in (1, AGAIN))
    ratio = np.maximum((sharp / np.maximum(smooth, 1e-4)) ** 2, 1.001)
    return np.sqrt(np.maximum((AGAIN**2 - ratio) / (ratio - 1), 0))


def _steepest(values: np.ndarray, near: np.ndarray, sigma: float) -> np.ndarray:
    """`[h, w]`: the largest slope per px of values blurred by `sigma`, around each place, in the part `near`."""
    smooth = cv2.GaussianBlur(values, (0, 0), sigma)
    down, right = (cv2.Sobel(smooth, cv2.CV_32F, *of, scale=1 / 8) for of in ((0, 1), (1, 0)))
    slope = np.where(near, np.hypot(down, right), 0)
    return cv2.blur(cv2.dilate(slope, np.ones((2 * SIDEWAYS + 1,) * 2, np.uint8)), (2 * SIDEWAYS + 1,) * 2)


def signed_distance(cut: np.ndarray) -> np.ndarray:
    """`[h, w]` float32: px from the cut, above 0 inside."""
    inside, outside = (cv2.distanceTransform(each.astype(np.uint8), cv2.DIST_L2, 5) for each in (cut, ~cut))
    return np.where(cut, inside - 0.5, 0.5 - outside)


def _disc(reach: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
