"""Reads single values from outside, and the fields that tracks and objects share, with errors that a person can act on.

Every message reads: where, what should be there, what is there, what to do.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from difflib import get_close_matches
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np

from ..common.clip_shape import ClipShape
from .types import (
    EDITS,
    LOOPS,
    MAX_COORDINATE,
    MAX_CYCLES,
    MAX_FRAMES,
    MAX_INTERVALS,
    MAX_NAME,
    MAX_POINTS,
    MAX_SCALE,
    MAX_SIDE,
    MAX_SWAY,
    MAX_WAVES,
    MIN_SCALE,
    Loop,
    Point,
    Sway,
    TrajectoryError,
)

_SHOWN = 40  # characters of a found value that a message quotes
POINT_KEYS = ("x", "y", "t", "in", "out")
PLACE_KEYS = ("x", "y")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
IN_CLIP = ("edit", "delay")
"""What a track or an object is to an object in a clip."""
ALWAYS = ((0.0, 1.0),)
"""The visible intervals of a track or object that is never hidden."""

_REMEDY_COORDINATE = (
    "0 is the left or top edge of the picture, 1 the right or bottom one; correct it or delete the point."
)
_REMEDY_FRACTION = "0 is the beginning of the clip and 1 its end."
_REMEDY_OFFSET = 'Write it as {"x": 0.1, "y": 0}, or leave it out.'


def describe(value: Any) -> str:
    """A short description of `value`, whatever its size."""
    if value is None:
        return "missing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the text "{shorten(value)}"' if value else "an empty text"
    if isinstance(value, (int, float)):
        return _describe_number(value)
    if isinstance(value, dict):
        return f"an object with the keys {names(value)}" if value else "an empty object"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)} item{'' if len(value) == 1 else 's'}" if value else "an empty list"
    return f"a value of type {type(value).__name__}"


def _describe_number(value: int | float) -> str:
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 64 else "a number that is far too large"
    if isfinite(value):
        return repr(value)
    return "NaN (not a number)" if value != value else "infinite"


def shorten(text: str) -> str:
    """At most 40 characters of `text`, on one line."""
    line = " ".join(text[: _SHOWN + 1].split())
    return line if len(text) <= _SHOWN else line[:_SHOWN] + "..."


def names(keys: Iterable[Any]) -> str:
    """The first dozen of `keys`, quoted: "a", "b", "c"."""
    keys = list(keys)
    listed = ", ".join(f'"{shorten(str(key))}"' for key in keys[:12])
    return listed + ("" if len(keys) <= 12 else f" and {len(keys) - 12} more")


def wrong(where: str, what: str, expected: str, found: Any, remedy: str) -> TrajectoryError:
    """The error for an invalid value."""
    return TrajectoryError(f"{where}: {what} should be {expected}, but it is {describe(found)}. {remedy}")


def number(value: Any, low: float, high: float, where: str, what: str, remedy: str) -> float:
    """`value` as a float, if it is a finite number (not a boolean) from low to high, which are integers."""
    is_number = type(value) in (int, float) or (isinstance(value, Real) and not isinstance(value, bool))
    if is_number and low <= value <= high:  # NaN fails both comparisons
        return float(value)
    raise wrong(where, what, f"a number from {low:,.0f} to {high:,.0f}", value, remedy)


def scale(value: dict, where: str, remedy: str) -> float:
    """The scale of a key, 1 without one."""
    found = value.get("scale", 1)
    if not isinstance(found, (int, float)) or isinstance(found, bool) or not MIN_SCALE <= found <= MAX_SCALE:
        raise wrong(where, "scale", f"a number from {MIN_SCALE:g} to {MAX_SCALE:g}", found, remedy)
    return float(found)


def integer(value: Any, low: int, high: int, where: str, what: str, remedy: str) -> int:
    """`value` as an int, if it is one (not a boolean or float) from low to high."""
    try:
        whole = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        whole = None
    if whole is None or not low <= whole <= high:
        raise wrong(where, what, f"a whole number from {low} to {high}", value, remedy)
    return whole


def side(value: Any, what: str) -> int:
    """A width or height in pixels."""
    name, remedy = f"the picture's {what}", "Set it to the size in pixels."
    return integer(value, 1, MAX_SIDE, "Trajectories", name, remedy)


def size(value: tuple[int, int]) -> np.ndarray:
    """A picture's (width, height) in pixels as [2] float64."""
    width, height = value
    return np.array([side(width, "width"), side(height, "height")], dtype=np.float64)


def clip(value: ClipShape, where: str) -> tuple[int, np.ndarray]:
    """A clip's number of frames, and its `size`."""
    frames = integer(value.frames, 2, MAX_FRAMES, where, "the number of frames", "Set the length of the clip.")
    return frames, size(value.size)


def string(value: Any, low: int, high: int, where: str, what: str, remedy: str) -> str:
    """`value`, if it is text of low to high characters that can be written as UTF-8."""
    if not isinstance(value, str):
        raise wrong(where, what, "a text", value, remedy)
    if not low <= len(value) <= high:
        raise TrajectoryError(
            f"{where}: {what} should have {low} to {high} characters, but it has {len(value)}. {remedy}"
        )
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise TrajectoryError(f"{where}: {what} contains half of a character (a lone surrogate). Type it again.")
    return value


def choice(value: Any, options: tuple[str, ...], where: str, what: str) -> str:
    if isinstance(value, str) and value in options:
        return value
    raise wrong(where, what, f"one of {names(options)}", value, "Choose one of these.")


def mapping(value: Any, where: str, what: str, remedy: str) -> dict:
    if isinstance(value, dict):
        return value
    raise wrong(where, what, "an object in braces { }", value, remedy)


def sequence(value: Any, high: int, where: str, what: str, remedy: str) -> list | tuple:
    """`value`, if it is a list of at most `high` items."""
    if not isinstance(value, (list, tuple)):
        raise wrong(where, what, "a list in brackets [ ]", value, remedy)
    if len(value) > high:
        raise TrajectoryError(
            f"{where}: {what} should have at most {high:,} items, but it has {len(value):,}. "
            "Remove some of them, or split the work over several nodes."
        )
    return value


def known_keys(found: dict, known: tuple[str, ...], where: str) -> None:
    """Reject unknown keys, so that a misspelt one is not silently ignored."""
    unknown = [key for key in found if key not in known]
    if not unknown:
        return
    key = str(unknown[0])
    close = get_close_matches(key, known, n=1, cutoff=0.75) if len(key) <= _SHOWN else []
    advice = f'Did you mean "{close[0]}"?' if close else f"Remove it; the known keys are {names(known)}."
    raise TrajectoryError(f"{where}: the key {names(unknown[:1])} is not known here. {advice}")


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
        mapping(value, where, f"{article} {kind}", f"Write it as {required}.")
        if "id" not in value:
            continue
        name = string(value["id"], 1, MAX_NAME, where, "id", f"Give the {kind} a short id, or leave it out.")
        if name in given:
            raise TrajectoryError(
                f"{where}: the id {names([name])} is already that of {kind} {given[name] + 1}. Give one of the "
                "two another id, or leave it out."
            )
        given[name] = index
    ids, free = [], 0
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
    return string(value.get("name", ""), 0, MAX_NAME, where, "name", f"Give the {kind} a shorter name.")


def read_enabled(value: dict, where: str, kind: str) -> bool:
    enabled = value.get("enabled", True)
    if isinstance(enabled, bool):
        return enabled
    raise wrong(where, "enabled", "true or false", enabled, f"Write true to use the {kind}.")


def read_span(value: dict, where: str) -> tuple[float, float]:
    """start and end, checked separately; see `check_span`."""
    start = number(value.get("start", 0), 0, 1, where, "start", _REMEDY_FRACTION)
    return start, number(value.get("end", 1), 0, 1, where, "end", _REMEDY_FRACTION)


def check_span(start: float, end: float, where: str) -> None:
    if start >= end:
        raise TrajectoryError(
            f"{where}: start should be earlier than end, but start is {start:g} and end is {end:g}. "
            "Move the start forward or the end back."
        )


def read_points(value: Any, where: str, kind: str) -> tuple[Point, ...]:
    """At least one control point."""
    points = sequence(value, MAX_POINTS, where, "points", 'Write it as [{"x": 0.1, "y": 0.5}, ...].')
    if not points:
        raise TrajectoryError(f"{where}: it has no points. Draw at least one point, or delete the {kind}.")
    return tuple(_read_point(point, f"{where}, point {k + 1}") for k, point in enumerate(points))


def _read_point(value: Any, where: str) -> Point:
    mapping(value, where, "a point", 'Write it as {"x": 0.1, "y": 0.5}.')
    known_keys(value, POINT_KEYS, where)
    t = value.get("t")
    if "t" in value:
        t = number(t, 0, 1, where, "t", "0 is the beginning of the track's motion and 1 its end, or leave it out.")
    x, y = _coordinates(value, where, "x", "y", _REMEDY_COORDINATE)
    before = _read_offset(value["in"], where, "in") if "in" in value else None
    return Point(x, y, t, before, _read_offset(value["out"], where, "out") if "out" in value else None)


def _read_offset(value: Any, where: str, what: str) -> tuple[float, float]:
    mapping(value, where, what, _REMEDY_OFFSET)
    known_keys(value, PLACE_KEYS, f'{where}, "{what}"')
    return _coordinates(value, where, f"x of {what}", f"y of {what}", _REMEDY_OFFSET)


def read_place(value: Any, where: str) -> tuple[float, float]:
    """A point in the picture, {"x", "y"}."""
    mapping(value, where, "it", 'Write it as {"x": 0.1, "y": 0.5}.')
    known_keys(value, PLACE_KEYS, where)
    return _coordinates(value, where, "x", "y", _REMEDY_COORDINATE)


def _coordinates(value: dict, where: str, x: str, y: str, remedy: str) -> tuple[float, float]:
    return (
        number(value.get("x"), -MAX_COORDINATE, MAX_COORDINATE, where, x, remedy),
        number(value.get("y"), -MAX_COORDINATE, MAX_COORDINATE, where, y, remedy),
    )


def read_color(value: Any, where: str) -> str:
    if isinstance(value, str) and COLOR.fullmatch(value):
        return value
    raise wrong(where, "color", 'a colour such as "#1f77b4"', value, "Choose a colour, or leave it out.")


def read_visible(value: Any, where: str) -> tuple[tuple[float, float], ...]:
    remedy = "Write it as [[0, 1]] for the whole clip, or [] for never."
    intervals = sequence(value, MAX_INTERVALS, where, "visible", remedy)
    return tuple(_read_interval(interval, f"{where}, visible interval {k + 1}") for k, interval in enumerate(intervals))


def _read_interval(value: Any, where: str) -> tuple[float, float]:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise wrong(where, "it", "two numbers [from, to]", value, _REMEDY_FRACTION)
    first = number(value[0], 0, 1, where, "its beginning", _REMEDY_FRACTION)
    last = number(value[1], 0, 1, where, "its end", _REMEDY_FRACTION)
    if first > last:
        raise TrajectoryError(
            f"{where}: it should not end before it begins, but it goes from {first:g} to {last:g}. Exchange "
            "the two numbers."
        )
    return first, last


def read_loop(value: Any, where: str) -> Loop:
    where = f"{where}, loop"
    mapping(value, where, "it", 'Write it as {"mode": "ping_pong", "times": 2}.')
    known_keys(value, ("mode", "times"), where)
    mode = choice(value.get("mode"), LOOPS[1:], where, "mode")
    remedy = "It is how often the motion goes to and fro, or around."
    return Loop(mode, integer(value.get("times", 1), 1, MAX_CYCLES, where, "times", remedy))


def read_sway(value: Any, where: str, last: str) -> Sway:
    """That of a track, whose last key is "direction", or of an object, whose last key is "waves"."""
    where = f"{where}, sway"
    mapping(value, where, "it", 'Write it as {"amount": 0.02, "times": 2}.')
    known_keys(value, ("amount", "times", "phase", last), where)
    numbers = {
        "times": (0, MAX_CYCLES, "It is how often it swings; whole numbers end where it began."),
        "phase": (0, 1, "It is the part of a swing at which it begins."),
        "direction": (-360, 360, "It is in degrees clockwise from the right."),
        "waves": (0, MAX_WAVES, "It is how many waves lie along the object."),
    }
    amount = number(value.get("amount"), 0, MAX_SWAY, where, "amount", "It is how far it swings, such as 0.02.")
    read = {key: number(value[key], *numbers[key][:2], where, key, numbers[key][2]) for key in numbers if key in value}
    return Sway(amount, **read)


def write_loop(loop: Loop) -> dict[str, Any] | None:
    """None for the default."""
    return None if loop.mode == LOOPS[0] else {"mode": loop.mode, "times": loop.times}


def write_sway(sway: Sway | None, last: str) -> dict[str, Any] | None:
    """With the keys of `read_sway`; None for none."""
    return None if sway is None else {key: getattr(sway, key) for key in ("amount", "times", "phase", last)}


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


def read_in_clip(value: dict, where: str) -> dict[str, Any]:
    """What a track or an object is to an object in a clip."""
    later = "It is the part of the clip by which the object's own motion is shown later, such as 0.1; below 0 earlier."
    return {
        "edit": choice(value.get("edit", EDITS[0]), EDITS, where, "edit"),
        "delay": number(value.get("delay", 0), -1, 1, where, "delay", later),
    }


def write_in_clip(item: Any) -> dict[str, Any]:
    """The same, of a track or an object, without what has its default."""
    return {name: getattr(item, name) for name in IN_CLIP if getattr(item, name) not in (EDITS[0], 0)}
