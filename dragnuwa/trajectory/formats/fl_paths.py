"""FL Path Animator's paths_data (filliptm/ComfyUI_FL-Path-Animator), in pixels of its own canvas.

    {"formatVersion": 2, "canvas_size": {"width": 512, "height": 512},
     "paths": [{"name": "Path 1", "color": "#FF6B6B", "points": [{"x": 10, "y": 20}, {"x": 90, "y": 20}],
                "isSinglePoint": false, "startTime": 0, "endTime": 1, "interpolation": "linear",
                "visibilityMode": "pop"}]}

A path runs through its points at constant speed from startTime to endTime, fractions of the clip; interpolation eases
that. Before and after it, "pop" hides the path, and "static" shows it at rest. One point is an anchor, as is a path
without time. Without a canvas, pixels are those of the picture.
"""

from __future__ import annotations

from typing import Any

from ...common.interrupt import watched
from ..checks import COLOR, choice, mapping, number, sequence, side, string
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
from .format import Reader, count, finite_extras, listed
from .rows import name_of

EASES = {"linear": "linear", "ease-in": "ease_in", "ease-out": "ease_out", "ease-in-out": "ease_in_out"}
VISIBILITY = ("pop", "static")
_WHAT = "FL Path Animator's paths_data"
_REMEDY = "Copy paths_data from its node again, whole."
_KNOWN = {"formatVersion", "canvas_size", "paths", "background_image"}
_OF_PATH = {"id", "name", "color", "points", "closed", "isSinglePoint", "startTime", "endTime", "interpolation",
            "visibilityMode"}  # fmt: skip


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
    ease = choice(path.get("interpolation", "linear"), tuple(EASES), where, "interpolation")
    pops = choice(path.get("visibilityMode", VISIBILITY[0]), VISIBILITY, where, "visibilityMode") == VISIBILITY[0]
    name, color = string(path.get("name", ""), 0, 10**6, where, "name", _REMEDY), path.get("color")
    looks = {
        "id": default_id(index),
        "name": name_of(name)[:MAX_NAME],
        "color": color if isinstance(color, str) and COLOR.fullmatch(color) else default_color(index),
    }
    visible = (((start, end),) if start <= end else ()) if pops else ((0.0, 1.0),)
    if len(points) == 1 or start >= end:
        return Track(points[:1], kind="anchor", visible=visible, **looks)
    return Track(
        points, spline="linear", timing="arc_length", start=start, end=end, ease=EASES[ease], visible=visible, **looks
    )


def _point(value: Any, where: str, canvas: tuple[int, int]) -> Point:
    mapping(value, where, "a point", _REMEDY)
    x, y = (
        number(value.get(axis), -MAX_COORDINATE * pixels, MAX_COORDINATE * pixels, where, axis, _REMEDY) / pixels
        for axis, pixels in zip("xy", canvas, strict=True)
    )
    return Point(x, y)


READER = Reader("paths_data of FL Path Animator", recognises, read, report)
