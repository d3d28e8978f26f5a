"""The camera's motion, where tracks over the whole frame show one: pan, zoom and roll."""

from __future__ import annotations

import numpy as np

from ..trajectory.motion.similarity import REST, SimilarityTransform, fit_similarity
from ..vision.tracking.robust_similarity import robust_similarity

FEWEST = 4  # tracks that can say how the whole frame moves
LONG_SPAN, SHORT_SPAN = 0.5, 1 / 3  # least parts of the frame's sides that they span, in one direction and the other
TOLERANCE = 0.01  # of the diagonal, by which they may stray from a similarity
FEW = 3  # tracks that can say so if they lie on no thing
APART = 0.3  # part of the frame's longer side that these span


def find_camera_motion(
    tracks: np.ndarray, visible: np.ndarray, size: tuple[int, int]
) -> tuple[SimilarityTransform | None, np.ndarray]:
    """How the camera makes the whole frame move.

    It is a similarity transform that at least `FEWEST` tracks over most of the frame follow, and half of those that
    move. Frames in which a track is hidden do not count, nor those in which it has come to the frame's border, where it
    is stopped. A track that rests holds its place before a camera that moves.

    Args:
        tracks: `[n, T]` complex places in pixels.
        visible: `[n, T]` bool.
        size: (width, height) of the frame, in pixels.

    Returns:
        The motion or None, and which of the tracks `[n]` belong to it.
    """
    none = np.zeros(len(tracks), bool)
    starts = tracks[:, :1]
    moves = np.abs(tracks - starts).max(1, initial=0) >= REST
    known = visible & ~_stopped(tracks, size)
    known[:, 0] = True
    count = (known & moves[:, None]).sum(0)[1:]  # [T - 1] of the tracks that show a motion
    if count.max(initial=0) < FEWEST:
        return None, none
    late = len(count) - int(np.argmax(count[::-1]))  # the last of the frames that show most
    say = np.flatnonzero(moves & known[:, late])
    tolerance = TOLERANCE * np.hypot(*size)
    found = robust_similarity(tracks[say, 0], tracks[say, late], tolerance)
    if found is None:
        return None, none
    *_, inliers = found
    say = say[inliers]
    if len(say) < max(FEWEST, moves.sum() / 2) or not _wide(tracks[say, 0], size):
        return None, none
    motion = fit_similarity(tracks[say], known[say])
    strays = np.abs(tracks - motion.apply(starts))  # [n, T]
    belong = moves & (np.where(known, strays, 0) <= tolerance).all(1)
    if belong.sum() < FEWEST:
        return None, none
    return motion, belong


def one_motion(tracks: np.ndarray, visible: np.ndarray, size: tuple[int, int]) -> SimilarityTransform | None:
    """The similarity transform that all of the tracks follow, or None where they follow none.

    Args:
        tracks: `[n, T]` complex places in pixels; n at least 1.
        visible: `[n, T]` bool.
        size: (width, height) of the frame, in pixels.
    """
    motion = fit_similarity(tracks, visible)
    strays = np.abs(tracks - motion.apply(tracks[:, :1]))
    return motion if strays[visible].max(initial=0) <= TOLERANCE * np.hypot(*size) else None


def find_ground_motion(tracks: np.ndarray, visible: np.ndarray, size: tuple[int, int]) -> SimilarityTransform | None:
    """How the ground moves, if tracks that lie on no thing say so: `FEW` or more, far apart, that follow one motion.

    Args:
        tracks: `[n, T]` complex places in pixels, each of which moves.
        visible: `[n, T]` bool.
        size: (width, height) of the frame, in pixels.
    """
    if len(tracks) < FEW:
        return None
    starts = tracks[:, 0]
    if max(np.ptp(starts.real), np.ptp(starts.imag)) < APART * max(size):
        return None
    return one_motion(tracks, visible, size)


def _stopped(tracks: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Where tracks have come to the frame's border, which holds them."""
    width, height = size
    return (tracks.real <= 0) | (tracks.real >= width - 1) | (tracks.imag <= 0) | (tracks.imag >= height - 1)


def _wide(starts: np.ndarray, size: tuple[int, int]) -> bool:
    """Whether places span most of the frame."""
    width, height = size
    short, long = sorted((np.ptp(starts.real) / width, np.ptp(starts.imag) / height))
    return long >= LONG_SPAN and short >= SHORT_SPAN
