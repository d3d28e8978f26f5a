"""Curves through control points, and where on them a track is at each time.

Every spline is a piecewise cubic C(u) over the index parameter u in 0..n-1 with C(k) = control point k. On the segment
k <= u <= k+1, with d = u - k,

    C(u) = ((a0 * d + a1) * d + a2) * d + a3,        coefficients [4, n-1, ..., 2] = a0, a1, a2, a3

so that fitting is one step, done for many tracks at once, and evaluation is the same for all of them. x and y are
independent of each other, and scaling the control points scales the curve.

Timing and ease never change the curve, only when each u is reached:

    f = frame / (frames - 1)                                fraction of the clip
    s = ease((clip(f, start, end) - start) / (end - start))  fraction of the track's own time
    u = points:      s * (n - 1)
        keys:        linear between the points' times; constant before the first and after the last
        arc_length:  constant speed along the curve, in pixels of the sampled size, before clamping
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

from .types import Point, Track, TrajectoryError

STEPS = 64
"""Sub-steps of one segment in the table of arc lengths."""
_REACHED = 1e-9  # ease "constant": tolerance in u against rounding when a point counts as reached

_EASES = {
    "linear": lambda s: s,
    "ease_in": lambda s: s * s,
    "ease_out": lambda s: 1 - (1 - s) * (1 - s),
    "ease_in_out": lambda s: s * s * (3 - 2 * s),
    "constant": lambda s: s,  # the jumps are made in u, by `parameter`
}


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


def eased(ease: str, s: float) -> float:
    """Progress from one key to the next at the fraction s of the time between them."""
    return 0.0 if ease == "constant" else _EASES[ease](s)


def parameter(track: Track, fractions: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """Converts clip fractions [T] to the index parameter u [T] in 0..n-1, for a track of n >= 2 points.

    curve: the track's own coefficients [4, n-1, 2] in pixels, which the timing "arc_length" measures.
    """
    s = _EASES[track.ease](own_time(track.start, track.end, fractions))
    last = len(track.points) - 1
    if track.timing == "keys":
        u = np.interp(s, key_times(track.points), np.arange(last + 1))
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
