"""Grids of pixels: boxes of them, and two of them on one picture.

Pixel centres lie at whole numbers, so that a picture's corner is half a pixel from its first one's centre, and what is
scaled is scaled about that corner. Points are complex numbers x + iy, in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

Size = np.ndarray | tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Whole pixels `left <= x < right`, `top <= y < bottom`."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, positions: np.ndarray, margin: float) -> Box:
        x, y = positions.real, positions.imag
        left, top = np.floor((x.min() - margin, y.min() - margin)).astype(int)
        right, bottom = np.ceil((x.max() + margin, y.max() + margin)).astype(int) + 1
        return cls(int(left), int(top), int(right), int(bottom))

    @classmethod
    def of(cls, area: np.ndarray) -> Box:
        """The smallest box that contains an area `[h, w]` bool, which is not empty."""
        rows, columns = np.flatnonzero(area.any(1)), np.flatnonzero(area.any(0))
        return cls(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.right - self.left, self.bottom - self.top

    def within(self, width: int, height: int) -> Box:
        return self.common(Box(0, 0, width, height))

    def common(self, other: Box) -> Box:
        """What lies in both."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def shifted(self, x: int, y: int) -> Box:
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def grown(self, margin: int) -> Box:
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def joined(self, other: Box) -> Box:
        """The smallest box that contains both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def corners(self) -> np.ndarray:
        x, y = np.array([self.left, self.right - 1]), np.array([self.top, self.bottom - 1])
        return (x + 1j * y[:, None]).ravel()

    def positions(self) -> np.ndarray:
        """`[h, w]` complex: its pixels."""
        return np.arange(self.left, self.right) + 1j * np.arange(self.top, self.bottom)[:, None]

    def holds(self, positions: np.ndarray) -> np.ndarray:
        """Which points (complex) lie on one of its pixels, whose centres are whole numbers; NaN does not."""
        x, y = positions.real, positions.imag
        return (x > self.left - 0.5) & (x < self.right - 0.5) & (y > self.top - 0.5) & (y < self.bottom - 0.5)

    @property
    def empty(self) -> bool:
        return self.left >= self.right or self.top >= self.bottom

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of an array of the picture's size."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def pixel_grid(width: int, height: int) -> np.ndarray:
    """`[height, width, 2]` float32: the position of each pixel, (x, y)."""
    return np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)), -1)


def for_grid_sample(positions: np.ndarray, width: int, height: int) -> np.ndarray:
    """Points `[...]` (complex, in pixels of a picture of that size) for `torch.nn.functional.grid_sample` with
    `align_corners=False`: `[..., 2]`, from -1 to 1."""
    return np.stack([(2 * positions.real + 1) / width - 1, (2 * positions.imag + 1) / height - 1], axis=-1)


def rescaled(points: np.ndarray, size: Size, to: Size) -> np.ndarray:
    """Points `[..., 2]` in pixels of a picture of a (width, height), in those of the picture scaled to another."""
    return (points + 0.5) * to / size - 0.5


def rescaled_positions(positions: np.ndarray, size: Size, to: Size) -> np.ndarray:
    """`rescaled` for complex points; the same array if the sizes are equal."""
    if tuple(size) == tuple(to):
        return positions
    points = rescaled(np.stack([positions.real, positions.imag], -1), np.array(size), np.array(to))
    return points[..., 0] + 1j * points[..., 1]


def about_corner(x: float, y: float) -> np.ndarray:
    """`[3, 3]`: `rescaled` for homogeneous coordinates."""
    centred = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    return np.linalg.inv(centred) @ np.diag([x, y, 1.0]) @ centred


@dataclass(frozen=True)
class Grid:
    """Two pixel grids on one picture: at full size, and at the size at which a clip is analysed.

    Attributes:
        full: (width, height) of the picture.
        small: (width, height) of the analysed clip.
    """

    full: tuple[int, int]
    small: tuple[int, int]

    @cached_property
    def scale(self) -> tuple[float, float]:
        """Small pixels per full pixel, along x and y."""
        return self.small[0] / self.full[0], self.small[1] / self.full[1]

    @cached_property
    def positions(self) -> np.ndarray:
        """`[h, w]`: the small pixels, in full ones."""
        return self.to_full(Box(0, 0, *self.small).positions())

    def to_small(self, positions: np.ndarray) -> np.ndarray:
        (x, y), small = self.scale, np.empty(positions.shape, complex)
        small.real, small.imag = x * positions.real + 0.5 * (x - 1), y * positions.imag + 0.5 * (y - 1)
        return small

    def to_full(self, positions: np.ndarray) -> np.ndarray:
        (x, y), full = self.scale, np.empty(positions.shape, complex)
        full.real, full.imag = positions.real / x + 0.5 * (1 / x - 1), positions.imag / y + 0.5 * (1 / y - 1)
        return full

    def inside(self, positions: np.ndarray) -> np.ndarray:
        """Which points, in full pixels, lie on the picture; NaN does not."""
        return Box(0, 0, *self.full).holds(positions)


def look_up(picture: np.ndarray, positions: np.ndarray, border: int = cv2.BORDER_REPLICATE) -> np.ndarray:
    """Bilinear lookup in `[h, w]` or `[h, w, C]` float32 at `positions` (complex, in its pixels; NaN is undefined)."""
    x, y = positions.real.astype(np.float32), positions.imag.astype(np.float32)
    for part in (x, y):
        cv2.patchNaNs(part, 0)  # in place
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=border)


def nearest(picture: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """`[..., C]` or `[...]`: the pixels of `picture` [H, W, C] or [H, W] that are nearest to `positions` [...]
    (complex)."""
    height, width = picture.shape[:2]
    return picture[positions.imag.round().astype(int).clip(0, height - 1),
                   positions.real.round().astype(int).clip(0, width - 1)]  # fmt: skip


def continued(values: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values `[h, w]` or `[h, w, C]`, and the nearest of them where they are not `known` `[h, w]` bool, which holds
    somewhere; and how far that is, `[h, w]` float32 px."""
    distance, label = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros((label.max() + 1, *values.shape[2:]), values.dtype)
    of_label[label[known]] = values[known]
    return of_label[label], distance


def smooth(values: np.ndarray, weight: np.ndarray, sigma: float) -> np.ndarray:
    """The weighted mean around each place of `[h, w]` or `[h, w, C]` float32, by a Gaussian of `sigma` px. (Normalised
    convolution: Knutsson and Westin, CVPR 1993.)"""
    weight = weight + np.float32(1e-4)
    total = cv2.GaussianBlur(weight, (0, 0), sigma)
    if values.ndim == 3:
        return cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma) / total[..., None]
    return cv2.GaussianBlur(values * weight, (0, 0), sigma) / total


def shares(first: float, step: float, count: int, size: int) -> np.ndarray:
    """`[count, size]` float32: how much of each of `count` large pixels, which begin at `first` and are `step` pixels
    wide, is each of `size` pixels in a row. What lies beyond the row is nowhere."""
    edges = first + np.arange(count + 1)[:, None] * step
    pixels = np.arange(size)
    common = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    return (common.clip(0) / step).astype(np.float32)
