"""FL Path Animator's paths_data (filliptm/ComfyUI_FL-Path-Animator), in pixels of its own canvas.

    {"formatVersion": 2, "canvas_size": {"width": 512, "height": 512},
     "paths": [{"name": "Path 1", "color": "#FF6B6B", "points": [{"x": 10, "y": 20}, {"x": 90, "y": 20}],
                "isSinglePoint": false, "startTime": 0, "endTime": 1, "interpolation": "linear",
                "visibilityMode": "pop"}]}

A path runs through its points at constant speed from startTime to endTime, fractions of the clip; interpolation eases
that, "custom" by the two handles of a cubic Bezier curve, "bezierPoints": [x1, y1, x2, y2]. Before and after it, "pop"
hides the path, and "static" shows it at rest. One point is an anchor, as is a path without time. Without a canvas,
pixels are those of the picture.

Tracks whose motion is such a path are written as they are; others as their positions at the frames, through which the
path then runs at constant speed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..checks import ALWAYS, COLOR, choice, mapping, number, sequence, side, string, wrong
from ..sampling import is_anchor
from ..schema import check_total
from ..trajectories import Trajectories
from ..types import (
    MAX_COORDINATE,
    MAX_NAME,
    MAX_POINTS,
    MAX_TRACKS,
    Point,
    Track,
    TrajectoryError,
    default_color,
    default_id,
)
from .format import Limits, Reader, Writer, compact, count, finite_extras, in_pixels, listed, numbers, sampled
from .rows import name_of

EASES = {"linear": "linear", "ease-in": "ease_in", "ease-out": "ease_out", "ease-in-out": "ease_in_out"}
CUSTOM = "custom"
STEPS = 64
"""Equal parts of its time, at the ends of which a path with an ease of its own is read as points; and at its points."""
VISIBILITY = ("pop", "static")
_WHAT = "FL Path Animator's paths_data"
_REMEDY = "Copy paths_data from its node again, whole."
_KNOWN = {"formatVersion", "canvas_size", "paths", "background_image"}
_OF_PATH = {"id", "name", "color", "points", "closed", "isSinglePoint", "startTime", "endTime", "interpolation",
            "visibilityMode", "bezierPoints"}  # fmt: skip
_WRITTEN_EASES = {ours: its for its, ours in EASES.items()}


def recognises(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("paths"), (list, tuple)) and "type" not in value


def read(value: dict, size: tuple[int, int]) -> Trajectories:
    """Reads a track for each path.

    Raises:
        TrajectoryError: naming the path and the point.
    """
    paths = sequence(value["paths"], MAX_TRACKS, _WHAT, "paths", _REMEDY)
    check_total([path if isinstance(path, dict) else () for path in paths])
    canvas = _canvas(value, size)
    return Trajectories(tuple(_track(path, k, canvas) for k, path in enumerate(watched(paths))), canvas)


def report(value: dict, found: Trajectories) -> tuple[str, list[str]]:
    width, height = found.canvas
    given = "its canvas" if "canvas_size" in value else "the picture, since it names no canvas"
    notes = [f"Pixels are those of {given}, {width} x {height}."]
    eased = sum(track.ease == "ease_in_out" for track in found.tracks)
    if eased:
        notes.append(f"ease-in-out is read as a slightly softer curve: {count(eased, 'track')}.")
    custom = sum(path.get("interpolation") == CUSTOM for path in value["paths"])
    if custom:
        notes.append(f"An ease of its own is read as {STEPS} straight lines or more: {count(custom, 'track')}.")
    extra = {str(key) for key in value if key not in _KNOWN}
    extra |= {str(key) for path in value["paths"] for key in path if key not in _OF_PATH}
    if extra:
        notes.append(f"Fields that are not read: {listed(sorted(extra))}.")
    return "paths of FL Path Animator", notes


def _canvas(value: dict, size: tuple[int, int]) -> tuple[int, int]:
    if "canvas_size" not in value:
        return size
    canvas = mapping(value["canvas_size"], _WHAT, "canvas_size", _REMEDY)
    return side(canvas.get("width"), "width (canvas_size)"), side(canvas.get("height"), "height (canvas_size)")


def _track(path: Any, index: int, canvas: tuple[int, int]) -> Track:
    where = f"Path {index + 1}"
    mapping(path, where, "a path", _REMEDY)
    finite_extras(path, where)
    found = sequence(path.get("points"), MAX_POINTS, where, "points", _REMEDY)
    if not found:
        raise TrajectoryError(f"{where}: it has no points. Delete it in FL Path Animator, or draw it again.")
    points = tuple(_point(point, f"{where}, point {k + 1}", canvas) for k, point in enumerate(found))
    times = "It is a fraction of the clip, from 0 to 1."
    start = number(path.get("startTime", 0), 0, 1, where, "startTime", times)
    end = number(path.get("endTime", 1), 0, 1, where, "endTime", times)
    ease = choice(path.get("interpolation", "linear"), (*EASES, CUSTOM), where, "interpolation")
    pops = choice(path.get("visibilityMode", VISIBILITY[0]), VISIBILITY, where, "visibilityMode") == VISIBILITY[0]
    name, color = string(path.get("name", ""), 0, 10**6, where, "name", _REMEDY), path.get("color")
    looks = {
        "id": default_id(index),
        "name": name_of(name)[:MAX_NAME],
        "color": color if isinstance(color, str) and COLOR.fullmatch(color) else default_color(index),
    }
    visible = (((start, end),) if start <= end else ()) if pops else ALWAYS
    if start >= end:
        return Track(points[:1], kind="anchor", visible=visible, **looks)
    if len(points) == 1:
        return Track(points, kind="anchor", start=start, end=end, visible=visible, **looks)
    moves: dict[str, Any] = {"timing": "arc_length", "ease": EASES.get(ease, "linear")}
    handles = path.get("bezierPoints")
    if ease == CUSTOM and handles is not None:
        points, moves = _at_own_speed(points, _handles(handles, where), canvas), {"timing": "keys"}
    return Track(points, spline="linear", start=start, end=end, visible=visible, **moves, **looks)


def _handles(value: Any, where: str) -> list[float]:
    found = sequence(value, 4, where, "bezierPoints", _REMEDY)
    remedy = "Its four numbers are x and y of two handles."
    limits = ((0, 1), (-10, 10)) * 2
    if len(found) != 4:
        raise wrong(where, "bezierPoints", "four numbers, x1, y1, x2 and y2", value, remedy)
    return [number(one, *limit, where, "bezierPoints", remedy) for one, limit in zip(found, limits, strict=True)]


def _at_own_speed(points: tuple[Point, ...], handles: list[float], canvas: tuple[int, int]) -> tuple[Point, ...]:
    """The places of a path with their times, at equal times and where it passes its points, eased by the curve of CSS'
    cubic-bezier()."""
    places = np.array([(point.x, point.y) for point in points])
    lengths = np.concatenate([[0], np.linalg.norm(np.diff(places, axis=0) * canvas, axis=1).cumsum()])
    u = np.linspace(0, 1, 64 * STEPS + 1)
    x, y = (3 * (1 - u) ** 2 * u * first + 3 * (1 - u) * u**2 * second + u**3
            for first, second in (handles[::2], handles[1::2]))  # fmt: skip
    way = np.clip(y, 0, 1) * lengths[-1]
    passed = np.searchsorted(lengths, way)  # how many points of the path are behind
    times = np.unique(np.round(np.concatenate([np.linspace(0, 1, STEPS + 1), x[1:][np.diff(passed) != 0]]), 9))
    reached = np.interp(times, x, way)
    found = np.stack([np.interp(reached, lengths, axis) for axis in places.T], 1)
    return tuple(Point(*place, t) for place, t in zip(found.tolist(), times.tolist(), strict=True))


def _point(value: Any, where: str, canvas: tuple[int, int]) -> Point:
    mapping(value, where, "a point", _REMEDY)
    x, y = (
        number(value.get(axis), -MAX_COORDINATE * pixels, MAX_COORDINATE * pixels, where, axis, _REMEDY) / pixels
        for axis, pixels in zip("xy", canvas, strict=True)
    )
    return Point(x, y)


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    """The enabled tracks as paths on a canvas of the clip's size."""
    found, size = sampled(trajectories, clip), np.array(clip.size)
    paths = compact(
        _path(track, positions, index, size)
        for index, (track, positions) in enumerate(watched(zip(found.tracks, found.points, strict=True)))
    )
    canvas = json.dumps({"width": clip.width, "height": clip.height})
    return f'{{"formatVersion":2,"canvas_size":{canvas},"paths":{paths}}}'


def _path(track: Track, positions: np.ndarray, index: int, size: np.ndarray) -> dict:
    kept = is_anchor(track) or _runs_so(track)
    points = np.array([(point.x, point.y) for point in track.points]) * size if kept else positions
    is_timed = is_anchor(track) and len(track.visible) == 1 and track.visible != ALWAYS
    begin, end = track.visible[0] if is_timed else (track.start, track.end)
    return {
        "id": f"path_{index + 1}", "name": track.name, "color": track.color,
        "points": [{"x": x, "y": y} for x, y in numbers(points)], "isSinglePoint": len(points) == 1,
        "startTime": begin, "endTime": end, "interpolation": _WRITTEN_EASES.get(track.ease, "linear"),
        "visibilityMode": VISIBILITY[_is_static(track)],
    }  # fmt: skip


def _runs_so(track: Track) -> bool:
    """Whether a track runs along straight lines, at a speed that its ease alone changes."""
    plain = track.loop.mode == "once" and track.sway is None and track.ease in _WRITTEN_EASES
    between_two = len(track.points) == 2 and track.spline in ("linear", "pchip")
    straight = track.timing == "arc_length" and track.spline == "linear"
    return plain and (straight or (between_two and track.timing != "keys"))


def _is_static(track: Track) -> bool:
    """Whether a path is seen outside of its time, too; or, as far as that can be said, at all times."""
    return track.visible == ALWAYS or (len(track.visible) != 1 if is_anchor(track) else not _pops(track))


def _pops(track: Track) -> bool:
    return track.visible == ((track.start, track.end),)


def _is_outside(track: Track) -> bool:
    return any(not (0 <= place <= 1) for point in track.points for place in (point.x, point.y))


def _motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    paths = [track for track in tracks if not is_anchor(track)]
    steady = sum(not _runs_so(track) for track in paths)
    hidden = sum(
        len(track.visible) != 1 if is_anchor(track) else track.visible != ALWAYS and not _pops(track)
        for track in tracks
    )
    softer = sum(track.ease == "ease_in_out" for track in paths)
    held = sum(not _runs_so(track) and _is_outside(track) for track in paths)
    notes = [
        f"No curves, and no changes of speed but an ease: {count(steady, 'track')} written as {clip.frames} positions "
        "each, through which the path runs at constant speed." if steady else "",
        f"Of these, nothing outside of the picture: {count(held, 'track')} held at its edge there." if held else "",
        f"No visibility but that of a path's own time: {count(hidden, 'track')} hidden in other frames, which then "
        "count as seen." if hidden else "",
        f"Its ease-in-out is slightly sharper: {count(softer, 'track')}." if softer else "",
    ]  # fmt: skip
    return " ".join(note for note in notes if note)


READER = Reader("paths_data of FL Path Animator", recognises, read, report, in_pixels)
WRITER = Writer("fl_paths", write, Limits(visibility=True, names=True, outside=True, motion=_motion))
