"""Objects in the versioned JSON, from back to front, read strictly and written canonically.

    {"id": "o1", "name": "bird", "color": "#1f77b4", "enabled": true,
     "outline": [[{"x": 0.1, "y": 0.2}, {"x": 0.3, "y": 0.2}, {"x": 0.2, "y": 0.4}]],
     "pivot": {"x": 0.2, "y": 0.3},
     "motion": {"keys": [{"t": 0.5, "x": 0.1, "y": 0, "rotation": 90, "scale": 1.5, "ease": "linear"}]},
     "start": 0, "end": 1, "visible": [[0, 1]], "group": "birds", "edge": "exact",
     "grow": -0.002, "feather": 0.01, "shutter": 0.5,
     "shadow": [[{"x": 0.1, "y": 0.4}, {"x": 0.3, "y": 0.4}, {"x": 0.2, "y": 0.5}]], "fill_from": [[...]],
     "edit": "removed", "delay": 0.1, "at": 0.5, "distance": 2.5, "stiffness": 0.7, "stiff": [[...]],
     "pins": [{"points": [{"x": 0.1, "y": 0.2}, {"x": 0.1, "y": 0.1}]}],
     "loop": {"mode": "closed", "times": 1}, "sway": {"amount": 0.05, "times": 2, "phase": 0, "waves": 0.4},
     "followed": {"version": 1, "outlines": [{"at": 0.75, "outline": [[{"x": 0.2, "y": 0.2}, ...]]}]},
     "text": "a red kite bird with open wings"}

A motion has keys, or the fields of a drawn path: points, spline, timing, ease, as a track has them. outline and motion
are required, and t in each key; everything else has the defaults of `types`. group, edge and all fields after them are
omitted if they have their defaults, as before they existed. A pin is a track (`..track_schema`). The pivot defaults to
the centre of the outline's bounding box.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ...common.interrupt import checkpoint
from .. import checks
from ..sampling import check_key_times
from ..track_schema import STIFFNESS, read_stiffness, read_track, write_track
from ..types import (
    EASES,
    MAX_COORDINATE,
    MAX_NAME,
    MAX_POINTS,
    ONCE,
    SPLINES,
    TIMINGS,
    Track,
    TrajectoryError,
    default_color,
)
from .types import (
    FINISH,
    FOLLOWED_VERSION,
    MAX_CORRECTIONS,
    MAX_DISTANCE,
    MAX_OUTLINE_POINTS,
    MAX_PINS,
    MAX_RINGS,
    MAX_ROTATION,
    MAX_WORDS,
    MIN_DISTANCE,
    OBJECT_AREAS,
    OUTLINE_EDGES,
    DrawnPath,
    Key,
    Keyframes,
    MotionObject,
    Outline,
    OutlineKey,
    Ring,
    default_id,
    middle,
)

OBJECT_KEYS = (
    "id", "name", "color", "enabled", "outline", "pivot", "motion", "start", "end", "visible", "group", "edge", *FINISH,
    *OBJECT_AREAS, *checks.IN_CLIP, "at", "followed", "distance", "stiffness", "pins", "loop",
    "sway", "text",
)  # fmt: skip
PATH_KEYS = ("spline", "points", "timing", "ease")
KEYFRAMES_KEYS = ("keys",)
KEY_KEYS = ("t", "x", "y", "rotation", "scale", "ease")
FOLLOWED_KEYS = ("version", "outlines")
OUTLINE_KEY_KEYS = ("at", "outline")
_REQUIRED = '{"outline": [[{"x": 0.1, "y": 0.2}, ...]], "motion": {"points": [{"x": 0.1, "y": 0.5}]}}'
_LENGTH = "It is a fraction of sqrt(width * height) of the picture"
_FINISHED = {
    "grow": f"{_LENGTH}, such as 0.005; negative values shrink the cut.",
    "feather": f"{_LENGTH}, such as 0.01.",
    "shutter": "It is a fraction of the time between two frames: 0 is sharp, 0.5 is usual in film.",
}
_FLAT = 1e-12  # of the outline's extent squared: a ring that spans less is degenerate


def read(objects: list | tuple) -> tuple[MotionObject, ...]:
    """The decoded list of objects. Raises TrajectoryError."""
    ids = checks.read_ids(objects, "object", _REQUIRED, default_id)
    found = []
    for index, each in enumerate(objects):
        checkpoint()
        found.append(_read_object(each, index, ids[index]))
    return tuple(found)


def count_points(value: Any) -> int:
    """The number of points, keys and corners of a decoded object, even of an invalid one."""
    if not isinstance(value, dict):
        return 0
    motion = value.get("motion")
    areas = [value.get(key) for key in ("outline", *OBJECT_AREAS)]
    followed = value.get("followed")
    corrections = followed.get("outlines") if isinstance(followed, dict) else None
    if isinstance(corrections, (list, tuple)):
        areas += [each.get("outline") for each in corrections if isinstance(each, dict)]
    lists = [ring for area in areas if isinstance(area, (list, tuple)) for ring in area]
    lists += motion.values() if isinstance(motion, dict) else ()
    pins = value.get("pins")
    if isinstance(pins, (list, tuple)):
        lists += [pin.get(key) for pin in pins if isinstance(pin, dict) for key in ("points", "pin")]
    return sum(len(each) for each in lists if isinstance(each, (list, tuple)))


def write(each: MotionObject) -> dict[str, Any]:
    """The JSON value that `read` converts back to an equal object."""
    written = {
        "id": each.id,
        "name": each.name,
        "color": each.color,
        "enabled": each.enabled,
        "outline": _write_outline(each.outline),
        "pivot": checks.write_place(each.pivot),
        "motion": _write_motion(each.motion),
        "start": each.start,
        "end": each.end,
        "visible": each.visible,
    }
    optional = {"group": each.group or None, "edge": None if each.edge == OUTLINE_EDGES[0] else each.edge}
    optional |= {name: getattr(each, name) or None for name in FINISH}
    optional |= {name: _write_outline(getattr(each, name)) or None for name in OBJECT_AREAS}
    optional |= {**checks.write_in_clip(each), "at": each.at or None, "followed": _write_followed(each) or None}
    optional["distance"] = each.distance
    optional["stiffness"] = None if each.stiffness == STIFFNESS else each.stiffness
    optional["pins"] = [write_track(pin) for pin in each.pins] or None
    optional |= {"loop": checks.write_loop(each.loop), "sway": checks.write_sway(each.sway, "waves")}
    optional["text"] = each.text or None
    return written | {name: value for name, value in optional.items() if value is not None}


def _write_outline(outline: Outline) -> list[list[dict]]:
    return [[checks.write_place(place) for place in ring] for ring in outline]


def _write_followed(each: MotionObject) -> dict[str, Any]:
    if not each.followed:
        return {}
    outlines = [{"at": key.at, "outline": _write_outline(key.outline)} for key in each.followed]
    return {"version": FOLLOWED_VERSION, "outlines": outlines}


def _write_motion(motion: DrawnPath | Keyframes) -> dict[str, Any]:
    if isinstance(motion, Keyframes):
        return {"keys": [{name: getattr(key, name) for name in KEY_KEYS} for key in motion.keys]}
    return {
        "spline": motion.spline,
        "points": [checks.write_point(point) for point in motion.points],
        "timing": motion.timing,
        "ease": motion.ease,
    }


def _read_object(value: dict, index: int, name: str) -> MotionObject:
    where = f"Object {index + 1} (id {checks.names([name])})"
    checks.known_keys(value, OBJECT_KEYS, where)
    for key, remedy in (("outline", "Draw round the object, or delete it."), ("motion", 'Write {"keys": [{"t": 0}]}.')):
        if key not in value:
            raise TrajectoryError(f'{where}: the key "{key}" is missing. {remedy}')
    outline = read_outline(value["outline"], where)
    start, end = checks.read_span(value, where)
    checks.check_span(start, end, where)
    return MotionObject(
        id=name,
        name=checks.read_name(value, where, "object"),
        color=checks.read_color(value["color"], where) if "color" in value else default_color(index),
        enabled=checks.read_enabled(value, where, "object"),
        outline=outline,
        pivot=checks.read_place(value["pivot"], f"{where}, pivot") if "pivot" in value else middle(outline),
        motion=_read_motion(value["motion"], where),
        start=start,
        end=end,
        visible=checks.read_visible(value["visible"], where) if "visible" in value else checks.ALWAYS,
        group=checks.string(value.get("group", ""), 0, MAX_NAME, where, "group", "Give the group a shorter name."),
        edge=checks.choice(value.get("edge", OUTLINE_EDGES[0]), OUTLINE_EDGES, where, "edge"),
        **{name: checks.number(value.get(name, 0), *FINISH[name], where, name, _FINISHED[name]) for name in FINISH},
        **{name: _read_area(value.get(name, ()), where, name) for name in OBJECT_AREAS},
        **checks.read_in_clip(value, where),
        at=checks.number(value.get("at", 0), 0, 1, where, "at", "It is the fraction of the clip that was drawn on."),
        followed=_read_followed(value["followed"], f"{where}, followed") if "followed" in value else (),
        distance=_read_distance(value["distance"], where) if "distance" in value else None,
        stiffness=read_stiffness(value, where),
        pins=_read_pins(value["pins"], where) if "pins" in value else (),
        loop=checks.read_loop(value["loop"], where) if "loop" in value else ONCE,
        sway=checks.read_sway(value["sway"], where, "waves") if "sway" in value else None,
        text=checks.string(value.get("text", ""), 0, MAX_WORDS, where, "text", "Give the object a shorter text."),
    )


def _read_pins(value: Any, where: str) -> tuple[Track, ...]:
    pins = checks.sequence(value, MAX_PINS, where, "pins", 'Write it as [{"points": [{"x": 0.1, "y": 0.2}, ...]}].')
    ids = checks.read_ids(pins, "pin", '{"points": [...]}', lambda index: f"p{index + 1}")
    return tuple(
        read_track(pin, default_color(k), f"{where}, pin {k + 1}", name)
        for k, (pin, name) in enumerate(zip(pins, ids, strict=True))
    )


def _read_distance(value: Any, where: str) -> float:
    remedy = "1 is as far as the ground at the picture's lower edge, 2 twice as far."
    return checks.number(value, MIN_DISTANCE, MAX_DISTANCE, where, "distance", remedy)


def read_outline(value: Any, where: str) -> Outline:
    outline = _read_area(value, where, "outline")
    if not outline:
        raise TrajectoryError(f"{where}: it has no outline. Draw round the object, or delete it.")
    return outline


def _read_area(value: Any, where: str, key: str) -> Outline:
    remedy = 'Write it as a list of rings, [[{"x": 0.1, "y": 0.2}, ...]].'
    rings = checks.sequence(value, MAX_RINGS, where, key, remedy)
    where = where if key == "outline" else f"{where}, {key}"
    total = 0
    for k, ring in enumerate(rings):
        total += len(checks.sequence(ring, MAX_OUTLINE_POINTS, f"{where}, ring {k + 1}", "it", remedy))
    if total > MAX_OUTLINE_POINTS:
        raise TrajectoryError(
            f"{where}: its {'outline' if key == 'outline' else 'rings'} should have at most {MAX_OUTLINE_POINTS:,} "
            f"corners in all, but it has {total:,}. Use a simpler outline."
        )
    alone = len(rings) == 1  # as a person draws them
    return tuple(_read_ring(ring, where if alone else f"{where}, ring {k + 1}") for k, ring in enumerate(rings))


def _read_followed(value: Any, where: str) -> tuple[OutlineKey, ...]:
    remedy = 'Write it as {"version": 1, "outlines": [{"at": 0.5, "outline": [[{"x": 0.1, "y": 0.2}, ...]]}]}.'
    checks.mapping(value, where, "it", remedy)
    checks.known_keys(value, FOLLOWED_KEYS, where)
    if type(value.get("version")) is not int or value["version"] != FOLLOWED_VERSION:
        raise checks.wrong(where, "version", str(FOLLOWED_VERSION), value.get("version"), "Update DragNUWA.")
    outlines = checks.sequence(value.get("outlines"), MAX_CORRECTIONS, where, "outlines", remedy)
    found = tuple(_read_outline_key(each, f"{where}, outline {k + 1}", remedy) for k, each in enumerate(outlines))
    for before, after in pairwise(found):
        if after.at <= before.at:
            raise TrajectoryError(f"{where}: the outlines should have rising times, but {after.at:g} follows "
                                  f"{before.at:g}. Put them in order, one for each frame.")  # fmt: skip
    return found


def _read_outline_key(value: Any, where: str, remedy: str) -> OutlineKey:
    checks.mapping(value, where, "it", remedy)
    checks.known_keys(value, OUTLINE_KEY_KEYS, where)
    at = checks.number(value.get("at"), 0, 1, where, "at", "It is the fraction of the clip that was drawn on.")
    return OutlineKey(at, read_outline(value.get("outline", ()), where))


def _read_ring(value: list | tuple, where: str) -> Ring:
    ring = tuple(checks.read_place(place, f"{where}, corner {k + 1}") for k, place in enumerate(value))
    if not encloses(ring):
        found = f"it has {len(ring)}" if len(ring) < 3 else f"its {len(ring)} corners do"
        raise TrajectoryError(
            f"{where}: an outline needs at least three corners that do not lie on one line, but {found}. Draw round "
            "the object again, or delete it."
        )
    return ring


def encloses(ring: Ring) -> bool:
    """Whether the corners are not collinear. The first one and the one farthest from it span the line."""
    if len(ring) < 3:
        return False
    x, y = ring[0]
    arms = [(a - x, b - y) for a, b in ring[1:]]
    far = max(arms, key=lambda arm: arm[0] * arm[0] + arm[1] * arm[1])
    extent = far[0] * far[0] + far[1] * far[1]
    return any(abs(far[0] * b - far[1] * a) > _FLAT * extent for a, b in arms)


def _read_motion(value: Any, where: str) -> DrawnPath | Keyframes:
    remedy = 'Write it as {"points": [{"x": 0.1, "y": 0.5}]} or {"keys": [{"t": 1, "x": 0.1}]}.'
    where = f"{where}, motion"
    checks.mapping(value, where, "it", remedy)
    if ("points" in value) == ("keys" in value):
        found = "both" if "keys" in value else "neither"
        raise TrajectoryError(f"{where}: it should have either points or keys, but it has {found}. {remedy}")
    return _read_path(value, where) if "points" in value else _read_keyframes(value, where)


def _read_path(value: dict, where: str) -> DrawnPath:
    checks.known_keys(value, PATH_KEYS, where)
    path = DrawnPath(
        spline=checks.choice(value.get("spline", "pchip"), SPLINES, where, "spline"),
        points=checks.read_points(value["points"], where, "object"),
        timing=checks.choice(value.get("timing", "points"), TIMINGS, where, "timing"),
        ease=checks.choice(value.get("ease", "linear"), EASES, where, "ease"),
    )
    if path.timing == "keys":
        check_key_times(path.points, where)
    return path


def _read_keyframes(value: dict, where: str) -> Keyframes:
    checks.known_keys(value, KEYFRAMES_KEYS, where)
    given = checks.sequence(value["keys"], MAX_POINTS, where, "keys", 'Write it as [{"t": 1, "x": 0.1}].')
    if not given:
        raise TrajectoryError(f"{where}: it has no keys. Set at least one key, or delete the object.")
    keys = tuple(_read_key(key, f"{where}, key {k + 1}") for k, key in enumerate(given))
    for k in range(1, len(keys)):
        if keys[k].t <= keys[k - 1].t:
            raise TrajectoryError(
                f"{where}, key {k + 1}: t should be later than the t of the key before it ({keys[k - 1].t:g}), but it "
                f"is {keys[k].t:g}. Give the keys rising times from 0 to 1."
            )
    first = keys[0]
    if first.t == 0 and (first.x, first.y, first.rotation, first.scale) != (0, 0, 0, 1):
        raise TrajectoryError(
            f"{where}, key 1: at the time 0 the object should be where the picture shows it, with x 0, y 0, rotation 0 "
            "and scale 1, but it is not. Move the outline instead, or give the key a later time."
        )
    return Keyframes(keys)


def _read_key(value: Any, where: str) -> Key:
    checks.mapping(value, where, "it", 'Write it as {"t": 1, "x": 0.1}.')
    checks.known_keys(value, KEY_KEYS, where)
    shift = "It is how far the pivot is from its place, as a fraction of the picture."
    turn = "It is in degrees, above 0 clockwise."
    scale = checks.scale(value, where, "1 is the size that the object has in the picture.")
    return Key(
        t=checks.number(value.get("t"), 0, 1, where, "t", "0 is the beginning of the object's motion and 1 its end."),
        x=checks.number(value.get("x", 0), -MAX_COORDINATE, MAX_COORDINATE, where, "x", shift),
        y=checks.number(value.get("y", 0), -MAX_COORDINATE, MAX_COORDINATE, where, "y", shift),
        rotation=checks.number(value.get("rotation", 0), -MAX_ROTATION, MAX_ROTATION, where, "rotation", turn),
        scale=scale,
        ease=checks.choice(value.get("ease", "linear"), EASES, where, "ease"),
    )
