"""Lost points: places of a track that a file or a node does not know, as gaps, NaN, null or empty cells. They become
hidden points between the known ones, whether they were marked as hidden or not, and it is said how many."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..common.interrupt import watched

WORDS = frozenset({"", "nan", "null", "none", "na", "n/a", "#n/a", "-"})
"""What cells of tables hold instead of a lost number, in lower case."""


def lost_points(points: np.ndarray) -> np.ndarray:
    """Of positions [N, T, 2], where x or y is NaN: [N, T] bool."""
    return np.isnan(points).any(axis=2)


def between_known(points: np.ndarray) -> np.ndarray:
    """Positions [N, T, 2] in which lost ones lie on the straight line between the known ones before and after, and stay
    where a track was first or last known. A track of which nothing is known keeps NaN."""
    lost = lost_points(points)
    found = points.copy()
    frames = np.arange(points.shape[1])
    for row in watched(np.flatnonzero(lost.any(axis=1) & ~lost.all(axis=1)).tolist()):
        known = ~lost[row]
        for axis in range(2):
            found[row, :, axis] = np.interp(frames, frames[known], points[row, known, axis])
    return found


def notes_of(lost: Iterable[int], left_out: int = 0) -> list[str]:
    """Sentences for the user.

    Args:
        lost: how many points each of the tracks has lost that are kept.
        left_out: tracks of which nothing is known.
    """
    counts = [number for number in lost if number]
    said = []
    if counts:
        points, tracks = sum(counts), len(counts)
        said.append(
            f"Lost points, hidden: {points:,} of {tracks:,} track{'s' * (tracks != 1)}. Their way is straight there."
        )
    if left_out:
        said.append(f"Left out: {left_out:,} track{'s' * (left_out != 1)} without a known position.")
    return said


def notes_of_array(points: np.ndarray) -> list[str]:
    """The same of positions [N, T, 2]."""
    lost = lost_points(points)
    never = lost.all(axis=1)
    return notes_of(lost[~never].sum(axis=1).tolist(), int(never.sum()))
