"""Points on a regular grid, for motions that fill an area."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...common.interrupt import watched
from .. import sampling
from ..types import MAX_TRACKS, Track, TrajectoryError

_STEPS = 256  # of the clip, at which tracks are sampled; between them the motion is nearly uniform
_AT_ONCE = 1024  # tracks, which bounds the memory
_TOUCH = 1e-6  # pixels outside that still count as on the border


def grid(spacing: float, size: np.ndarray, low: np.ndarray | None = None, high: np.ndarray | None = None) -> np.ndarray:
    """[N, 2] points in pixels, `spacing` apart, centred on a picture of `size` (width, height).

    low, high: [2] corners of the area to fill instead of the picture, by extending the same grid.

    Raises:
        TrajectoryError: if there would be far more points than the maximum number of tracks.
    """
    low = np.zeros(2) if low is None else np.minimum(low, 0)
    high = size - 1 if high is None else np.maximum(high, size - 1)
    middle = size / 2
    odd = np.maximum(1, size // spacing) % 2  # of the positions along a side: one of them is the middle
    first = middle + np.where(odd, 0, spacing / 2)
    begin, end = np.ceil((low - first) / spacing), np.floor((high - first) / spacing)
    columns, rows = (np.maximum(end - begin, 0) + 1).tolist()
    check_count(columns * rows / 4)  # many of them may turn out to be never seen
    x, y = (first[axis] + spacing * (begin[axis] + np.arange(count)) for axis, count in enumerate((columns, rows)))
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def check_count(count: float) -> None:
    """Raise TrajectoryError if a grid gives more tracks than allowed."""
    if count > MAX_TRACKS:
        raise TrajectoryError(
            f"Tracks on a grid: there should be at most {MAX_TRACKS:,}, but there are about {count:,.0f}. Make the "
            "spacing larger."
        )


def hide_outside(tracks: list[Track], size: np.ndarray) -> list[Track]:
    """Hides tracks while they are outside a picture of `size` (width, height), where they would be clamped to its
    border and indicate no motion. Tracks that are never inside are left out."""
    parts = (tracks[k : k + _AT_ONCE] for k in range(0, len(tracks), _AT_ONCE))
    return [seen for part in watched(parts) for seen in _seen(part, size)]


def _seen(tracks: list[Track], size: np.ndarray) -> list[Track]:
    fractions = np.linspace(0, 1, _STEPS + 1)
    positions = sampling.positions(tracks, fractions, size)  # [N, F, 2]
    # Signed distance to each of the four borders [N, 4, F], kept separate: a track that cuts a corner between two steps
    # is outside at both, but inside in between.
    margins = np.concatenate([positions, size - 1 - positions], axis=-1).swapaxes(1, 2) + _TOUCH
    seen = []
    for track, borders in watched(zip(tracks, margins, strict=True)):
        for margin in borders[borders.min(axis=1) < 0]:
            track = replace(track, visible=_both(track.visible, _inside(margin, fractions)))
        if track.visible:
            seen.append(track)
    return seen


def _inside(margin: np.ndarray, fractions: np.ndarray) -> list[tuple[float, float]]:
    """The intervals of the clip where `margin` [F], linear between `fractions` [F], is not negative."""
    edges = np.diff((margin >= 0).astype(np.int8), prepend=0, append=0)
    intervals = []
    for begin, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1, strict=True):
        first = 0.0 if begin == 0 else _crossing(margin, fractions, begin - 1)
        last = 1.0 if end == len(margin) - 1 else _crossing(margin, fractions, end)
        intervals.append((first, last))
    return intervals


def _crossing(margin: np.ndarray, fractions: np.ndarray, k: int) -> float:
    share = margin[k] / (margin[k] - margin[k + 1])
    return float(fractions[k] + share * (fractions[k + 1] - fractions[k]))


def _both(a, b) -> tuple[tuple[float, float], ...]:
    """Where two sets of intervals overlap for longer than an instant."""
    overlaps = ((max(p[0], q[0]), min(p[1], q[1])) for p in a for q in b)
    return tuple((first, last) for first, last in overlaps if first < last)
