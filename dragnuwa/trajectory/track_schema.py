"""One track in the versioned JSON, read strictly and written canonically: a drag, an anchor, or a pin of an object.

A track that repeats, sways or bends what it lies on has some of these fields; each is omitted if it has its default:

    {"points": [...], "loop": {"mode": "ping_pong", "times": 2},
     "sway": {"amount": 0.02, "times": 2, "phase": 0, "direction": 0}, "bend": "auto", "stays": 0.5, "over": "front",
     "stiffness": 0.5, "pin": [{"at": 0.5, "turn": 20, "scale": 1.1}]}
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from . import checks
from .sampling import check_key_times
from .types import (
    BENDS,
    EASES,
    KINDS,
    MAX_PIN_KEYS,
    MAX_ROTATION,
    ONCE,
    OVERS,
    SPLINES,
    TIMINGS,
    PinKey,
    Track,
    TrajectoryError,
)

BENDING_KEYS = ("bend", "stays", "pin", "over", "stiffness")
TRACK_KEYS = (
    "id", "name", "color", "enabled", "kind", "spline", "points", "timing", "start", "end", "ease", "visible",
    *checks.IN_CLIP, "loop", "sway", *BENDING_KEYS,
)  # fmt: skip
PIN_KEYS = ("at", "turn", "scale")
STAYS, STIFFNESS = 0.5, 0.5
"""The defaults of both."""


def where_of(index: int, name: str) -> str:
    """How messages name the track at an index."""
    return f"Track {index + 1} (id {checks.names([name])})"


def read_track(value: dict, color: str, where: str, name: str) -> Track:
    """
    Args:
        value: decoded.
        color: for a track without one.
        where: for messages.
        name: its id.

    Raises:
        TrajectoryError: if it is invalid.
    """
    checks.known_keys(value, TRACK_KEYS, where)
    if "points" not in value:
        raise TrajectoryError(f'{where}: the key "points" is missing. Add its points, or delete the track.')
    start, end = checks.read_span(value, where)
    track = Track(
        id=name,
        name=checks.read_name(value, where, "track"),
        color=checks.read_color(value["color"], where) if "color" in value else color,
        enabled=checks.read_enabled(value, where, "track"),
        kind=checks.choice(value.get("kind", "path"), KINDS, where, "kind"),
        spline=checks.choice(value.get("spline", "pchip"), SPLINES, where, "spline"),
        points=checks.read_points(value["points"], where, "track"),
        timing=checks.choice(value.get("timing", "points"), TIMINGS, where, "timing"),
        start=start,
        end=end,
        ease=checks.choice(value.get("ease", "linear"), EASES, where, "ease"),
        visible=checks.read_visible(value["visible"], where) if "visible" in value else checks.ALWAYS,
        **checks.read_in_clip(value, where),
        loop=checks.read_loop(value["loop"], where) if "loop" in value else ONCE,
        sway=checks.read_sway(value["sway"], where, "direction") if "sway" in value else None,
        **_read_bending(value, where),
    )
    checks.check_span(start, end, where)
    if track.kind == "anchor" and len(track.points) != 1:
        raise TrajectoryError(
            f"{where}: an anchor should have exactly 1 point, but it has {len(track.points)}. Delete the other points, "
            'or set its kind to "path".'
        )
    if track.timing == "keys":
        check_key_times(track.points, where)
    return track


def write_track(track: Track) -> dict[str, Any]:
    """The JSON value that `read_track` converts back to an equal track."""
    return {
        "id": track.id,
        "name": track.name,
        "color": track.color,
        "enabled": track.enabled,
        "kind": track.kind,
        "spline": track.spline,
        "points": [checks.write_point(point) for point in track.points],
        "timing": track.timing,
        "start": track.start,
        "end": track.end,
        "ease": track.ease,
        "visible": track.visible,
        **checks.write_in_clip(track),
        **_write_optional(track),
    }


def read_stiffness(value: dict, where: str) -> float:
    remedy = "0 is soft and 1 stiff."
    return checks.number(value.get("stiffness", STIFFNESS), 0, 1, where, "stiffness", remedy)


def _read_bending(value: dict, where: str) -> dict[str, Any]:
    part = "It is the part of the furthest way along the object beyond which it stays by itself."
    return {
        "bend": checks.choice(value["bend"], BENDS[1:], where, "bend") if "bend" in value else BENDS[0],
        "stays": checks.number(value.get("stays", STAYS), 0, 1, where, "stays", part),
        "pin": _read_pin(value["pin"], f"{where}, pin") if "pin" in value else (),
        "over": checks.choice(value["over"], OVERS[1:], where, "over") if "over" in value else OVERS[0],
        "stiffness": read_stiffness(value, where),
    }


def _read_pin(value: Any, where: str) -> tuple[PinKey, ...]:
    given = checks.sequence(value, MAX_PIN_KEYS, where, "it", 'Write it as [{"at": 1, "turn": 20}].')
    keys = tuple(_read_pin_key(key, f"{where}, key {k + 1}") for k, key in enumerate(given))
    for k, (before, after) in enumerate(pairwise(keys), 2):
        if after.at <= before.at:
            raise TrajectoryError(
                f"{where}, key {k}: at should be later than that of the key before it ({before.at:g}), but it is "
                f"{after.at:g}. Give the keys rising times from 0 to 1."
            )
    return keys


def _read_pin_key(value: Any, where: str) -> PinKey:
    checks.mapping(value, where, "it", 'Write it as {"at": 1, "turn": 20}.')
    checks.known_keys(value, PIN_KEYS, where)
    scale = checks.scale(value, where, "1 is the size that it has in the picture.")
    turn = "In degrees, above 0 clockwise."
    return PinKey(
        at=checks.number(value.get("at"), 0, 1, where, "at", "0 is the beginning of the pin's motion and 1 its end."),
        turn=checks.number(value.get("turn", 0), -MAX_ROTATION, MAX_ROTATION, where, "turn", turn),
        scale=scale,
    )


def _write_optional(track: Track) -> dict[str, Any]:
    written = {
        "loop": checks.write_loop(track.loop),
        "sway": checks.write_sway(track.sway, "direction"),
        "bend": track.bend or None,
        "stays": None if track.stays == STAYS else track.stays,
        "pin": [{"at": key.at, "turn": key.turn, "scale": key.scale} for key in track.pin] or None,
        "over": track.over or None,
        "stiffness": None if track.stiffness == STIFFNESS else track.stiffness,
    }
    return {name: value for name, value in written.items() if value is not None}
