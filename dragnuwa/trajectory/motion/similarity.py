"""Shift, growth and turn of a plane, as tracks.

At s, from 0 to 1, the place z = x + iy (pixels, y downwards) is at

    centre + (1 + s * growth) * exp(i * s * angle) * (z - centre) + s * shift

so that shift and growth are straight lines, which two control points hold exactly. A turn is an arc; its control points
are places on it, with Bezier handles along its velocity (cubic Hermite), as many as keep it within 0.005 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..types import Point

ERROR = 0.005
"""Pixels by which a curve may stray from the motion."""


@dataclass(frozen=True)
class Similarity:
    """centre, shift: in pixels, x + iy. growth: 0.2 moves each place away from the centre by 20 % of its distance.
    angle: radians, above 0 clockwise."""

    centre: complex
    shift: complex = 0j
    growth: float = 0.0
    angle: float = 0.0

    def at(self, z: np.ndarray, s: np.ndarray) -> np.ndarray:
        """Places z [N] at s [K] -> [N, K]."""
        return self.centre + self._factor(s) * (z[:, None] - self.centre) + s * self.shift

    def origin(self, z: np.ndarray, s: np.ndarray) -> np.ndarray:
        """What comes to the places z [N] at s [K] -> [N, K], the reverse of `at`."""
        return self.centre + (z[:, None] - self.centre - s * self.shift) / self._factor(s)

    def velocity(self, z: np.ndarray, s: np.ndarray) -> np.ndarray:
        """The derivative of `at` by s, [N, K]."""
        change = (self.growth + 1j * self.angle * (1 + s * self.growth)) * np.exp(1j * s * self.angle)
        return change * (z[:, None] - self.centre) + self.shift

    def _factor(self, s: np.ndarray) -> np.ndarray:
        return (1 + s * self.growth) * np.exp(1j * s * self.angle)

    def segments(self, radius: float) -> int:
        """How many Bezier segments stay within ERROR for places up to `radius` pixels from the centre.

        Cubic Hermite interpolation over a step h strays by at most h^4 / 384 times the fourth derivative.
        """
        angle, growth = abs(self.angle), abs(self.growth)
        fourth = radius * (angle**4 * (1 + growth) + 4 * growth * angle**3)
        return max(1, int(np.ceil((fourth / 384 / ERROR) ** 0.25)))


def controls(motion: Similarity, places: np.ndarray, weights: np.ndarray, size: np.ndarray) -> list[tuple[Point, ...]]:
    """The control points of the tracks that begin at `places` [N, 2] and move by `weights` [N] times the motion, in
    fractions of a picture of `size` (width, height). Those of a straight line have no handles, others are "bezier"."""
    z = places[:, 0] + 1j * places[:, 1]  # [N]
    count = motion.segments(float(np.abs(z - motion.centre).max(initial=0.0)))
    s = np.arange(count + 1) / count
    path = z[:, None] + weights[:, None] * (motion.at(z, s) - z[:, None])  # [N, K]
    handle = weights[:, None] * motion.velocity(z, s) / (3 * count)  # [N, K]
    points, handles = (np.stack([a.real, a.imag], axis=-1) / size for a in (path, handle))  # [N, K, 2]
    if motion.angle == 0:
        return [tuple(Point(x, y) for x, y in track) for track in points.tolist()]
    return [
        tuple(Point(x, y, None, (-dx, -dy), (dx, dy)) for (x, y), (dx, dy) in zip(track, along, strict=True))
        for track, along in zip(points.tolist(), handles.tolist(), strict=True)
    ]
