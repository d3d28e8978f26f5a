"""How layers of a picture move: by a similarity transform, or by an inverse-distance warp between tracks.

Points are complex numbers x + iy in pixels, as in `dragnuwa.trajectory.motion.similarity`. Warps are backward: they map
points of a frame to their source in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np

from ..trajectory.motion.similarity import SimilarityTransform

DISTANCES = 2**22  # pairs of points and tracks processed at a time


class Warp(Protocol):
    """The motion of a layer."""

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        """The source in the picture of `positions` (complex, any shape) of a frame; NaN where unknown."""

    def reach(self, box: Box, time: int) -> Box:
        """The bounding box, in a frame, of the picture's `box`."""


@dataclass(frozen=True)
class SimilarityWarp:
    """A similarity transform: the layer is translated, rotated and scaled as a whole."""

    motion: SimilarityTransform

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        return (positions - self.motion.shift[time]) / self.motion.factor[time]

    def reach(self, box: Box, time: int) -> Box:
        corners = self.motion.factor[time] * box.corners() + self.motion.shift[time]
        return Box.around(corners, 1)


@dataclass(frozen=True)
class InverseDistanceWarp:
    """Tracks that are close and move alike: the motion between them is interpolated by Shepard's inverse-distance
    weights ("A two-dimensional interpolation function for irregularly-spaced data", 1968), exact on the tracks.

    Attributes:
        points: `[n, T]` complex.
        radius: in pixels, of what a track carries.
    """

    points: np.ndarray
    radius: float

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        """As `Warp.sources`; NaN where no track is near."""
        there, displacement = self.points[:, time], self.points[:, time] - self.points[:, 0]
        flat, moved = positions.ravel(), np.empty(positions.size, complex)
        step = max(1, DISTANCES // len(there))
        for first in range(0, len(flat), step):
            part = flat[first : first + step]
            distance = np.abs(part[:, None] - there)  # [P, n]
            weight = 1 / (distance**4 + 1e-9)
            moved[first : first + step] = np.where(
                distance.min(1) <= 2 * self.radius, part - (weight @ displacement) / weight.sum(1), np.nan
            )
        return moved.reshape(positions.shape)

    def reach(self, box: Box, time: int) -> Box:
        return Box.around(self.points[:, time], 2 * self.radius)


@dataclass(frozen=True)
class ResampledWarp:
    """A warp resampled to another frame rate, by linear interpolation between its frames.

    Attributes:
        warp: the original.
        step: frames of the original per frame of this one.
    """

    warp: Warp
    step: Fraction

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        before, part = divmod(time * self.step, 1)
        first = self.warp.sources(positions, int(before))
        if not part:
            return first
        return first + float(part) * (self.warp.sources(positions, int(before) + 1) - first)

    def reach(self, box: Box, time: int) -> Box:
        before, part = divmod(time * self.step, 1)
        first = self.warp.reach(box, int(before))
        return first.joined(self.warp.reach(box, int(before) + 1)) if part else first


def resampled(warp: Warp | None, step: Fraction) -> Warp | None:
    """`ResampledWarp`, or the warp itself if the rates are the same; None stays None."""
    if isinstance(warp, ResampledWarp):
        warp, step = warp.warp, warp.step * step
    return warp if warp is None or step == 1 else ResampledWarp(warp, step)


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


def for_grid_sample(positions: np.ndarray, width: int, height: int) -> np.ndarray:
    """Points `[...]` (complex, in pixels of a picture of that size) for `torch.nn.functional.grid_sample` with
    `align_corners=False`: `[..., 2]`, from -1 to 1."""
    return np.stack([(2 * positions.real + 1) / width - 1, (2 * positions.imag + 1) / height - 1], axis=-1)
