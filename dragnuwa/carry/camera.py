"""Camera motion (pan, zoom and roll), estimated from tracks over the whole frame."""

from __future__ import annotations

import numpy as np

from ..geometry.registration import robust_similarity
from ..geometry.similarity import REST, SimilarityTransform, fit_similarity

FEWEST = 4  # tracks from which a camera motion is estimated
LONG_SPAN, SHORT_SPAN = 0.5, 1 / 3  # least extent of these tracks, as fractions of the frame's sides
TOLERANCE = 0.01  # largest residual, as a fraction of the diagonal
FEW = 3  # tracks that suffice if none of them lies on an object
APART = 0.3  # least extent of these, as a fraction of the frame's longer side


def find_camera_motion(
    tracks: np.ndarray, visible: np.ndarray, size: tuple[int, int]
) -> tuple[SimilarityTransform | None, np.ndarray]:
    """The camera's motion, which moves the whole frame.

    This is a similarity transform followed by at least `FEWEST` tracks over most of the frame, and by at least half of
    those that move. Unlike `motion.layer.fit_motion`, whose tracks are all known to be the camera's, it has to find out
    which ones are. Frames in which a track is hidden or clamped at the frame's border are ignored. A track at rest
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
    if count.max(initial=0) < FEWEST:
        return None, none
    late = len(count) - int(np.argmax(count[::-1]))  # the last of the frames with the most
    say = np.flatnonzero(moves & known[:, late])
    tolerance = TOLERANCE * np.hypot(*size)
    found = robust_similarity(tracks[say, 0], tracks[say, late], tolerance)
    if found is None:
        return None, none
    say = say[found[1]]
    if len(say) < max(FEWEST, moves.sum() / 2) or not _wide(tracks[say, 0], size):
        return None, none
    motion = fit_similarity(tracks[say], known[say])
    strays = np.abs(tracks - motion.apply(starts))  # [n, T]
    belong = moves & (np.where(known, strays, 0) <= tolerance).all(1)
    if belong.sum() < FEWEST:
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
    """The background's motion, from tracks that are on no object: `FEW` or more, far apart, that follow one motion.

    Args:
        tracks: `[n, T]` complex points in pixels; all of them move.
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
    """Where tracks are clamped at the frame's border."""
    width, height = size
    return (tracks.real <= 0) | (tracks.real >= width - 1) | (tracks.imag <= 0) | (tracks.imag >= height - 1)


def _wide(starts: np.ndarray, size: tuple[int, int]) -> bool:
    """Whether points span most of the frame."""
    width, height = size
    short, long = sorted((np.ptp(starts.real) / width, np.ptp(starts.imag) / height))
    return long >= LONG_SPAN and short >= SHORT_SPAN
