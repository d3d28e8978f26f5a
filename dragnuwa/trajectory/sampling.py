"""Samples tracks at the frames of a clip: the curve through their control points, and where on it they are at each
time.

Frame i of T is at the fraction i / (T - 1) of the clip. Control points are converted to pixels (x * width, y * height),
the curve is fitted to them and evaluated by the track's timing. Each position is then rounded to 1e-6 pixel, so that
integer pixels round-trip (25 / 576 * 576 is 24.999999999999996), and clamped to [0, width-1] x [0, height-1]. Clamping
comes last, so that a path that leaves the picture keeps its speed up to the border.

Anchors are tracks of one point that do not sway; they hold it still. A displacement of zero would leave no trace in the
drag maps, so the original DragNUWA moves it by one pixel to the right and down over the clip. The anchored object
itself should not move, so metrics and Carry ignore that drift.

Every spline is a piecewise cubic C(u) over the index parameter u in 0..n-1 with C(k) = control point k. On the segment
k <= u <= k+1, with d = u - k,

    C(u) = ((a0 * d + a1) * d + a2) * d + a3,        coefficients [4, n-1, ..., 2] = a0, a1, a2, a3

so that fitting is one step, done for many tracks at once, and evaluation is the same for all of them. x and y are
independent of each other, and scaling the control points scales the curve.

Timing and ease never change the curve, only when each u is reached:

    f = frame / (frames - 1)                                fraction of the clip
    o = (clip(f, start, end) - start) / (end - start)        fraction of the track's own time
    s = ease(once: o; to and fro: 1 - |2 c - 1|; around: c)  with c = times * o - floor(times * o)
    u = points:      s * (n - 1)
        keys:        linear between the points' times; constant before the first and after the last
        arc_length:  constant speed along the curve, in pixels of the sampled size, before clamping

A closed path has one more segment, from the last control point to the first, unless they coincide; if its points have
times, that takes the last quarter (`types.BACK`). A track that sways is then moved by `Sway.swing`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import PchipInterpolator

from ..common.clip_shape import ClipShape
from ..common.interrupt import checkpoint
from . import checks
from .types import BACK, Point, Sway, Track, TrajectoryError

if TYPE_CHECKING:
    from .objects.types import MotionObject

PIXEL_DIGITS = 6
"""Decimals to which pixel positions are rounded."""
AT_ONCE = 2**15
"""Control points or positions that are computed together."""
_INSTANT = 1e-9  # fractions of the clip closer than this are the same instant
DRIFT = 1.0
"""Pixels, to the right and down, by which an anchor moves over the clip."""
_ROUNDING = 1e-4  # pixels
STEPS = 64
"""Sub-steps of one segment in the table of arc lengths."""
_SAME = 1e-9  # of the picture: a path whose ends are closer to each other is closed already
_REACHED = 1e-9  # ease "constant": tolerance in u against rounding when a point counts as reached

_EASES = {
    "linear": lambda s: s,
    "ease_in": lambda s: s * s,
    "ease_out": lambda s: 1 - (1 - s) * (1 - s),
    "ease_in_out": lambda s: s * s * (3 - 2 * s),
    "constant": lambda s: s,  # the jumps are made in u, by `parameter`
}


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
    for row, track in enumerate(tracks):
        if track.sway:
            points[row] += _swung(track.sway, own_time(track.start, track.end, fractions), size)
    return points


def _alike(tracks: Sequence[Track], frames: int) -> Iterator[tuple[int, list[int]]]:
    """Indices of tracks that can be fitted together, with the same spline, number of points and segments, and this
    number of points; in batches limited by `AT_ONCE`."""
    groups = defaultdict(list)
    for row, track in enumerate(tracks):
        groups[track.spline, len(track.points), track.loop.mode == "closed", segments(track)].append(row)
    for (_, length, _, _), rows in groups.items():
        count = max(1, AT_ONCE // max(length, frames))
        for first in range(0, len(rows), count):
            yield length, rows[first : first + count]


def _drift(group: list[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """[G, T, 2] pixels of tracks with one point: linear in time, whatever their timing and ease; what sways has no
    drift."""
    origin = np.array([[track.points[0].x, track.points[0].y] for track in group]) * size  # [G, 2]
    s = np.stack([own_time(track.start, track.end, fractions) * is_anchor(track) for track in group])  # [G, T]
    return origin[:, None] + DRIFT * s[..., None]


def _swung(sway: Sway, s: np.ndarray, size: np.ndarray) -> np.ndarray:
    """[T, 2] pixels: how far a track sways at fractions s [T] of its own time."""
    angle = np.radians(sway.direction)
    reach = sway.amount * np.sqrt(size[0] * size[1]) * np.array([np.cos(angle), np.sin(angle)])
    return sway.swing(s)[:, None] * reach


def segments(track: Track) -> int:
    """Of the curve through a track's points: one less than these, or as many if it is closed and its ends differ."""
    if track.loop.mode != "closed":
        return len(track.points) - 1
    first, last = track.points[0], track.points[-1]
    ends_apart = max(abs(last.x - first.x), abs(last.y - first.y)) > _SAME
    return len(track.points) - (not ends_apart)


def fit_curves(group: Sequence[Track], size: np.ndarray) -> np.ndarray:
    """Coefficients [4, S, G, 2] in pixels (see `fit`) of tracks with one spline, n >= 2 points and S `segments` each,
    all of them closed or none."""
    spline = group[0].spline
    control = np.array([[(p.x, p.y) for p in track.points] for track in group]) * size  # [G, n, 2]
    handle_in = np.zeros_like(control)
    handle_out = np.zeros_like(control)
    if spline == "bezier":
        handle_in[:] = np.array([[p.handle_in or (0.0, 0.0) for p in track.points] for track in group]) * size
        handle_out[:] = np.array([[p.handle_out or (0.0, 0.0) for p in track.points] for track in group]) * size
    parts = [a.swapaxes(0, 1) for a in (control, handle_in, handle_out)]  # [n, G, 2] each
    if group[0].loop.mode != "closed":
        return fit(spline, *parts)
    count = segments(group[0])
    if count < len(control[0]):  # the last point is the first one again, and has the handle on the way in
        parts[1][0] = parts[1][-1]
    around = np.arange(-1, count + 2) % count  # one more point on each side, so that the curve is smooth at its seam
    return fit(spline, *(a[around] for a in parts))[:, 1:-1]


def _follow(group: list[Track], fractions: np.ndarray, size: np.ndarray) -> np.ndarray:
    """[G, T, 2] pixels of tracks with one spline and n >= 2 points each."""
    curve = fit_curves(group, size)
    u = [parameter(track, fractions, curve[:, :, g]) for g, track in enumerate(group)]
    return evaluate(curve, np.stack(u, axis=1)).swapaxes(0, 1)


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
    """Whether a track holds one point still: the kind "anchor", and equally paths with a single point. None that
    sways."""
    return len(track.points) == 1 and track.sway is None


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


def fit(spline: str, control: np.ndarray, handle_in: np.ndarray, handle_out: np.ndarray) -> np.ndarray:
    """Coefficients [4, n-1, ..., 2] for control points [n, ..., 2] and their Bezier handles, offsets of the same shape.

    n >= 2. Only "bezier" uses the handles.
    """
    if spline == "bezier":
        return _bezier(control, handle_in, handle_out)
    return _FITS[spline](control)


def evaluate(curve: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Positions [T, 2] at u [T] for coefficients [4, n-1, 2]; with G tracks [T, G, 2] for [T, G] and [4, n-1, G, 2]."""
    k = np.clip(u.astype(np.intp), 0, curve.shape[1] - 1)
    d = (u - k)[..., None]
    at = (k,) if u.ndim == 1 else (k, np.arange(u.shape[1]))
    position = curve[0][at]
    for coefficient in curve[1:]:
        position = position * d + coefficient[at]
    return position


def _pchip(control: np.ndarray) -> np.ndarray:
    """Monotone piecewise cubic Hermite interpolation (Fritsch and Butland 1984), as the original DragNUWA uses.

    With unit spacing and differences m, the slope at an inner point is the harmonic mean 2*m0*m1/(m0+m1), or 0 where m0
    and m1 differ in sign or one is 0. At an end, with m0 the difference there and m1 the next one, it is (3*m0 - m1)/2,
    or 0 if its sign is not that of m0, or 3*m0 if m0 and m1 differ in sign and it is larger than that. Two points are
    joined by a straight line.
    """
    with np.errstate(over="ignore"):  # 1/slope of a difference near the smallest float; its slope is then 0
        return PchipInterpolator(np.arange(len(control)), control, axis=0).c


def _linear(control: np.ndarray) -> np.ndarray:
    step = np.diff(control, axis=0)
    return np.stack([np.zeros_like(step), np.zeros_like(step), step, control[:-1]])


def _catmull_rom(control: np.ndarray) -> np.ndarray:
    """Uniform Catmull-Rom (1974): the slope at a point is half the way from the point before to the point after it.

    The end points are doubled, so the slope at an end is half of its segment.
    """
    doubled = np.concatenate([control[:1], control, control[-1:]])
    slope = (doubled[2:] - doubled[:-2]) / 2
    return _hermite(control, slope[:-1], slope[1:])


def _bezier(control: np.ndarray, handle_in: np.ndarray, handle_out: np.ndarray) -> np.ndarray:
    """Cubic Bezier segments over P, P + out, Q + in, Q. A handle of zero makes the curve stop for an instant there."""
    return _hermite(control, 3 * handle_out[:-1], -3 * handle_in[1:])


def _hermite(control: np.ndarray, slope_left: np.ndarray, slope_right: np.ndarray) -> np.ndarray:
    """Cubic Hermite segments from the points [n, ...] and the slopes [n-1, ...] at both ends of each segment."""
    step = np.diff(control, axis=0)
    cubic = slope_left + slope_right - 2 * step
    quadratic = 3 * step - 2 * slope_left - slope_right
    return np.stack([cubic, quadratic, slope_left, control[:-1]])


_FITS = {"pchip": _pchip, "linear": _linear, "catmull_rom": _catmull_rom}


def own_time(start: float, end: float, fractions: np.ndarray) -> np.ndarray:
    """Converts clip fractions [T] to fractions [T] of the time from start to end, 0 before and 1 after it."""
    return (np.clip(fractions, start, end) - start) / (end - start)


def progress(item: Track | MotionObject, fractions: np.ndarray) -> np.ndarray:
    """Converts clip fractions [T] to fractions [T] of the own time of a track or an object; of what repeats, of one
    way, or of one way around."""
    return item.loop.progress(own_time(item.start, item.end, fractions))


def eased(ease: str, s: float) -> float:
    """Progress from one key to the next at the fraction s of the time between them."""
    return 0.0 if ease == "constant" else _EASES[ease](s)


def parameter(track: Track, fractions: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """Converts clip fractions [T] to the index parameter u [T] in 0..S, for a track of n >= 2 points and S segments.

    curve: the track's own coefficients [4, S, 2] in pixels, which the timing "arc_length" measures.
    """
    s = _EASES[track.ease](progress(track, fractions))
    last = curve.shape[1]
    if track.timing == "keys":
        u = np.interp(s, loop_times(track), np.arange(last + 1))
    elif track.timing == "arc_length":
        u = _constant_speed(curve, s)
    else:
        u = s * last
    return np.floor(u + _REACHED) if track.ease == "constant" else u


def key_times(points: tuple[Point, ...]) -> np.ndarray:
    """The times [n] of the control points, fractions of the track's own time.

    A missing first time is 0, a missing last one is 1; others are evenly spaced between their known neighbours.
    """
    times = [point.t for point in points]
    times[0] = 0.0 if times[0] is None else times[0]
    times[-1] = 1.0 if times[-1] is None else times[-1]
    known = [k for k, t in enumerate(times) if t is not None]
    return np.interp(np.arange(len(times)), known, [times[k] for k in known])


def loop_times(track: Track) -> np.ndarray:
    """As `key_times`, [S + 1] for S `segments`: those of a closed path leave time for the way back."""
    times = key_times(track.points)
    return times if segments(track) < len(times) else np.append(times * (1 - BACK), 1.0)


def check_key_times(points: tuple[Point, ...], where: str) -> None:
    """Raise TrajectoryError unless the times of the points strictly increase. One point alone needs no time."""
    if len(points) < 2:
        return
    times = key_times(points)
    wrong = np.flatnonzero(np.diff(times) <= 0)
    if wrong.size:
        k = int(wrong[0]) + 1
        raise TrajectoryError(
            f"{where}, point {k + 1}: t should be later than the t of the point before it ({times[k - 1]:g}), but it "
            f'is {times[k]:g}. Give the points rising times from 0 to 1, or set the track\'s timing to "points".'
        )


def reached(curve: np.ndarray) -> np.ndarray:
    """The fraction [n] of the length of `curve` [4, n-1, 2] at each control point; evenly spaced if the length is 0."""
    length = _lengths(curve)[1]
    if length[-1] == 0:
        return np.arange(curve.shape[1] + 1) / curve.shape[1]
    return length[::STEPS] / length[-1]


def _lengths(curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The table of arc lengths of `curve` [4, n-1, 2], STEPS a segment: u [M] and the length up to there [M]."""
    table = np.arange(curve.shape[1] * STEPS + 1) / STEPS
    step = np.diff(evaluate(curve, table), axis=0)  # [M-1, 2]
    return table, np.concatenate([[0.0], np.cumsum(np.hypot(step[:, 0], step[:, 1]))])


def _constant_speed(curve: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Converts fractions s [T] of the length of `curve` [4, n-1, 2] to u [T], by a table with STEPS per segment.

    Where the curve does not move, the largest u is taken. A curve of length 0 is timed as by "points".
    """
    table, length = _lengths(curve)
    if length[-1] == 0:
        return s * curve.shape[1]
    return np.interp(s * length[-1], length, table)
