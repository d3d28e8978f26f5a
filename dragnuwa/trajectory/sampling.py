"""Tracks at the frames of a clip.

Frame i of T lies at the fraction i / (T - 1) of the clip. Control points are taken to pixels (x * width, y * height),
the curve is fitted to them and followed by the track's timing; each sampled position is then rounded to 1e-6 pixel, so
that a pixel that came in comes back (25 / 576 * 576 is 24.999999999999996), and clamped into [0, width-1] x
[0, height-1]. Clamping comes last: a path that leaves the picture keeps its speed up to the border.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from . import splines, timing
from .checks import integer, side
from .types import MAX_FRAMES, Track

DRIFT = 1.0
"""Pixels, right and down, by which a track of one point moves over its time, as in the original DragNUWA: a
displacement of zero would leave no trace in the drag maps."""
_DIGITS = 6  # decimals of a pixel that are kept
_INSTANT = 1e-9  # fractions of the clip closer than this are the same instant


def sample(tracks: Sequence[Track], frames: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """The enabled tracks, in order, at `frames` instants.

    Returns:
        points [N, T, 2] float64, x and y in pixels; visible [N, T] bool.

    Raises:
        TrajectoryError: `frames` is not in 2..4096, or width or height is not a positive whole number.
    """
    frames = integer(frames, 2, MAX_FRAMES, "Trajectories", "the number of frames", "Set the length of the clip.")
    size = np.array([side(width, "width"), side(height, "height")], dtype=np.float64)
    tracks = [track for track in tracks if track.enabled]
    fractions = np.arange(frames) / (frames - 1)

    points = np.clip(np.round(positions(tracks, fractions, size), _DIGITS), 0.0, size - 1)
    return points, visibility(tracks, fractions)


def visibility(tracks: Sequence[Track], fractions: np.ndarray) -> np.ndarray:
    """Tracks, enabled or not, at any `fractions` [T] of the clip -> [N, T] bool."""
    visible = np.zeros((len(tracks), len(fractions)), dtype=bool)
    for row, track in enumerate(tracks):
        visible[row] = _visible(track, fractions)
    return visible


def positions(tracks: Sequence[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Tracks, enabled or not, at any `fractions` [T] of the clip -> [N, T, 2] float64 pixels of a picture of `size`
    [2], neither rounded nor clamped: a path that has left the picture is where it would be out there."""
    points = np.empty((len(tracks), len(fractions), 2))
    for (_, length), rows in _alike(tracks).items():
        group = [tracks[row] for row in rows]
        points[rows] = _drift(group, fractions, size) if length == 1 else _follow(group, fractions, size)
    return points


def _alike(tracks: Sequence[Track]) -> dict[tuple[str, int], list[int]]:
    """The rows of the tracks that can be fitted together: same spline, same number of points."""
    groups = defaultdict(list)
    for row, track in enumerate(tracks):
        groups[track.spline, len(track.points)].append(row)
    return groups


def _drift(group: list[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Tracks of one point -> [G, T, 2] pixels. Linear in time, whatever their timing and ease."""
    origin = np.array([[track.points[0].x, track.points[0].y] for track in group]) * size  # [G, 2]
    s = np.stack([timing.own_time(track, fractions) for track in group])  # [G, T]
    return origin[:, None] + DRIFT * s[..., None]


def fit_curves(group: Sequence[Track], size: np.ndarray) -> np.ndarray:
    """Tracks of one spline and n >= 2 points each -> coefficients [4, n-1, G, 2] in pixels (see `splines`)."""
    spline = group[0].spline
    control = np.array([[(p.x, p.y) for p in track.points] for track in group]) * size  # [G, n, 2]
    handle_in = np.zeros_like(control)
    handle_out = np.zeros_like(control)
    if spline == "bezier":
        handle_in[:] = np.array([[p.handle_in or (0.0, 0.0) for p in track.points] for track in group]) * size
        handle_out[:] = np.array([[p.handle_out or (0.0, 0.0) for p in track.points] for track in group]) * size
    return splines.fit(spline, *(a.swapaxes(0, 1) for a in (control, handle_in, handle_out)))


def _follow(group: list[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Tracks of one spline and n >= 2 points each -> [G, T, 2] pixels."""
    curve = fit_curves(group, size)
    u = [timing.parameter(track, fractions, curve[:, :, g]) for g, track in enumerate(group)]
    return splines.evaluate(curve, np.stack(u, axis=1)).swapaxes(0, 1)


def _visible(track: Track, fractions: np.ndarray) -> np.ndarray:
    """[T] bool: the frames that lie in one of the track's visible intervals."""
    intervals = np.array(track.visible, dtype=np.float64).reshape(-1, 2)  # [K, 2]
    first, last = intervals[:, :1] - _INSTANT, intervals[:, 1:] + _INSTANT
    return ((first <= fractions) & (fractions <= last)).any(axis=0)
