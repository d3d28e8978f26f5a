"""How pieces of a picture move: as one body, or as a sheet that bends a little.

Places are complex numbers x + iy in pixels: a similarity is then one product and one sum, and its least-squares fit one
quotient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REST = 1e-3  # px; what moves less is still
DISTANCES = 2**22  # between places and tracks, computed at a time


@dataclass(frozen=True)
class Body:
    """What keeps its shape: `q = turn * s + shift`, rotation, scale and shift of each frame.

    Attributes:
        turn, shift: `[T]` complex.
    """

    turn: np.ndarray
    shift: np.ndarray

    def sources(self, places: np.ndarray, time: int) -> np.ndarray:
        """Where in the picture what is at `places` (complex, any shape) at a frame comes from."""
        return (places - self.shift[time]) / self.turn[time]

    def reach(self, box: Box, time: int) -> Box:
        """The box that holds what was in `box` of the picture."""
        corners = self.turn[time] * box.corners() + self.shift[time]
        return Box.around(corners, 1)


@dataclass(frozen=True)
class Sheet:
    """Tracks that lie close and move alike: between them the motion is interpolated by Shepard's inverse-distance
    weights ("A two-dimensional interpolation function for irregularly-spaced data", 1968), exact on the tracks.

    Attributes:
        points: `[n, T]` complex.
        radius: in pixels, that a track carries.
    """

    points: np.ndarray
    radius: float

    def sources(self, places: np.ndarray, time: int) -> np.ndarray:
        """As `Body.sources`; NaN where no track is near."""
        there, displacement = self.points[:, time], self.points[:, time] - self.points[:, 0]
        flat, moved = places.ravel(), np.empty(places.size, complex)
        step = max(1, DISTANCES // len(there))
        for first in range(0, len(flat), step):
            part = flat[first : first + step]
            distance = np.abs(part[:, None] - there)  # [P, n]
            weight = 1 / (distance**4 + 1e-9)
            moved[first : first + step] = np.where(
                distance.min(1) <= 2 * self.radius, part - (weight @ displacement) / weight.sum(1), np.nan
            )
        return moved.reshape(places.shape)

    def reach(self, box: Box, time: int) -> Box:
        return Box.around(self.points[:, time], 2 * self.radius)


@dataclass(frozen=True)
class Box:
    """Whole pixels `left <= x < right`, `top <= y < bottom`."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, places: np.ndarray, margin: float) -> Box:
        x, y = places.real, places.imag
        left, top = np.floor((x.min() - margin, y.min() - margin)).astype(int)
        right, bottom = np.ceil((x.max() + margin, y.max() + margin)).astype(int) + 1
        return cls(int(left), int(top), int(right), int(bottom))

    def within(self, width: int, height: int) -> Box:
        return Box(max(self.left, 0), max(self.top, 0), min(self.right, width), min(self.bottom, height))

    def corners(self) -> np.ndarray:
        x, y = np.array([self.left, self.right - 1]), np.array([self.top, self.bottom - 1])
        return (x + 1j * y[:, None]).ravel()

    def places(self) -> np.ndarray:
        """`[h, w]` complex: its pixels."""
        return np.arange(self.left, self.right) + 1j * np.arange(self.top, self.bottom)[:, None]

    @property
    def empty(self) -> bool:
        return self.left >= self.right or self.top >= self.bottom

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of an array of the picture's size."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def fit_body(tracks: np.ndarray, known: np.ndarray | None = None) -> Body:
    """The motion of a body on which the tracks `[n, T]` (complex) lie: a shift for one track, a rotation and a shift
    for two, with a scale from three on, by least squares (Umeyama, "Least-squares estimation of transformation
    parameters between two point patterns", 1991).

    Args:
        tracks: places, of which all are known in frame 0.
        known: `[n, T]` bool, which of them count; None for all. Where too few do, the body turns no further, or rests.
    """
    known = np.ones(tracks.shape, bool) if known is None else known
    count = known.sum(0)  # [T]
    starts = tracks[:, :1]
    before, after = ((known * places).sum(0) / np.maximum(count, 1) for places in (starts, tracks))
    arms, moved = known * (starts - before), tracks - after  # [n, T]
    square = (np.abs(arms) ** 2).sum(0)
    spread = square >= REST**2
    turn = (arms.conj() * moved).sum(0) / np.where(spread, square, 1)
    turn = np.where(np.abs(turn) < 1e-3, 1, turn)  # tracks that meet in one point say nothing of the turn
    if len(tracks) < 3:
        turn = turn / np.abs(turn)
    turn[0] = 1
    turn = turn[_latest(spread)]
    return Body(turn, (after - turn * before)[_latest(count > 0)])


def _latest(holds: np.ndarray) -> np.ndarray:
    """`[T]`: of each frame, the last one until then in which it holds, or frame 0."""
    return np.maximum.accumulate(np.where(holds, np.arange(len(holds)), 0))
