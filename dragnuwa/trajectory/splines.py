"""Curves through control points.

Every spline is a piecewise cubic C(u) over the index parameter u in 0..n-1 with C(k) = control point k. On the segment
k <= u <= k+1, with d = u - k,

    C(u) = ((a0 * d + a1) * d + a2) * d + a3,        coefficients [4, n-1, ..., 2] = a0, a1, a2, a3

so that fitting is one step, done for many tracks at once, and evaluation is the same for all of them. x and y are
independent of each other, and scaling the control points scales the curve.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator


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
