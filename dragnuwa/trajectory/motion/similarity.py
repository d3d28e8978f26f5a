"""A similarity transform of the plane that increases with time, as control points of tracks.

Points are complex numbers x + iy in pixels, y downwards, as in `dragnuwa.geometry.similarity`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.interrupt import watched
from ..types import Point

ERROR = 0.005
"""Maximum deviation of a curve from the motion, in pixels."""


@dataclass(frozen=True)
class SimilarityMotion:
    """A similarity transform that increases with time s, from 0 (identity) to 1. The point z moves to

        centre + (1 + s * growth) * exp(i * s * angle) * (z - centre) + s * shift

    so shift and growth are straight lines, which two control points represent exactly. A rotation is an arc; its
    control points lie on it, with Bezier handles along its velocity (cubic Hermite), as many as keep the error within
    0.005 pixels.

    Attributes:
        centre, shift: in pixels, x + iy.
        growth: 0.2 moves each point away from the centre by 20 % of its distance.
        angle: radians, positive is clockwise.
    """

    centre: complex
    shift: complex = 0j
    growth: float = 0.0
    angle: float = 0.0

    @property
    def rests(self) -> bool:
        """Whether nothing moves."""
        return (self.shift, self.growth, self.angle) == (0, 0, 0)

    def at(self, z: np.ndarray, s: np.ndarray) -> np.ndarray:
        """Moves points z [N] to times s [K]: [N, K]."""
        return self.centre + self._factor(s) * (z[:, None] - self.centre) + s * self.shift

    def origin(self, z: np.ndarray, s: np.ndarray) -> np.ndarray:
        """The points that reach z [N] at times s [K]: [N, K], the inverse of `at`."""
        return self.centre + (z[:, None] - self.centre - s * self.shift) / self._factor(s)

    def velocity(self, z: np.ndarray, s: np.ndarray) -> np.ndarray:
        """The derivative of `at` by s, [N, K]."""
        change = (self.growth + 1j * self.angle * (1 + s * self.growth)) * np.exp(1j * s * self.angle)
        return change * (z[:, None] - self.centre) + self.shift

    def _factor(self, s: np.ndarray) -> np.ndarray:
        return (1 + s * self.growth) * np.exp(1j * s * self.angle)

    def segments(self, radius: float) -> int:
        """How many Bezier segments stay within ERROR for points up to `radius` pixels from the centre.

        The error of cubic Hermite interpolation over a step h is at most h^4 / 384 times the fourth derivative.
        """
        angle, growth = abs(self.angle), abs(self.growth)
        fourth = radius * (angle**4 * (1 + growth) + 4 * growth * angle**3)
        return max(1, int(np.ceil((fourth / 384 / ERROR) ** 0.25)))


def controls(
    motion: SimilarityMotion, positions: np.ndarray, weights: np.ndarray, size: np.ndarray
) -> list[tuple[Point, ...]]:
    """The control points of tracks that begin at `positions` [N, 2] and follow `weights` [N] times the motion, in
    fractions of a picture of `size` (width, height). Straight lines have no handles, others are "bezier"."""
    z = positions[:, 0] + 1j * positions[:, 1]  # [N]
    count = motion.segments(float(np.abs(z - motion.centre).max(initial=0.0)))
    s = np.arange(count + 1) / count
    path = z[:, None] + weights[:, None] * (motion.at(z, s) - z[:, None])  # [N, K]
    handle = weights[:, None] * motion.velocity(z, s) / (3 * count)  # [N, K]
    points, handles = (np.stack([a.real, a.imag], axis=-1) / size for a in (path, handle))  # [N, K, 2]
    if motion.angle == 0:
        return [tuple(Point(x, y) for x, y in track.tolist()) for track in watched(points)]
    return [
        tuple(
            Point(x, y, None, (-dx, -dy), (dx, dy))
            for (x, y), (dx, dy) in zip(track.tolist(), along.tolist(), strict=True)
        )
        for track, along in watched(zip(points, handles, strict=True))
    ]
