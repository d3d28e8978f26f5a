"""Lists of tracks as KJNodes, ATI and the earlier pack write them, in pixels of the picture.

    [[{"x": 25, "y": 25}, {"x": 128, "y": 128}], ...]                           KJNodes, output "coord_str"
    [{"x": 25, "y": 25}, {"x": 128, "y": 128}]                                  the same, one track
    [{"points": [{"x": 25, "y": 25}], "color": "#1f77b4", "name": "a"}, ...]    KJNodes, the widget "points_store"
    [[[25, 25], [128, 128]], ...]                                               tracking points of the earlier pack
    [[25, 25], [128, 128]]                                                      the same, one track
    [[[25, 25, 1], [128, 128, 0]], ...]                                         x, y, visible, as trackers give them

A list of texts, each of which is a track or a list of tracks, as ComfyUI's WanTrackToVideo takes it, is put together by
`dragnuwa.trajectory.parsing`.

`kjnodes`, `ati` and `tracking_points` write them. All contain control points, so the tracks get the defaults: PCHIP and
equal time between points, as in the original. For densely sampled lists, PCHIP passes through every sample and is
nearly linear in between. Tracks may differ in length and in notation. Other fields of a point or a track are ignored. A
third number is the point's visibility: a boolean, or a number from 0 to 1, visible above 0.5 (CoTracker's, ATI's). A
point that is null, or has null or NaN for x or y, is a lost one (`lost`).

The earlier pack is chaojie/ComfyUI-DragNUWA. A `points_store` does not say which interpolation its editor showed.
Points with handles (h1x, h1y, h2x, h2y, in pixels) were once a Bezier curve, so such a track is read as "bezier".
"""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from ...common.interrupt import watched
from ..checks import COLOR, describe, number, sequence, wrong
from ..lost import between_known, notes_of
from ..sampling import intervals
from ..schema import check_total
from ..trajectories import Trajectories
from ..types import (
    MAX_COORDINATE,
    MAX_POINTS,
    MAX_TRACKS,
    Point,
    Track,
    TrajectoryError,
    default_color,
    default_id,
)
from .format import Reader, finite_extras, in_pixels, listed
from .rows import name_of

_POINT_KEYS = {"x", "y", "h1x", "h1y", "h2x", "h2y"}
_TRACK_KEYS = {"points", "color", "name", "isSinglePoint"}
_REMEDY_TRACK = 'Write a track as [[25,25],[128,128]] or [{"x":25,"y":25},{"x":128,"y":128}].'
_REMEDY_POINT = 'Write a point as [25,25] or {"x":25,"y":25}.'
_REMEDY_SEEN = "A third number says whether the point is seen, from 0 to 1; leave others out."


def read(value: list | tuple, size: tuple[int, int]) -> Trajectories:
    """A decoded list of any of the forms above -> Trajectories. An empty list holds no track.

    Raises:
        TrajectoryError: naming the track and the point.
    """
    tracks = tracks_in(value)
    sequence(tracks, MAX_TRACKS, "Trajectories", "the list of tracks", _REMEDY_TRACK)
    check_total(tracks)
    return Trajectories(
        tracks=tuple(_read_track(track, index, size) for index, track in enumerate(watched(tracks))),
        canvas=size,
    )


def report(value: list | tuple, found: Trajectories) -> tuple[str, list[str]]:
    """Which of the forms it is, with notes for the user."""
    tracks = tracks_in(value)
    points = [point for track in tracks for point in _points_of(track)]
    if not points:
        return "a list without tracks", ["There is nothing in it, so nothing will be dragged."]
    if any(isinstance(track, dict) for track in tracks):
        form, missing = "a points_store of KJNodes", "timing"
    elif any(isinstance(point, dict) for point in points):
        form, missing = "coordinates of KJNodes", "timing, names or colours"
    else:
        form, missing = "tracking points", "timing, names or colours"
    seen = any(isinstance(point, (list, tuple)) and len(point) > 2 for point in points)
    if not seen:
        missing = f"visibility{',' if ',' in missing else ' or'} {missing}"
    notes = [f"It holds no {missing}: the points are reached at equal times."]
    if seen:
        notes.append("The third number of a point is read as whether it is seen; more than 0.5 is.")
    notes += notes_of(sum(map(_is_lost, _points_of(track))) for track in tracks)
    extra = {str(key) for point in points if isinstance(point, dict) for key in point if key not in _POINT_KEYS}
    extra |= {str(key) for track in tracks if isinstance(track, dict) for key in track if key not in _TRACK_KEYS}
    if extra:
        notes.append(f"Fields that are not read: {listed(sorted(extra))}.")
    if len({len(track.points) for track in found.tracks if len(track.points) > 1}) > 1:
        notes.append("The tracks differ in length; each takes the whole clip.")
    return form, notes


def _points_of(track: Any) -> list | tuple:
    return track["points"] if isinstance(track, dict) else track


def tracks_in(value: list | tuple) -> list | tuple:
    """A list of tracks; a single track becomes a list of one."""
    first = next((item for item in value if item is not None), None)
    return [value] if _is_point(first) else value


def _is_point(value: Any) -> bool:
    if isinstance(value, dict):
        return "x" in value or "y" in value
    return isinstance(value, (list, tuple)) and bool(value) and not isinstance(value[0], (list, tuple, dict))


def _read_track(value: Any, index: int, size: tuple[int, int]) -> Track:
    where = f"Track {index + 1}"
    fields = value if isinstance(value, dict) else {"points": value}
    if "points" not in fields:
        raise TrajectoryError(
            f'{where}: a list of points, or an object with "points", was expected, but there is {describe(value)}. '
            f"{_REMEDY_TRACK}"
        )
    finite_extras(fields, where)
    found = sequence(fields["points"], MAX_POINTS, where, "a track", _REMEDY_TRACK)
    if not found:
        raise TrajectoryError(
            f"{where}: it has no points. Delete the track, or give it at least one point (KJNodes' spline editor "
            'leaves out single points unless its sampling_method is "controlpoints").'
        )
    lost = np.array([_is_lost(point) for point in found])
    if lost.all():
        raise TrajectoryError(f"{where}: no point of it is known, only lost ones (null or NaN). Delete the track.")
    read = [None if lost[k] else _read_point(point, f"{where}, point {k + 1}", size) for k, point in enumerate(found)]
    points = _with_lost(read) if lost.any() else tuple(read)
    has_handles = any(point.handle_in or point.handle_out for point in points)
    name, color = fields.get("name"), fields.get("color")
    return Track(
        points=points,
        id=default_id(index),
        name=name_of(name) if isinstance(name, str) else "",
        color=color if isinstance(color, str) and COLOR.fullmatch(color) else default_color(index),
        kind="anchor" if fields.get("isSinglePoint") is True and len(points) == 1 else "path",
        spline="bezier" if has_handles else "pchip",
        visible=_visible(found, lost, where),
    )


def _is_lost(value: Any) -> bool:
    """Whether a point has null or NaN for a number, or is null itself."""
    if value is None:
        return True
    if isinstance(value, dict):
        return "x" in value and "y" in value and any(map(_unknown, (value["x"], value["y"])))
    return isinstance(value, (list, tuple)) and len(value) in (2, 3) and any(map(_unknown, value[:2]))


def _unknown(value: Any) -> bool:
    return value is None or (isinstance(value, Real) and value != value)


def _with_lost(read: list[Point | None]) -> tuple[Point, ...]:
    """The points of a track with those that are lost on the straight line between the others."""
    places = np.array([[(point.x, point.y) if point else (np.nan, np.nan) for point in read]])
    filled = between_known(places)[0].tolist()
    return tuple(point or Point(*place) for point, place in zip(read, filled, strict=True))


def _read_point(value: Any, where: str, size: tuple[int, int]) -> Point:
    if isinstance(value, dict):
        return _read_point_object(value, where, size)
    if not isinstance(value, (list, tuple)):
        raise wrong(where, "a point", "a pair [x, y] or an object with x and y", value, _REMEDY_POINT)
    if len(value) < 2:
        raise wrong(where, "a point", "a pair [x, y]", value, _REMEDY_POINT)
    if len(value) > 3:
        raise wrong(where, "a point", "[x, y] or [x, y, visible]", value, _REMEDY_SEEN)
    return Point(_pixel(value[0], size[0], where, "x"), _pixel(value[1], size[1], where, "y"))


def _pixel(value: Any, size: int, where: str, what: str) -> float:
    """A coordinate in pixels as a fraction of the picture's `size` in that direction."""
    limit = MAX_COORDINATE * size
    remedy = "It is a position in pixels; correct it or delete the point."
    return number(value, -limit, limit, where, what, remedy) / size


def _visible(points: list | tuple, lost: np.ndarray, where: str) -> tuple[tuple[float, float], ...]:
    """Visible intervals of a track with points at equal times; points without visibility are visible, unless lost."""
    seen = [_seen(point, f"{where}, point {k + 1}") for k, point in enumerate(points)]
    return intervals(np.array(seen) & ~lost)


def _seen(point: Any, where: str) -> bool:
    if not isinstance(point, (list, tuple)) or len(point) < 3:
        return True
    flag = point[2]
    return (
        bool(flag) if isinstance(flag, (bool, np.bool_)) else number(flag, 0, 1, where, "visible", _REMEDY_SEEN) > 0.5
    )


def _read_point_object(value: dict, where: str, size: tuple[int, int]) -> Point:
    if len(value) > 2:
        finite_extras(value, where)
    x, y = _pixel(value.get("x"), size[0], where, "x"), _pixel(value.get("y"), size[1], where, "y")
    handles = (_read_handle(value, f"h{side}x", f"h{side}y", (x, y), where, size) for side in (1, 2))
    return Point(x, y, None, *handles)


def _read_handle(
    value: dict, key_x: str, key_y: str, origin: tuple[float, float], where: str, size: tuple[int, int]
) -> tuple[float, float] | None:
    """Converts a handle's position in pixels to its offset from the point, in fractions of the picture."""
    if key_x not in value and key_y not in value:
        return None
    x, y = _pixel(value.get(key_x), size[0], where, key_x), _pixel(value.get(key_y), size[1], where, key_y)
    return x - origin[0], y - origin[1]


READER = Reader(
    "lists of points such as [[[25,25],[128,128]]] or KJNodes' coordinates and points_store",
    lambda value: isinstance(value, (list, tuple)),
    read,
    report,
    in_pixels,
)
