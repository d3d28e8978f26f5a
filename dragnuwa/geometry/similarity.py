"""Similarity transforms of the plane: shift, scale and rotation.

Points are complex numbers x + iy in pixels, y downwards: a similarity transform is then one product and one sum, and
its least-squares fit one quotient. A camera's motion (pan, zoom and roll) is one that tracks over the whole frame
follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

REST = 1e-3
"""Pixels: tracks with less spread coincide, and tracks with less motion are static."""
_COLLAPSED = 1e-3  # scale below which tracks have collapsed to a point, so that the rotation is undefined
MIN_TRACKS = 4  # tracks from which a camera motion is estimated
LONG_SPAN, SHORT_SPAN = 0.5, 1 / 3  # least extent of these tracks, as fractions of the frame's sides
TOLERANCE = 0.01  # largest residual, as a fraction of the diagonal
MIN_FREE_TRACKS = 3  # tracks that suffice if none of them lies on an object
STRAY = 0.1  # tolerated deviation from a group's similarity transform, as a fraction of the longest displacement
PARTING = 0.5  # tolerated difference of two displacements, as a fraction of the longer: people draw by hand
LEAST_TURN = 0.25  # radians by which two drags must turn about each other for a larger difference
APART = 0.3  # least extent of these, as a fraction of the frame's longer side


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
    def at_rest(cls, frames: int) -> SimilarityTransform:
        """Of so many frames, in which nothing moves."""
        return cls(np.ones(frames, complex), np.zeros(frames, complex))

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


def robust_similarity(
    source: np.ndarray, target: np.ndarray, within: float, iterations: int = 2000
) -> tuple[SimilarityTransform, np.ndarray] | None:
    """The similarity transform that most of a set of point pairs follow, whatever the others do.

    RANSAC (Fischler and Bolles, "Random sample consensus", 1981), then least squares over the inliers.

    Args:
        source, target: `[n]` complex points, x + iy in pixels.
        within: distance in pixels up to which a pair is an inlier.
        iterations: samples that are drawn at most.

    Returns:
        The transform from source to target, and `[n]` bool, the inliers; None if no transform was found.
    """
    import cv2  # imported here, since drags are read without OpenCV

    pairs = (np.stack([points.real, points.imag], -1) for points in (source, target))
    matrix, inliers = cv2.estimateAffinePartial2D(*pairs, ransacReprojThreshold=within, maxIters=iterations)
    if matrix is None:
        return None
    return SimilarityTransform.of_matrix(matrix), inliers[:, 0].astype(bool)


def find_camera_motion(
    tracks: np.ndarray, visible: np.ndarray, size: tuple[int, int]
) -> tuple[SimilarityTransform | None, np.ndarray]:
    """The camera's motion, which moves the whole frame.

    This is a similarity transform followed by at least `MIN_TRACKS` tracks over most of the frame, and by at least half
    of those that move. Unlike `motion.layer.fit_motion`, whose tracks are all known to be the camera's, it has to find
    out which ones are. Frames in which a track is hidden or clamped at the frame's border are ignored. A track at rest
    stays in place in front of a moving camera.

    Args:
        tracks: `[n, T]` complex points in pixels.
        visible: `[n, T]` bool.
        size: (width, height) of the frame, in pixels.

    Returns:
        The motion or None, and `[n]` bool, the tracks that follow it.
    """
    none = np.zeros(len(tracks), bool)
    starts = tracks[:, :1]
    moves = np.abs(tracks - starts).max(1, initial=0) >= REST
    known = visible & ~_stopped(tracks, size)
    known[:, 0] = True
    count = (known & moves[:, None]).sum(0)[1:]  # [T - 1], number of tracks that show a motion
    if count.max(initial=0) < MIN_TRACKS:
        return None, none
    late = len(count) - int(np.argmax(count[::-1]))  # the last of the frames with the most
    say = np.flatnonzero(moves & known[:, late])
    tolerance = TOLERANCE * np.hypot(*size)
    found = robust_similarity(tracks[say, 0], tracks[say, late], tolerance)
    if found is None:
        return None, none
    say = say[found[1]]
    if len(say) < max(MIN_TRACKS, moves.sum() / 2) or not _wide(tracks[say, 0], size):
        return None, none
    motion = fit_similarity(tracks[say], known[say])
    strays = np.abs(tracks - motion.apply(starts))  # [n, T]
    belong = moves & (np.where(known, strays, 0) <= tolerance).all(1)
    if belong.sum() < MIN_TRACKS:
        return None, none
    return motion, belong


def one_motion(tracks: np.ndarray, visible: np.ndarray, size: tuple[int, int]) -> SimilarityTransform | None:
    """The similarity transform that all tracks follow, or None.

    Args:
        tracks: `[n, T]` complex points in pixels; n at least 1.
        visible: `[n, T]` bool.
        size: (width, height) of the frame, in pixels.
    """
    motion = fit_similarity(tracks, visible)
    strays = np.abs(tracks - motion.apply(tracks[:, :1]))
    return motion if strays[visible].max(initial=0) <= TOLERANCE * np.hypot(*size) else None


def find_ground_motion(tracks: np.ndarray, visible: np.ndarray, size: tuple[int, int]) -> SimilarityTransform | None:
    """The background's motion, from tracks that are on no object: `MIN_FREE_TRACKS` or more, far apart, that follow one
    motion.

    Args:
        tracks: `[n, T]` complex points in pixels; all of them move.
        visible: `[n, T]` bool.
        size: (width, height) of the frame, in pixels.
    """
    if len(tracks) < MIN_FREE_TRACKS:
        return None
    starts = tracks[:, 0]
    if max(np.ptp(starts.real), np.ptp(starts.imag)) < APART * max(size):
        return None
    return one_motion(tracks, visible, size)


def _stopped(tracks: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Where tracks are clamped at the frame's border."""
    width, height = size
    return (tracks.real <= 0) | (tracks.real >= width - 1) | (tracks.imag <= 0) | (tracks.imag >= height - 1)


def _wide(starts: np.ndarray, size: tuple[int, int]) -> bool:
    """Whether points span most of the frame."""
    width, height = size
    short, long = sorted((np.ptp(starts.real) / width, np.ptp(starts.imag) / height))
    return long >= LONG_SPAN and short >= SHORT_SPAN


def motion_groups(tracks: np.ndarray) -> list[np.ndarray]:
    """Indices of the drags in each motion group.

    All drags form one group if a single similarity transform fits their motion. Otherwise two drags belong together if
    their displacements are similar, or if they rotate about each other at a constant distance.

    Args:
        tracks: `[n, T]` complex, in pixels, each of which moves.
    """
    count = len(tracks)
    if count < 2:
        return [np.arange(count)] * count
    moved = tracks - tracks[:, :1]
    far = np.abs(moved).max(1)  # [n]
    u, v = np.triu_indices(count, 1)
    arm = tracks[v] - tracks[u]  # [P, T]
    furthest = np.maximum(far[u], far[v])
    alike = np.abs(moved[u] - moved[v]).max(1) <= PARTING * furthest
    turn = np.abs(np.angle(arm * arm[:, :1].conj())).max(1)
    rigid = np.abs(np.abs(arm) - np.abs(arm[:, :1])).max(1) <= STRAY * furthest
    together = alike | (rigid & (turn >= LEAST_TURN))
    if count > 2:
        strays = np.abs(tracks - fit_similarity(tracks).apply(tracks[:, :1])).max()
        together |= strays <= STRAY * far.max()
    links = coo_array((np.ones(together.sum()), (u[together], v[together])), shape=(count, count))
    parts, label = connected_components(links, directed=False)
    return [np.flatnonzero(label == part) for part in range(parts)]
