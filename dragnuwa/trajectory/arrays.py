"""Tracks from arrays with one position per frame, such as ComfyUI's TRACKS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..common.interrupt import watched
from . import checks
from .lost import between_known, lost_points
from .sampling import intervals
from .trajectories import Trajectories
from .types import (
    MAX_COORDINATE,
    MAX_POINTS,
    MAX_TOTAL_POINTS,
    MAX_TRACKS,
    Point,
    Track,
    TrajectoryError,
    default_color,
    default_id,
)


def from_arrays(
    points: Any, visible: Any = None, *, width: int, height: int, names: Sequence[str] | None = None
) -> Trajectories:
    """Converts positions at the frames of a clip to tracks, the inverse of `Trajectories.sample`.

    The tracks are "linear" with the timing "points": sampled at the same number of frames and the same size they give
    the same positions and visibility, interpolated linearly in between. (PCHIP, the default for drawn control points,
    would smooth measured data.)

    Args:
        points: [N, T, 2] x and y in pixels of a picture of width x height; array or tensor, T >= 1. NaN is a lost
            point, which becomes a hidden one; a track of which nothing is known is left out.
        visible: [N, T], or [1, T] for all tracks; bool, or numbers, of which those above 0.5 are visible. By default
            all are visible.
        names: of the N tracks; none by default.

    Raises:
        TrajectoryError: if shapes are wrong, there are too many tracks or frames, or a position is infinite or far
            outside; also if nothing is known of any track.
    """
    size = checks.size((width, height))
    points = shaped(points, "the array of positions")
    _check_shape(points)
    seen = _visibility(visible, (points.shape[0], points.shape[1]))
    positions = _positions(points, size)
    lost = lost_points(positions)
    known = np.flatnonzero(~lost.all(axis=1))
    if len(known) == 0 and len(lost) > 0:
        raise TrajectoryError(
            f"Tracks: there should be known positions, but all {lost.size:,} are lost (NaN or empty). Track the points "
            "again."
        )
    seen = (seen & ~lost)[known]
    names = [names[row] for row in known.tolist()] if names else None
    fractions = between_known(positions[known]) / size
    return Trajectories(
        tracks=tuple(
            Track(
                points=tuple(Point(x, y) for x, y in fractions[row].tolist()),
                id=default_id(row),
                name=names[row] if names else "",
                color=default_color(row),
                spline="linear",
                visible=intervals(seen[row]),
            )
            for row in watched(range(len(fractions)))
        ),
        canvas=(width, height),
    )


def _check_shape(points: Any) -> None:
    if points.ndim != 3 or points.shape[1] < 1 or points.shape[2] != 2:
        raise wrong_shape("the array of positions", "[tracks, frames, 2]", points)
    count, frames, _ = points.shape
    if count > MAX_TRACKS or frames > MAX_POINTS or count * frames > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"Tracks from another node: there should be at most {MAX_TRACKS:,} tracks of {MAX_POINTS:,} frames, and "
            f"{MAX_TOTAL_POINTS:,} positions in all, but there are {count:,} tracks of {frames:,} frames. "
            "Use fewer of them."
        )


def _positions(points: Any, size: np.ndarray) -> np.ndarray:
    positions = array(points, "the array of positions")
    limit = MAX_COORDINATE * size
    bad = np.argwhere(np.abs(positions) > limit)  # NaN is a lost point
    if bad.size:
        row, frame, axis = bad[0].tolist()
        raise checks.wrong(
            f"Tracks from another node, track {row + 1}, frame {frame + 1}",
            "xy"[axis],
            f"a position in pixels from {-limit[axis]:,.0f} to {limit[axis]:,.0f}",
            float(positions[row, frame, axis]),
            "Leave this track out, or write NaN where it is not known.",
        )
    return positions


def _visibility(visible: Any, shape: tuple[int, int]) -> np.ndarray:
    if visible is None:
        return np.ones(shape, dtype=bool)
    seen = shaped(visible, "the visibility")
    if seen.ndim != 2:
        raise wrong_shape("the visibility", "[tracks, frames]", seen)
    if tuple(seen.shape) not in (shape, (1, shape[1])):
        raise TrajectoryError(
            f"Tracks from another node: the visibility should be that of {shape[0]} tracks in {shape[1]} frames, like "
            f"the positions, but it is that of {seen.shape[0]} in {seen.shape[1]}. Connect a node that gives TRACKS."
        )
    return np.broadcast_to(array(seen, "the visibility") > 0.5, shape)


def shaped(value: Any, what: str) -> Any:
    """An array or tensor unchanged, or a list as an array, so that its shape can be checked before `array` copies it.
    Raises TrajectoryError unless it holds numbers."""
    try:
        found = value if hasattr(value, "detach") else np.asarray(value)
    except (TypeError, ValueError):
        raise _not_numbers(value, what) from None
    # Rejects arrays of text, objects and complex numbers.
    real = not found.is_complex() if hasattr(found, "detach") else np.can_cast(found.dtype, np.float64, "same_kind")
    if not real:
        raise _not_numbers(value, what)
    return found


def array(value: Any, what: str) -> np.ndarray:
    """The result of `shaped` as a float64 array, from any device. Raises TrajectoryError."""
    if isinstance(value, np.ndarray):
        return value.astype(np.float64)
    try:
        return value.detach().cpu().double().numpy()
    except (TypeError, NotImplementedError):  # a sparse tensor, or one without content
        raise _not_numbers(value, what) from None


def _not_numbers(value: Any, what: str) -> TrajectoryError:
    return TrajectoryError(
        f"Tracks from another node: {what} should be an array or tensor of numbers, but it is a value of type "
        f"{type(value).__name__} that is not one. Connect a node that gives TRACKS."
    )


def wrong_shape(what: str, expected: str, found: Any) -> TrajectoryError:
    """The error for an array of another shape than expected."""
    return TrajectoryError(
        f"Tracks from another node: {what} should have the shape {expected}, but its shape is {list(found.shape)}. "
        "Connect a node that gives TRACKS."
    )
