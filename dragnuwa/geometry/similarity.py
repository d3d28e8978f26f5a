"""Similarity transforms of the plane: shift, scale and rotation.

Points are complex numbers x + iy in pixels, y downwards: a similarity transform is then one product and one sum, and
its least-squares fit one quotient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REST = 1e-3
"""Pixels: tracks with less spread coincide, and tracks with less motion are static."""
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

    def at(self, time: int) -> SimilarityTransform:
        """That of a single frame."""
        return SimilarityTransform(complex(self.factor[time]), complex(self.shift[time]))

    def unscaled(self, scale: float) -> SimilarityTransform:
        """The same in pixels of whole pictures, if this one is in those of pictures scaled by `scale`."""
        about = (1 - self.factor) * (0.5 + 0.5j)  # pictures are scaled about their corners
        return SimilarityTransform(self.factor, (self.shift + about) / scale - about)

    def matrix(self) -> np.ndarray:
        """`[3, 3]`, for homogeneous coordinates (x, y, 1), of a single frame."""
        factor, shift = complex(self.factor), complex(self.shift)
        return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag], [0, 0, 1]])

    @classmethod
    def of_matrix(cls, matrix: np.ndarray) -> SimilarityTransform:
        """Of what `matrix` gives, `[2, 3]` or `[3, 3]`."""
        return cls(complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2]))


AT_PLACE = SimilarityTransform(1 + 0j, 0j)
"""Nothing moves."""


def least_squares_factor(arms: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """The least-squares factor from `arms` to `moved`, both [N, ...] complex and centred."""
    return (arms.conj() * moved).sum(0) / np.maximum((np.abs(arms) ** 2).sum(0), np.finfo(float).tiny)


def closest_similarity(source: np.ndarray, target: np.ndarray) -> SimilarityTransform:
    """The least-squares transform from points to others, both [N] complex: at least two that differ."""
    before, after = source.mean(), target.mean()
    factor = complex(least_squares_factor(source - before, target - after))
    return SimilarityTransform(factor, complex(after - factor * before))


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
