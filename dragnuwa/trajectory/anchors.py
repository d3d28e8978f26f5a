"""Anchors: tracks that hold a point still.

An anchor has one point. A displacement of zero would leave no trace in the drag maps, so the original DragNUWA moves it
by one pixel to the right and down over the clip. The anchored object itself should not move, so metrics and Carry
ignore that drift.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .types import Track

DRIFT = 1.0
"""Pixels, to the right and down, by which an anchor moves over the clip."""
_ROUNDING = 1e-4  # pixels


def is_anchor(track: Track) -> bool:
    """Whether a track has one point: all of the kind "anchor", and equally paths with a single point."""
    return len(track.points) == 1


def anchored(tracks: Sequence[Track]) -> np.ndarray:
    """Which of the tracks are anchors, [N] bool."""
    return np.array([is_anchor(track) for track in tracks], dtype=bool)


def drift(frames: int) -> np.ndarray:
    """The displacement [T, 1] in pixels of an anchor over a whole clip, the same in x and y."""
    return np.linspace(0, DRIFT, frames)[:, None]


def without_drift(points: np.ndarray) -> np.ndarray:
    """Sampled positions [N, T, 2], with anchors held at their start.

    Positions do not say whether they belong to an anchor; a track that drifts at most a pixel to the right and down is
    assumed to be one.
    """
    displacement = points - points[:, :1]
    rests = ((displacement > -_ROUNDING) & (displacement < DRIFT + _ROUNDING)).all((1, 2))
    return np.where(rests[:, None, None], points[:, :1], points)
