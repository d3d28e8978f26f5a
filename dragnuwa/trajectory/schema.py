"""The versioned JSON value, read strictly and written canonically.

    {"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 576, "height": 320},
     "tracks": [{"id": "t1", "name": "wing", "color": "#1f77b4", "enabled": true, "kind": "path", "spline": "pchip",
                 "points": [{"x": 0.1, "y": 0.5}, {"x": 0.4, "y": 0.3, "t": 0.5}],
                 "timing": "points", "start": 0, "end": 1, "ease": "linear", "visible": [[0, 1]]}]}

type, version, tracks, and of each track points, are required; everything else has the default that `types.Track` gives
it (ids become t1, t2, ..., colours walk through a palette). A point may have t, and Bezier handles in and out,
{"x", "y"} offsets from it. The canvas, the size of the picture that was drawn on, is kept but changes nothing. Unknown
keys are refused by name. Times t must rise only where the timing is "keys"; elsewhere they are kept for later.
"""

from __future__ import annotations

import json
import re
from typing import Any

from . import checks
from .text import values_in
from .timing import check_key_times
from .types import (
    EASES,
    KINDS,
    MAX_COORDINATE,
    MAX_INTERVALS,
    MAX_NAME,
    MAX_POINTS,
    MAX_TEXT_BYTES,
    MAX_TEXT_VALUES,
    MAX_TOTAL_POINTS,
    MAX_TRACKS,
    SPLINES,
    TIMINGS,
    TYPE,
    VERSION,
    Point,
    Track,
    TrajectoryError,
    default_color,
    default_id,
)

_KEYS = ("type", "version", "canvas", "tracks")
_CANVAS_KEYS = ("width", "height")
_TRACK_KEYS = (
    "id", "name", "color", "enabled", "kind", "spline", "points", "timing", "start", "end", "ease", "visible",
)  # fmt: skip
_POINT_KEYS = ("x", "y", "t", "in", "out")
_OFFSET_KEYS = ("x", "y")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_WHOLE = "Trajectories"

_REMEDY_CANVAS = 'Write it as {"width": 576, "height": 320}, or leave it out.'
_REMEDY_COORDINATE = (
    "0 is the left or top edge of the picture, 1 the right or bottom one; correct it or delete the point."
)
_REMEDY_FRACTION = "0 is the beginning of the clip and 1 its end."
_REMEDY_OFFSET = 'Write it as {"x": 0.1, "y": 0}, or leave it out.'


def read(value: dict, default_canvas: tuple[int, int]) -> tuple[tuple[int, int], tuple[Track, ...]]:
    """A decoded value -> canvas (width, height) and tracks. Raises TrajectoryError."""
    _check_header(value)
    checks.known_keys(value, _KEYS, _WHOLE)
    canvas = _read_canvas(value["canvas"]) if "canvas" in value else default_canvas
    if "tracks" not in value:
        raise TrajectoryError(f'{_WHOLE}: the key "tracks" is missing. Add the list of tracks; [] means no drag.')
    tracks = checks.sequence(value["tracks"], MAX_TRACKS, _WHOLE, "tracks", "Each track is one object in the list.")
    ids = _ids(tracks)
    check_total(tracks)
    return canvas, tuple(_read_track(track, index, ids[index]) for index, track in enumerate(tracks))


def write(canvas: tuple[int, int], tracks: tuple[Track, ...]) -> str:
    """Canvas and tracks -> canonical JSON: fixed order of keys, defaults written out, floats that read back exactly.

    Raises:
        TrajectoryError: the text would be longer than `parse` accepts, or a number is not finite.
    """
    head = _dumped(
        {"type": TYPE, "version": VERSION, "canvas": {"width": canvas[0], "height": canvas[1]}, "tracks": []}
    )
    written, size, values = [], len(head), values_in(head)
    for track in tracks:  # one at a time: the objects that JSON is made of take ten times the room of the text
        written.append(_dumped(_write_track(track)))
        size += len(written[-1].encode("utf-8")) + (len(written) > 1)
        if size > MAX_TEXT_BYTES:
            raise TrajectoryError(
                f"{_WHOLE}: as text they should have at most {MAX_TEXT_BYTES // 2**20} MiB, but the first "
                f"{len(written):,} of {len(tracks):,} tracks have more. Keep fewer tracks, or fewer points in each."
            )
        values += values_in(written[-1]) + (len(written) > 1)
        if values > MAX_TEXT_VALUES:
            raise TrajectoryError(
                f"{_WHOLE}: as text they should hold at most {MAX_TEXT_VALUES:,} values, but the first "
                f"{len(written):,} of {len(tracks):,} tracks hold more. Keep fewer tracks, or fewer points in each."
            )
    return f"{head.removesuffix(']}')}{','.join(written)}]}}"


def _dumped(value: dict) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise TrajectoryError(
            f"{_WHOLE}: a number is not finite ({error}). Correct the code that made these tracks."
        ) from None


def check_total(tracks: list | tuple) -> None:
    """Bound the points of all tracks together before any of them is read. Takes tracks as objects or as lists."""
    lists = [track.get("points") if isinstance(track, dict) else track for track in tracks]
    total = sum(len(points) for points in lists if isinstance(points, (list, tuple)))
    if total > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"{_WHOLE}: all tracks together should have at most {MAX_TOTAL_POINTS:,} points, but they have {total:,}. "
            "Use fewer tracks, or tracks with fewer points."
        )


def _check_header(value: dict) -> None:
    if "type" not in value:
        raise TrajectoryError(
            f'{_WHOLE}: an object with "type": "{TYPE}" was expected, but there is {checks.describe(value)}. Paste '
            "what the editor or an export node wrote, or a list of tracks such as [[[25,25],[128,128]]]."
        )
    if value["type"] != TYPE:
        raise checks.wrong(
            _WHOLE, "type", f'"{TYPE}"', value["type"], "This text is something else; paste trajectories."
        )
    if "version" not in value:
        raise TrajectoryError(f'{_WHOLE}: the key "version" is missing. Add "version": {VERSION}.')
    version = value["version"]
    if isinstance(version, bool) or version != VERSION:
        remedy = "If it was made by a newer version of this node pack, update the pack; otherwise export it again."
        raise checks.wrong(_WHOLE, "version", str(VERSION), version, remedy)


def _read_canvas(value: Any) -> tuple[int, int]:
    checks.mapping(value, _WHOLE, "canvas", _REMEDY_CANVAS)
    checks.known_keys(value, _CANVAS_KEYS, f"{_WHOLE}, canvas")
    return checks.side(value.get("width"), "width (canvas)"), checks.side(value.get("height"), "height (canvas)")


def _ids(tracks: list | tuple) -> list[str]:
    """The ids of all tracks, checked and unique; a missing one is filled with the first free of t1, t2, ..."""
    given: dict[str, int] = {}
    for index, track in enumerate(tracks):
        where = f"Track {index + 1}"
        checks.mapping(track, where, "a track", 'Write it as {"points": [...]}.')
        if "id" not in track:
            continue
        name = checks.string(track["id"], 1, MAX_NAME, where, "id", "Give the track a short id, or leave it out.")
        if name in given:
            raise TrajectoryError(
                f"{where}: the id {checks.names([name])} is already that of track {given[name] + 1}. Give one of the "
                "two another id, or leave it out."
            )
        given[name] = index
    ids = []
    free = 0
    for index, track in enumerate(tracks):
        if "id" in track:
            ids.append(track["id"])
            continue
        free = max(free, index)
        while default_id(free) in given:
            free += 1
        ids.append(default_id(free))
        free += 1
    return ids


def _read_track(value: dict, index: int, name: str) -> Track:
    where = f"Track {index + 1} (id {checks.names([name])})"
    checks.known_keys(value, _TRACK_KEYS, where)
    if "points" not in value:
        raise TrajectoryError(f'{where}: the key "points" is missing. Add its points, or delete the track.')
    track = Track(
        id=name,
        name=checks.string(value.get("name", ""), 0, MAX_NAME, where, "name", "Give the track a shorter name."),
        color=_read_color(value["color"], where) if "color" in value else default_color(index),
        enabled=checks.boolean(value.get("enabled", True), where, "enabled", "Write true to use the track."),
        kind=checks.choice(value.get("kind", "path"), KINDS, where, "kind"),
        spline=checks.choice(value.get("spline", "pchip"), SPLINES, where, "spline"),
        points=_read_points(value["points"], where),
        timing=checks.choice(value.get("timing", "points"), TIMINGS, where, "timing"),
        start=checks.number(value.get("start", 0), 0, 1, where, "start", _REMEDY_FRACTION),
        end=checks.number(value.get("end", 1), 0, 1, where, "end", _REMEDY_FRACTION),
        ease=checks.choice(value.get("ease", "linear"), EASES, where, "ease"),
        visible=_read_visible(value["visible"], where) if "visible" in value else ((0.0, 1.0),),
    )
    if track.start >= track.end:
        raise TrajectoryError(
            f"{where}: start should be earlier than end, but start is {track.start:g} and end is {track.end:g}. "
            "Move the start forward or the end back."
        )
    if track.kind == "anchor" and len(track.points) != 1:
        raise TrajectoryError(
            f"{where}: an anchor should have exactly 1 point, but it has {len(track.points)}. Delete the other points, "
            'or set its kind to "path".'
        )
    if track.timing == "keys":
        check_key_times(track.points, where)
    return track


def _read_points(value: Any, where: str) -> tuple[Point, ...]:
    points = checks.sequence(value, MAX_POINTS, where, "points", 'Write it as [{"x": 0.1, "y": 0.5}, ...].')
    if not points:
        raise TrajectoryError(f"{where}: it has no points. Draw at least one point, or delete the track.")
    return tuple(_read_point(point, f"{where}, point {k + 1}") for k, point in enumerate(points))


def _read_point(value: Any, where: str) -> Point:
    checks.mapping(value, where, "a point", 'Write it as {"x": 0.1, "y": 0.5}.')
    checks.known_keys(value, _POINT_KEYS, where)
    t = value.get("t")
    if "t" in value:
        t = checks.number(
            t, 0, 1, where, "t", "0 is the beginning of the track's motion and 1 its end, or leave it out."
        )
    return Point(
        x=checks.number(value.get("x"), -MAX_COORDINATE, MAX_COORDINATE, where, "x", _REMEDY_COORDINATE),
        y=checks.number(value.get("y"), -MAX_COORDINATE, MAX_COORDINATE, where, "y", _REMEDY_COORDINATE),
        t=t,
        handle_in=_read_offset(value["in"], where, "in") if "in" in value else None,
        handle_out=_read_offset(value["out"], where, "out") if "out" in value else None,
    )


def _read_offset(value: Any, where: str, what: str) -> tuple[float, float]:
    checks.mapping(value, where, what, _REMEDY_OFFSET)
    checks.known_keys(value, _OFFSET_KEYS, f'{where}, "{what}"')
    x, y = (
        checks.number(value.get(axis), -MAX_COORDINATE, MAX_COORDINATE, where, f"{axis} of {what}", _REMEDY_OFFSET)
        for axis in _OFFSET_KEYS
    )
    return x, y


def _read_color(value: Any, where: str) -> str:
    if isinstance(value, str) and COLOR.fullmatch(value):
        return value
    raise checks.wrong(where, "color", 'a colour such as "#1f77b4"', value, "Choose a colour, or leave it out.")


def _read_visible(value: Any, where: str) -> tuple[tuple[float, float], ...]:
    remedy = "Write it as [[0, 1]] for the whole clip, or [] for never."
    intervals = checks.sequence(value, MAX_INTERVALS, where, "visible", remedy)
    return tuple(_read_interval(interval, f"{where}, visible interval {k + 1}") for k, interval in enumerate(intervals))


def _read_interval(value: Any, where: str) -> tuple[float, float]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise checks.wrong(where, "it", "two numbers [from, to]", value, _REMEDY_FRACTION)
    first = checks.number(value[0], 0, 1, where, "its beginning", _REMEDY_FRACTION)
    last = checks.number(value[1], 0, 1, where, "its end", _REMEDY_FRACTION)
    if first > last:
        raise TrajectoryError(
            f"{where}: it should not end before it begins, but it goes from {first:g} to {last:g}. Exchange "
            "the two numbers."
        )
    return first, last


def _write_track(track: Track) -> dict[str, Any]:
    return {
        "id": track.id,
        "name": track.name,
        "color": track.color,
        "enabled": track.enabled,
        "kind": track.kind,
        "spline": track.spline,
        "points": [_write_point(point) for point in track.points],
        "timing": track.timing,
        "start": track.start,
        "end": track.end,
        "ease": track.ease,
        "visible": track.visible,
    }


def _write_point(point: Point) -> dict[str, Any]:
    written: dict[str, Any] = {"x": point.x, "y": point.y}
    if point.t is not None:
        written["t"] = point.t
    if point.handle_in is not None:
        written["in"] = {"x": point.handle_in[0], "y": point.handle_in[1]}
    if point.handle_out is not None:
        written["out"] = {"x": point.handle_out[0], "y": point.handle_out[1]}
    return written
