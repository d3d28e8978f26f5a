"""Operations on trajectories: each takes a value and returns a new one.

Operations in space (`shift`, `scale`, `rotate`, `mirror`) and time (`retime`, `reverse`) change control points and
settings, so the result remains editable. `transform` applies several of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from .. import checks, sampling
from ..objects.change import REVERSED_EASE, backwards, drawing_in, mapped, reversed_sway
from ..objects.sampling import path_track
from ..objects.types import DrawnPath, MotionObject
from ..pins import keys_of
from ..trajectories import Trajectories
from ..types import MAX_POINTS, MAX_SCALE, MIN_SCALE, PinKey, Point, Track
from .windows import chained_window

MIDDLE = (0.5, 0.5)
MIRRORS = ("none", "horizontal", "vertical", "both")
_SOON = 1e-6  # delay of a jump that must happen just after a given moment, as a fraction of the track's time
_WHERE = "Transformed trajectories"
Item = TypeVar("Item", Track, MotionObject)


@dataclass(frozen=True)
class Transform:
    """Several operations, in the order of these fields; each default changes nothing.

    mirror: see `mirror`. scale: a factor, 1 leaves the size. rotate: degrees, above 0 clockwise. centre: of both,
    fractions of the picture. shift: fractions of the picture, to the right and down. reverse: backwards in time.
    start, end: see `retime`. frames, window_frames, window: see `windows.chained_window`; 0 window_frames cuts nothing.
    """

    mirror: str = "none"
    scale: float = 1.0
    rotate: float = 0.0
    centre: tuple[float, float] = MIDDLE
    shift: tuple[float, float] = (0.0, 0.0)
    reverse: bool = False
    start: float = 0.0
    end: float = 1.0
    frames: int = 14
    window_frames: int = 0
    window: int = 1


def transform(value: Trajectories, change: Transform, size: tuple[int, int]) -> Trajectories:
    """The operations of a `Transform`, on a picture of `size` (width, height) in pixels. Errors as theirs."""
    if change.mirror != "none":
        value = mirror(value, change.mirror)
    if change.scale != 1:
        value = scale(value, change.scale, change.scale, change.centre)
    if change.rotate != 0:
        value = rotate(value, change.rotate, size, change.centre)
    if change.shift != (0, 0):
        value = shift(value, *change.shift)
    if change.reverse:
        value = reverse(value)
    if (change.start, change.end) != (0, 1):
        value = retime(value, change.start, change.end)
    if change.window_frames == 0:
        return value
    return chained_window(value, change.window, change.window_frames, ClipShape(*size, change.frames))


def shift(value: Trajectories, dx: float, dy: float) -> Trajectories:
    """Every point moved by fractions of the picture, above 0 to the right and down."""
    return _in_plane(value, np.eye(2), np.array([dx, dy]))


def scale(value: Trajectories, x: float, y: float, centre: tuple[float, float] = MIDDLE) -> Trajectories:
    """Scales distances from `centre` (fractions of the picture) by x and y, which are not 0. Rotation and scale in an
    object's keys are unchanged, so that a rotated object is not sheared if x and y differ."""
    for factor, name in ((x, "scale_x"), (y, "scale_y")):
        if factor == 0:
            raise checks.wrong(_WHERE, name, "a number other than 0", factor, "1 leaves it as it is.")
    matrix = np.diag([x, y])
    return _in_plane(value, matrix, _about(matrix, centre))


def rotate(
    value: Trajectories, degrees: float, size: tuple[int, int], centre: tuple[float, float] = MIDDLE
) -> Trajectories:
    """Rotates about `centre` (fractions of the picture), positive is clockwise, in pixels of a picture of `size`.

    Curved "pchip" tracks become "bezier" of the same shape, since PCHIP is not rotation-invariant.
    """
    pixels = checks.size(size)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = np.array([[cos, -sin], [sin, cos]]) * pixels / pixels[:, None]  # in fractions of the picture
    return _in_plane(_each(value, _as_bezier, _bezier_path), matrix, _about(matrix, centre))


def mirror(value: Trajectories, direction: str) -> Trajectories:
    """Left and right exchanged ("horizontal"), top and bottom ("vertical"), "both", or "none"."""
    checks.choice(direction, MIRRORS, _WHERE, "mirror")
    x = -1.0 if direction in ("horizontal", "both") else 1.0
    y = -1.0 if direction in ("vertical", "both") else 1.0
    return scale(value, x, y)


def retime(value: Trajectories, start: float, end: float) -> Trajectories:
    """Compresses the whole motion into the part of the clip from `start` to `end`, as fractions. Before and after,
    everything stays still, with the visibility at the beginning and end of the motion."""
    checks.check_span(*checks.read_span({"start": start, "end": end}, _WHERE), _WHERE)

    def moment(f: float) -> float:
        return start + f * (end - start)

    def visible(interval: tuple[float, float]) -> tuple[float, float]:
        first, last = interval
        return 0.0 if first == 0 else moment(first), 1.0 if last == 1 else moment(last)

    def retimed(item: Item) -> Item:
        seen = tuple(visible(interval) for interval in item.visible)
        return replace(item, start=moment(item.start), end=moment(item.end), visible=seen)

    return _each(value, retimed, retimed)


def reverse(value: Trajectories) -> Trajectories:
    """Reverses time: at the fraction f of the clip everything is where it was at 1 - f. Anchors keep their drift."""
    return _each(value, lambda track: _reversed(track, value.canvas), lambda each: _reversed_object(each, value.canvas))


def _each(
    value: Trajectories, change: Callable[[Track], Track], change_object: Callable[[MotionObject], MotionObject]
) -> Trajectories:
    return replace(
        value,
        tracks=tuple(change(track) for track in watched(value.tracks)),
        objects=tuple(change_object(each) for each in watched(value.objects)),
    )


def _about(matrix: np.ndarray, centre: tuple[float, float]) -> np.ndarray:
    """The shift for which `matrix` leaves `centre` fixed."""
    return np.array(centre) - matrix @ np.array(centre)


def _in_plane(value: Trajectories, matrix: np.ndarray, offset: np.ndarray) -> Trajectories:
    """Every point p (fractions) becomes matrix @ p + offset, and every handle matrix @ handle. Errors as `mapped`."""
    return drawing_in(value, mapped(matrix, offset, value.canvas))


def _as_bezier(track: Track) -> Track:
    """The same curve, point for point, with handles, if it is "pchip": those of a cubic are a third of its slopes."""
    if track.spline != "pchip" or len(track.points) < 3:
        return track  # two points are a straight line
    cubic, quadratic, linear, _ = sampling.fit_curves([track], np.ones(2))[:, :, 0]  # [S, 2] each
    leaving = (linear / 3).tolist()
    arriving = (-(3 * cubic + 2 * quadratic + linear) / 3).tolist()
    points = (
        replace(
            p,
            handle_in=tuple(arriving[k - 1]) if k > 0 or track.loop.mode == "closed" else None,
            handle_out=tuple(leaving[k]) if k < len(leaving) else None,
        )
        for k, p in enumerate(track.points)
    )
    return replace(track, spline="bezier", points=tuple(points))


def _bezier_path(each: MotionObject) -> MotionObject:
    return (
        each if not isinstance(each.motion, DrawnPath) else _with_path(each, _as_bezier(path_track(each, each.motion)))
    )


def _with_path(each: MotionObject, track: Track) -> MotionObject:
    return replace(each, motion=DrawnPath(track.points, track.spline, track.timing, track.ease))


def _reversed_object(each: MotionObject, canvas: tuple[int, int]) -> MotionObject:
    pins = tuple(_reversed(pin, canvas) for pin in each.pins)
    if not isinstance(each.motion, DrawnPath):
        return backwards(each, None, pins, _reversed_span(each), canvas)
    way = _with_path(each, _reversed(path_track(each, each.motion), canvas)).motion
    return backwards(each, way, pins, _reversed_span(each), canvas)


def _reversed_span(item: Item) -> dict:
    return {
        "start": 1 - item.end,
        "end": 1 - item.start,
        "visible": tuple((1 - last, 1 - first) for first, last in reversed(item.visible)),
    }


def _reversed(track: Track, canvas: tuple[int, int]) -> Track:
    time = _reversed_span(track)
    time["sway"] = reversed_sway(track.sway)
    if track.loop.mode == "ping_pong":  # the same backwards
        return replace(track, **time)
    if track.pin:
        time["pin"] = _reversed_keys(keys_of(track))
    if len(track.points) == 1:
        return replace(track, **time)
    track = _ending_where_it_began(track)
    points = track.points
    if track.ease == "constant":
        points = _with_times(points, _jumps(track, canvas))
    elif track.timing == "keys":
        points = _with_times(points, sampling.key_times(points).tolist())
    backwards = (
        replace(p, t=None if p.t is None else 1 - p.t, handle_in=p.handle_out, handle_out=p.handle_in)
        for p in reversed(points)
    )
    return replace(
        track,
        points=tuple(backwards),
        ease=REVERSED_EASE.get(track.ease, track.ease),
        timing="keys" if track.ease == "constant" else track.timing,
        **time,
    )


def _reversed_keys(keys: tuple[PinKey, ...]) -> tuple[PinKey, ...]:
    """The turns and scales of a pin, reversed in time, relative to the last one."""
    last = keys[-1]
    return tuple(
        PinKey(1 - key.at, key.turn - last.turn, min(max(key.scale / last.scale, MIN_SCALE), MAX_SCALE))
        for key in reversed(keys)
    )


def _ending_where_it_began(track: Track) -> Track:
    """The same motion, a closed one with its first point once more at its end."""
    if sampling.segments(track) < len(track.points):
        return track
    points = track.points
    if track.timing == "keys":
        points = _with_times(points, sampling.loop_times(track)[:-1].tolist())
    return replace(track, points=(*points, replace(points[0], t=None)))


def _with_times(points: tuple[Point, ...], times: list[float]) -> tuple[Point, ...]:
    return tuple(replace(p, t=t) for p, t in zip(points, times, strict=True))


def _jumps(track: Track, canvas: tuple[int, int]) -> list[float]:
    """Times [n] for a track that jumps, so that in reverse it leaves point k at the moment it arrived there.

    Forwards, the track is at point k from that point's time until the next one's, inclusive only at the beginning. In
    reverse that moment is the last one there, so the jump follows just after it.
    """
    n = len(track.points)
    if track.timing == "keys":
        reached = sampling.key_times(track.points)
    elif track.timing == "points":
        reached = np.arange(n) / (n - 1)
    else:
        reached = sampling.reached(sampling.fit_curves([track], np.array(canvas, dtype=np.float64))[:, :, 0])
    leaving = np.append(reached[1:] - _SOON * (1 - np.arange(n - 1) / n), 1.0)  # rising where points are doubled, too
    return np.maximum(leaving, np.arange(n) * _SOON / MAX_POINTS).tolist()
