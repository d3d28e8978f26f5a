"""Similarity transforms of the plane: shift, scale and rotation.

Points are complex numbers x + iy in pixels, y downwards: a similarity transform is then one product and one sum, and
its least-squares fit one quotient. `SimilarityTransform` has one per frame, fitted to tracks; `SimilarityMotion` is one
that increases with time, and is converted to control points of tracks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.interrupt import InterruptCheck, no_interrupt, watched
from ..types import Point

REST = 1e-3
"""Pixels: tracks with less spread coincide, and tracks with less motion are static."""
ERROR = 0.005
"""Maximum deviation of a curve from the motion, in pixels."""
_COLLAPSED = 1e-3  # scale below which tracks have collapsed to a point, so that the rotation is undefined


@dataclass(frozen=True)
class SimilarityTransform:
    """`q = factor * p + shift` at each frame, for points p of the first frame.

    Attributes:
        factor: [T] complex: scale and rotation; a single number for a single frame.
        shift: the same, in pixels.
    """

    factor: np.ndarray | complex
    shift: np.ndarray | complex

    def apply(self, positions: np.ndarray) -> np.ndarray:
        """Moves points [N, 1] of the first frame: [N, T]. Points of any shape for a single frame."""
        return self.factor * positions + self.shift

    def after(self, first: SimilarityTransform) -> SimilarityTransform:
        """`first`, and then this one."""
        return SimilarityTransform(self.factor * first.factor, self.factor * first.shift + self.shift)

    def inverse(self) -> SimilarityTransform:
        """Back to the first frame."""
        return SimilarityTransform(1 / self.factor, -self.shift / self.factor)


def least_squares_factor(arms: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """The least-squares factor from `arms` to `moved`, both [N, ...] complex and centred."""
    return (arms.conj() * moved).sum(0) / np.maximum((np.abs(arms) ** 2).sum(0), np.finfo(float).tiny)


def fit_similarity(tracks: np.ndarray, known: np.ndarray | None = None) -> SimilarityTransform:
    """Least-squares motion of a body with `tracks` [N, T] (complex): a translation for one track, with rotation for
    two, and with scale for three or more (Umeyama, "Least-squares estimation of transformation parameters between two
    point patterns", 1991).

    Args:
        tracks: positions, all of which are known in frame 0.
        known: [N, T] bool, which of them count; None for all. With too few, the rotation or the whole motion pauses.
    """
    known = np.ones(tracks.shape, bool) if known is None else known
    count = known.sum(0)  # [T]
    starts = tracks[:, :1]
    before, after = ((known * positions).sum(0) / np.maximum(count, 1) for positions in (starts, tracks))
    arms, moved = known * (starts - before), tracks - after  # [N, T]
    spread = (np.abs(arms) ** 2).sum(0) >= REST**2
    factor = least_squares_factor(arms, moved)
    factor = np.where(np.abs(factor) < _COLLAPSED, 1, factor)
    if len(tracks) < 3:
        factor = factor / np.abs(factor)
    factor[0] = 1
    factor = factor[_latest(spread)]
    return SimilarityTransform(factor, (after - factor * before)[_latest(count > 0)])


def _latest(holds: np.ndarray) -> np.ndarray:
    """[T]: for each frame, the last one up to it in which the condition holds, or frame 0."""
    return np.maximum.accumulate(np.where(holds, np.arange(len(holds)), 0))


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
    motion: SimilarityMotion,
    positions: np.ndarray,
    weights: np.ndarray,
    size: np.ndarray,
    check_interrupt: InterruptCheck = no_interrupt,
) -> list[tuple[Point, ...]]:
    """The control points of tracks that begin at `positions` [N, 2] and follow `weights` [N] times the motion, in
    fractions of a picture of `size` (width, height). Straight lines have no handles, others are "bezier".
    `check_interrupt` is called for each track."""
    z = positions[:, 0] + 1j * positions[:, 1]  # [N]
    count = motion.segments(float(np.abs(z - motion.centre).max(initial=0.0)))
    s = np.arange(count + 1) / count
    path = z[:, None] + weights[:, None] * (motion.at(z, s) - z[:, None])  # [N, K]
    handle = weights[:, None] * motion.velocity(z, s) / (3 * count)  # [N, K]
    points, handles = (np.stack([a.real, a.imag], axis=-1) / size for a in (path, handle))  # [N, K, 2]
    if motion.angle == 0:
        return [tuple(Point(x, y) for x, y in track.tolist()) for track in watched(points, check_interrupt)]
    return [
        tuple(
            Point(x, y, None, (-dx, -dy), (dx, dy))
            for (x, y), (dx, dy) in zip(track.tolist(), along.tolist(), strict=True)
        )
        for track, along in watched(zip(points, handles, strict=True), check_interrupt)
    ]
