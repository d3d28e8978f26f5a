"""Fields that tracks and objects have in common, read strictly and written canonically."""

from __future__ import annotations

import re
from typing import Any

from . import checks
from .types import (
    MAX_COORDINATE,
    MAX_INTERVALS,
    MAX_NAME,
    MAX_POINTS,
    Point,
    TrajectoryError,
)

POINT_KEYS = ("x", "y", "t", "in", "out")
PLACE_KEYS = ("x", "y")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
ALWAYS = ((0.0, 1.0),)
"""The visible intervals of a track or object that is never hidden."""

_REMEDY_COORDINATE = (
    "0 is the left or top edge of the picture, 1 the right or bottom one; correct it or delete the point."
)
_REMEDY_FRACTION = "0 is the beginning of the clip and 1 its end."
_REMEDY_OFFSET = 'Write it as {"x": 0.1, "y": 0}, or leave it out.'


def read_ids(values: list | tuple, kind: str, required: str, default: Any) -> list[str]:
    """The ids of all tracks or objects, checked and unique; a missing one becomes the first unused default.

    Args:
        values: the decoded values.
        kind: "track" or "object".
        required: a minimal example, for messages.
        default: maps an index (from 0) to the default id.
    """
    given: dict[str, int] = {}
    for index, value in enumerate(values):
        where = f"{kind.capitalize()} {index + 1}"
        article = "an" if kind[0] in "aeiou" else "a"
        checks.mapping(value, where, f"{article} {kind}", f"Write it as {required}.")
        if "id" not in value:
            continue
        name = checks.string(value["id"], 1, MAX_NAME, where, "id", f"Give the {kind} a short id, or leave it out.")
        if name in given:
            raise TrajectoryError(
                f"{where}: the id {checks.names([name])} is already that of {kind} {given[name] + 1}. Give one of the "
                "two another id, or leave it out."
            )
        given[name] = index
    ids = []
    free = 0
    for index, value in enumerate(values):
        if "id" in value:
            ids.append(value["id"])
            continue
        free = max(free, index)
        while default(free) in given:
            free += 1
        ids.append(default(free))
        free += 1
    return ids


def read_name(value: dict, where: str, kind: str) -> str:
    return checks.string(value.get("name", ""), 0, MAX_NAME, where, "name", f"Give the {kind} a shorter name.")


def read_enabled(value: dict, where: str, kind: str) -> bool:
    return checks.boolean(value.get("enabled", True), where, "enabled", f"Write true to use the {kind}.")


def read_span(value: dict, where: str) -> tuple[float, float]:
    """start and end, checked separately; see `check_span`."""
    start = checks.number(value.get("start", 0), 0, 1, where, "start", _REMEDY_FRACTION)
    return start, checks.number(value.get("end", 1), 0, 1, where, "end", _REMEDY_FRACTION)


def check_span(start: float, end: float, where: str) -> None:
    if start >= end:
        raise TrajectoryError(
            f"{where}: start should be earlier than end, but start is {start:g} and end is {end:g}. "
            "Move the start forward or the end back."
        )


def read_points(value: Any, where: str, kind: str) -> tuple[Point, ...]:
    """At least one control point."""
    points = checks.sequence(value, MAX_POINTS, where, "points", 'Write it as [{"x": 0.1, "y": 0.5}, ...].')
    if not points:
        raise TrajectoryError(f"{where}: it has no points. Draw at least one point, or delete the {kind}.")
    return tuple(_read_point(point, f"{where}, point {k + 1}") for k, point in enumerate(points))


def _read_point(value: Any, where: str) -> Point:
    checks.mapping(value, where, "a point", 'Write it as {"x": 0.1, "y": 0.5}.')
    checks.known_keys(value, POINT_KEYS, where)
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
    checks.known_keys(value, PLACE_KEYS, f'{where}, "{what}"')
    x, y = (
        checks.number(value.get(axis), -MAX_COORDINATE, MAX_COORDINATE, where, f"{axis} of {what}", _REMEDY_OFFSET)
        for axis in PLACE_KEYS
    )
    return x, y


def read_place(value: Any, where: str) -> tuple[float, float]:
    """A point in the picture, {"x", "y"}."""
    checks.mapping(value, where, "it", 'Write it as {"x": 0.1, "y": 0.5}.')
    checks.known_keys(value, PLACE_KEYS, where)
    x, y = (
        checks.number(value.get(axis), -MAX_COORDINATE, MAX_COORDINATE, where, axis, _REMEDY_COORDINATE)
        for axis in PLACE_KEYS
    )
    return x, y


def read_color(value: Any, where: str) -> str:
    if isinstance(value, str) and COLOR.fullmatch(value):
        return value
    raise checks.wrong(where, "color", 'a colour such as "#1f77b4"', value, "Choose a colour, or leave it out.")


def read_visible(value: Any, where: str) -> tuple[tuple[float, float], ...]:
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


def write_point(point: Point) -> dict[str, Any]:
    written: dict[str, Any] = {"x": point.x, "y": point.y}
    if point.t is not None:
        written["t"] = point.t
    if point.handle_in is not None:
        written["in"] = write_place(point.handle_in)
    if point.handle_out is not None:
        written["out"] = write_place(point.handle_out)
    return written


def write_place(place: tuple[float, float]) -> dict[str, float]:
    return {"x": place[0], "y": place[1]}
