"""The versioned JSON value, read strictly and written canonically. Version 2 is version 1 with objects or a horizon.

    {"type": "dragnuwa.trajectories", "version": 1, "canvas": {"width": 576, "height": 320},
     "tracks": [{"id": "t1", "name": "wing", "color": "#1f77b4", "enabled": true, "kind": "path", "spline": "pchip",
                 "points": [{"x": 0.1, "y": 0.5}, {"x": 0.4, "y": 0.3, "t": 0.5}],
                 "timing": "points", "start": 0, "end": 1, "ease": "linear", "visible": [[0, 1]]}]}

type, version, tracks, and points in each track are required; everything else has the defaults of `types.Track` (ids
become t1, t2, ..., colours cycle through a palette). A point may have t, and Bezier handles in and out, {"x", "y"}
offsets from it. A track over a clip may have edit and delay, which are omitted if they have their defaults. The canvas,
the size of the picture that was drawn on, is kept but has no effect. Unknown keys are rejected by name. Times t must
increase only if the timing is "keys"; otherwise they are kept, but not used. `track_schema` has the fields of a track
that bends what it lies on, which are omitted, too, if they have their defaults.

A value with objects has version 2, and the list "objects" (see `objects.schema`) after the tracks. So has one with
"horizon", the height of the ground's horizon as a fraction of the picture's height, after the objects. One without
either is written as version 1, which every reader supports; a reader of version 1 rejects version 2.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..common.interrupt import checkpoint
from . import checks
from .objects import schema as object_schema
from .objects.types import MAX_OBJECTS, MotionObject
from .track_schema import read_track, where_of, write_track
from .types import (
    MAX_HORIZON,
    MAX_TEXT_BYTES,
    MAX_TEXT_VALUES,
    MAX_TOTAL_POINTS,
    MAX_TRACKS,
    MIN_HORIZON,
    OBJECTS_VERSION,
    TYPE,
    VERSION,
    Track,
    TrajectoryError,
    default_color,
    default_id,
)

_KEYS = ("type", "version", "canvas", "tracks")
_KEYS_WITH_OBJECTS = (*_KEYS, "objects", "horizon")
_CANVAS_KEYS = ("width", "height")
_WHOLE = "Trajectories"

_REMEDY_CANVAS = 'Write it as {"width": 576, "height": 320}, or leave it out.'


Content = tuple[tuple[int, int], tuple[Track, ...], tuple[MotionObject, ...], float | None]
"""Canvas (width, height), tracks, objects from back to front, and the horizon."""


def read(value: dict, default_canvas: tuple[int, int]) -> Content:
    """Canvas, tracks, objects and horizon from a decoded value.
    Raises TrajectoryError."""
    keys = _KEYS_WITH_OBJECTS if _read_version(value) == OBJECTS_VERSION else _KEYS
    for newer in ("objects", "horizon"):
        if keys is _KEYS and newer in value:
            what = "objects need" if newer == "objects" else "a horizon needs"
            raise TrajectoryError(f'{_WHOLE}: {what} the version {OBJECTS_VERSION}. Write "version": '
                                  f"{OBJECTS_VERSION}, or remove the {newer}.")  # fmt: skip
    checks.known_keys(value, keys, _WHOLE)
    canvas = _read_canvas(value["canvas"]) if "canvas" in value else default_canvas
    for key, meaning in (("tracks", "no drag"), ("objects", "no object")):
        if key in keys and key not in value:
            raise TrajectoryError(f'{_WHOLE}: the key "{key}" is missing. Add the list of {key}; [] means {meaning}.')
    tracks = checks.sequence(value["tracks"], MAX_TRACKS, _WHOLE, "tracks", "Each track is one object in the list.")
    remedy = "Each object is in braces { } in the list."
    objects = checks.sequence(value.get("objects", ()), MAX_OBJECTS, _WHOLE, "objects", remedy)
    ids = checks.read_ids(tracks, "track", '{"points": [...]}', default_id)
    check_total(tracks, objects)
    read_tracks = []
    for index, track in enumerate(tracks):
        checkpoint()
        where = where_of(index, ids[index])
        read_tracks.append(read_track(track, default_color(index), where, ids[index]))
    found = object_schema.read(objects) if objects else ()
    return canvas, tuple(read_tracks), found, _read_horizon(value)


def write(
    canvas: tuple[int, int],
    tracks: tuple[Track, ...],
    objects: tuple[MotionObject, ...] = (),
    horizon: float | None = None,
) -> str:
    """Canonical JSON of canvas, tracks, objects and horizon: fixed order of keys, explicit defaults, floats that read
    back exactly. Without objects and horizon it is version 1, which every reader supports.

    Raises:
        TrajectoryError: if the text would be longer than `parse` accepts, or a number is not finite.
    """
    newer = bool(objects) or horizon is not None
    version = OBJECTS_VERSION if newer else VERSION
    head = {"type": TYPE, "version": version, "canvas": {"width": canvas[0], "height": canvas[1]}, "tracks": []}
    text = _Text(_dumped(head).removesuffix("]}"))
    text.add_all(tracks, write_track, "tracks")
    text.add("]")
    if newer:
        text.add(',"objects":[')
        text.add_all(objects, object_schema.write, "objects")
        text.add("]")
    if horizon is not None:
        text.add(f',"horizon":{_dumped(horizon)}')
    text.add("}")
    return "".join(text.parts)


class _Text:
    """A string builder, limited to the length that `parse` accepts."""

    def __init__(self, beginning: str):
        self.parts: list[str] = []
        self.size, self.values = 0, 0
        self.add(beginning)

    def add(self, part: str) -> None:
        self.parts.append(part)
        self.size += len(part.encode("utf-8"))
        self.values += values_in(part)

    def add_all(self, items: tuple, written: Callable[[Any], dict], what: str) -> None:
        """Adds a list one item at a time, since the objects to be encoded take ten times the memory of the text."""
        for count, item in enumerate(items, 1):
            checkpoint()
            self.add(f"{',' if count > 1 else ''}{_dumped(written(item))}")
            for found, most, unit in (
                (self.size / 2**20, MAX_TEXT_BYTES // 2**20, "have at most {} MiB"),
                (self.values, MAX_TEXT_VALUES, "hold at most {:,} values"),
            ):
                if found > most:
                    verb = unit.split()[0]
                    raise TrajectoryError(
                        f"{_WHOLE}: as text they should {unit.format(most)}, but the first {count:,} of "
                        f"{len(items):,} {what} {verb} more. Keep fewer {what}, or fewer points in each."
                    )


def _dumped(value: dict | float) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise TrajectoryError(
            f"{_WHOLE}: a number is not finite ({error}). Correct the code that made these tracks or objects."
        ) from None


def values_in(text: str) -> int:
    """Upper bound of the number of decoded values: commas and opening brackets."""
    return sum(text.count(mark) for mark in "{[,")


def check_total(tracks: list | tuple, objects: list | tuple = ()) -> None:
    """Limit the total number of points before any track or object is read. Takes decoded tracks or lists, and decoded
    objects."""
    lists = [track.get("points") if isinstance(track, dict) else track for track in tracks]
    total = sum(len(points) for points in lists if isinstance(points, (list, tuple)))
    total += sum(object_schema.count_points(each) for each in objects)
    if total > MAX_TOTAL_POINTS:
        what = "tracks and objects" if objects else "tracks"
        raise TrajectoryError(
            f"{_WHOLE}: all {what} together should have at most {MAX_TOTAL_POINTS:,} points, but they have {total:,}. "
            f"Use fewer {what}, or tracks with fewer points."
        )


def _read_version(value: dict) -> int:
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
    if isinstance(version, bool) or version not in (VERSION, OBJECTS_VERSION):
        remedy = "If it was made by a newer version of this node pack, update the pack; otherwise export it again."
        raise checks.wrong(_WHOLE, "version", f"{VERSION} or {OBJECTS_VERSION}", version, remedy)
    return int(version)


def _read_canvas(value: Any) -> tuple[int, int]:
    checks.mapping(value, _WHOLE, "canvas", _REMEDY_CANVAS)
    checks.known_keys(value, _CANVAS_KEYS, f"{_WHOLE}, canvas")
    return checks.side(value.get("width"), "width (canvas)"), checks.side(value.get("height"), "height (canvas)")


def _read_horizon(value: dict) -> float | None:
    if "horizon" not in value:
        return None
    remedy = "0 is the picture's upper edge, 1 its lower one; leave it out where there is no ground."
    return checks.number(value["horizon"], MIN_HORIZON, MAX_HORIZON, _WHOLE, "horizon", remedy)
