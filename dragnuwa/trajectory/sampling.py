"""Samples tracks at the frames of a clip.

Frame i of T is at the fraction i / (T - 1) of the clip. Control points are converted to pixels (x * width, y * height),
the curve is fitted to them and evaluated by the track's timing. Each position is then rounded to 1e-6 pixel, so that
integer pixels round-trip (25 / 576 * 576 is 24.999999999999996), and clamped to [0, width-1] x [0, height-1]. Clamping
comes last, so that a path that leaves the picture keeps its speed up to the border.

Anchors are tracks of one point, which hold it still. A displacement of zero would leave no trace in the drag maps, so
the original DragNUWA moves it by one pixel to the right and down over the clip. The anchored object itself should not
move, so metrics and Carry ignore that drift.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..common.clip_shape import ClipShape
from ..common.interrupt import checkpoint
from . import checks, curves
from .types import Track

PIXEL_DIGITS = 6
"""Decimals to which pixel positions are rounded."""
AT_ONCE = 2**15
"""Control points or positions that are computed together."""
_INSTANT = 1e-9  # fractions of the clip closer than this are the same instant
DRIFT = 1.0
"""Pixels, to the right and down, by which an anchor moves over the clip."""
_ROUNDING = 1e-4  # pixels


@dataclass(frozen=True, eq=False)
class SampledTracks:
    """Tracks at the frames of a clip.

    Attributes:
        tracks: the N tracks, in their order.
        clip: the size and the number of frames T that they were sampled for.
        points: [N, T, 2] float64, x and y in pixels, inside [0, width-1] x [0, height-1].
        visible: [N, T] bool.
        owner: [N] int, the index of the track's object among the enabled objects, from back to front; -1 for a drawn
            track.
    """

    tracks: tuple[Track, ...]
    clip: ClipShape
    points: np.ndarray
    visible: np.ndarray
    owner: np.ndarray

    @property
    def anchored(self) -> np.ndarray:
        """Which of the tracks are anchors, [N] bool."""
        return anchored(self.tracks)

    @property
    def intended(self) -> np.ndarray:
        """Intended positions, [N, T, 2]: as `points`, but anchors without their drift."""
        return np.where(self.anchored[:, None, None], self.points[:, :1], self.points)

    @property
    def colors(self) -> list[str]:
        """Of each track, as "#rrggbb"."""
        return [track.color for track in self.tracks]


def sample(tracks: tuple[Track, ...], owner: np.ndarray, clip: ClipShape) -> SampledTracks:
    """Samples tracks, enabled or not, at the frames of a clip; `owner` as in `SampledTracks`.

    Raises:
        TrajectoryError: if the number of frames is not in 2..4096, or width or height is not a positive integer.
    """
    frames, size = checks.clip(clip, "Trajectories")
    fractions = np.arange(frames) / (frames - 1)
    points = np.clip(np.round(positions(tracks, fractions, size), PIXEL_DIGITS), 0.0, size - 1)
    return SampledTracks(tracks, clip, points, visibility(tracks, fractions), owner)


def visibility(tracks: Sequence[Track], fractions: np.ndarray) -> np.ndarray:
    """[N, T] bool: visibility of tracks, enabled or not, at any `fractions` [T] of the clip."""
    visible = np.zeros((len(tracks), len(fractions)), dtype=bool)
    for row, track in enumerate(tracks):
        checkpoint()
        visible[row] = in_intervals(track.visible, fractions)
    return visible


def positions(tracks: Sequence[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """[N, T, 2] float64: positions of tracks, enabled or not, at any `fractions` [T] of the clip, in pixels of a
    picture of `size` [2], neither rounded nor clamped."""
    points = np.empty((len(tracks), len(fractions), 2))
    for length, rows in _alike(tracks, len(fractions)):
        checkpoint()
        group = [tracks[row] for row in rows]
        points[rows] = _drift(group, fractions, size) if length == 1 else _follow(group, fractions, size)
    return points


def _alike(tracks: Sequence[Track], frames: int) -> Iterator[tuple[int, list[int]]]:
    """Indices of tracks that can be fitted together, with the same spline and number of points, and this number; in
    batches limited by `AT_ONCE`."""
    groups = defaultdict(list)
    for row, track in enumerate(tracks):
        groups[track.spline, len(track.points)].append(row)
    for (_, length), rows in groups.items():
        count = max(1, AT_ONCE // max(length, frames))
        for first in range(0, len(rows), count):
            yield length, rows[first : first + count]


def _drift(group: list[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """[G, T, 2] pixels of tracks with one point: linear in time, whatever their timing and ease."""
    origin = np.array([[track.points[0].x, track.points[0].y] for track in group]) * size  # [G, 2]
    s = np.stack([curves.own_time(track.start, track.end, fractions) for track in group])  # [G, T]
    return origin[:, None] + DRIFT * s[..., None]


def fit_curves(group: Sequence[Track], size: np.ndarray) -> np.ndarray:
    """Coefficients [4, n-1, G, 2] in pixels (see `curves`) of tracks with one spline and n >= 2 points each."""
    spline = group[0].spline
    control = np.array([[(p.x, p.y) for p in track.points] for track in group]) * size  # [G, n, 2]
    handle_in = np.zeros_like(control)
    handle_out = np.zeros_like(control)
    if spline == "bezier":
        handle_in[:] = np.array([[p.handle_in or (0.0, 0.0) for p in track.points] for track in group]) * size
        handle_out[:] = np.array([[p.handle_out or (0.0, 0.0) for p in track.points] for track in group]) * size
    return curves.fit(spline, *(a.swapaxes(0, 1) for a in (control, handle_in, handle_out)))


def _follow(group: list[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """[G, T, 2] pixels of tracks with one spline and n >= 2 points each."""
    curve = fit_curves(group, size)
    u = [curves.parameter(track, fractions, curve[:, :, g]) for g, track in enumerate(group)]
    return curves.evaluate(curve, np.stack(u, axis=1)).swapaxes(0, 1)


def in_intervals(visible: Sequence[tuple[float, float]], fractions: np.ndarray) -> np.ndarray:
    """[T] bool: the frames that lie in one of the visible intervals."""
    intervals = np.array(visible, dtype=np.float64).reshape(-1, 2)  # [K, 2]
    first, last = intervals[:, :1] - _INSTANT, intervals[:, 1:] + _INSTANT
    return ((first <= fractions) & (fractions <= last)).any(axis=0)


def intervals(seen: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Converts visibility at each frame [T] to closed intervals whose ends lie on frames."""
    if seen.all():
        return ((0.0, 1.0),)
    edges = np.diff(seen.astype(np.int8), prepend=0, append=0)
    last = len(seen) - 1  # at least 1 here: a single hidden frame gives no interval
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return tuple((begin / last, end / last) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True))


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
