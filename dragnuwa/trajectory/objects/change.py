"""Transforms objects like tracks: in the plane, reversed in time, and sampled at frames."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...common.clip_shape import WHOLE, Area
from ...common.interrupt import watched
from ...geometry.similarity import SimilarityTransform
from ..pins import CENTRE, bent_object, turns, ways_of
from ..sampling import intervals, is_anchor, own_time
from ..trajectories import Trajectories
from ..types import MAX_COORDINATE, MAX_SWAY, ONCE, PinKey, Point, Sway, Track, TrajectoryError
from . import sampling
from .types import (
    FINISH,
    MAX_SCALE,
    MIN_SCALE,
    OBJECT_AREAS,
    DrawnPath,
    Key,
    Keyframes,
    MotionObject,
    Outline,
    Place,
    Ring,
)

REVERSED_EASE = {"ease_in": "ease_out", "ease_out": "ease_in"}
"""Each ease's reverse; those not listed are their own reverse."""
WAY = 13  # frames on the way to a bent outline
_SOON = 1e-6  # delay of a jump that must happen just after a given moment, as a fraction of the object's own time


@dataclass(frozen=True)
class Plane:
    """A plane that is moved, rotated, scaled or mirrored.

    point: maps a point.
    turned: maps an offset in fractions of the picture.
    mirrored: whether the plane is mirrored, which reverses the sense of rotations.
    canvas: (width, height) of the picture.
    """

    point: Callable[[Point], Point]
    turned: Callable[[Place], Place]
    mirrored: bool
    canvas: tuple[int, int]

    def track(self, track: Track) -> Track:
        """A drag or a pin there."""
        changes = {"points": tuple(self.point(p) for p in track.points)}
        if track.pin and self.mirrored:
            changes["pin"] = tuple(replace(key, turn=-key.turn) for key in track.pin)
        if track.sway:
            changes["sway"] = self._sway(track.sway)
        return replace(track, **changes)

    def _sway(self, sway: Sway) -> Sway:
        """That of a track: its direction turns, and it reaches as far as the plane is stretched that way."""
        width, height = self.canvas
        angle = math.radians(sway.direction)
        x, y = self.turned((math.cos(angle) / width, math.sin(angle) / height))
        x, y = x * width, y * height
        amount = min(sway.amount * math.hypot(x, y), MAX_SWAY)
        return replace(sway, amount=amount, direction=math.degrees(math.atan2(y, x)))


def mapped(matrix: np.ndarray, offset: np.ndarray, canvas: tuple[int, int]) -> Plane:
    """A plane in which every point p (fractions) becomes matrix @ p + offset, and every handle matrix @ handle.

    Its `point` raises a TrajectoryError if a point would be farther outside than the format allows.
    """
    (xx, xy), (yx, yy) = matrix.tolist()  # there may be a million points, one by one
    right, down = offset.tolist()

    def turned(handle: Place | None) -> Place | None:
        return handle and (xx * handle[0] + xy * handle[1], yx * handle[0] + yy * handle[1])

    def point(p: Point) -> Point:
        x, y = xx * p.x + xy * p.y + right, yx * p.x + yy * p.y + down
        if not max(abs(x), abs(y)) <= MAX_COORDINATE:
            raise TrajectoryError(
                f"Transformed trajectories: points should stay within {MAX_COORDINATE:,.0f} widths and heights of the "
                f"picture, but one would be at {x:g}, {y:g}. Use smaller amounts."
            )
        return replace(p, x=x, y=y, handle_in=turned(p.handle_in), handle_out=turned(p.handle_out))

    return Plane(point, turned, bool(np.linalg.det(matrix) < 0), canvas)


def in_area(value: Trajectories, area: Area) -> Trajectories:
    """What is drawn on a part of a picture, on the whole of it. `area` is that part in fractions of the picture; the
    value itself if it is the whole."""
    if area == WHOLE:
        return value
    left, top, width, height = area
    there = drawing_in(value, mapped(np.diag([width, height]), np.array([left, top]), value.canvas))
    return there if there.horizon is None else replace(there, horizon=top + height * there.horizon)


def drawing_in(value: Trajectories, plane: Plane) -> Trajectories:
    """Tracks and objects in another plane; the horizon stays."""
    return replace(
        value,
        tracks=tuple(plane.track(track) for track in watched(value.tracks)),
        objects=tuple(in_plane(each, plane) for each in watched(value.objects)),
    )


def in_plane(each: MotionObject, plane: Plane) -> MotionObject:
    """An object in another plane."""
    point, turned = plane.point, plane.turned

    def place(at: Place) -> Place:
        moved = point(Point(*at))
        return moved.x, moved.y

    def key(at: Key) -> Key:
        x, y = turned((at.x, at.y))
        return replace(at, x=x, y=y, rotation=-at.rotation if plane.mirrored else at.rotation)

    motion = each.motion
    if isinstance(motion, DrawnPath):
        motion = replace(motion, points=tuple(point(p) for p in motion.points))
    else:
        motion = Keyframes(tuple(key(at) for at in motion.keys))
    areas = {name: _mapped(getattr(each, name), place) for name in ("outline", *OBJECT_AREAS)}
    (xx, yx), (xy, yy) = turned((1.0, 0.0)), turned((0.0, 1.0))
    larger = _with_lengths(each, math.sqrt(abs(xx * yy - xy * yx)))
    followed = tuple(replace(key, outline=_mapped(key.outline, place)) for key in each.followed)
    pins = tuple(plane.track(pin) for pin in each.pins)
    sway = each.sway
    if sway and plane.mirrored:  # across its length is on the other side, to which it swings half a swing later
        sway = replace(sway, phase=(sway.phase + 0.5) % 1)
    return replace(larger, pivot=place(each.pivot), motion=motion, followed=followed, pins=pins, sway=sway, **areas)


def _mapped(outline: Outline, place: Callable[[Place], Place]) -> Outline:
    return tuple(tuple(place(at) for at in ring) for ring in outline)


def _with_lengths(each: MotionObject, factor: float) -> MotionObject:
    """The object with grow and feather scaled by `factor`, within their limits. These lengths belong to its shape and
    scale with the outline, so that they keep their size in picture pixels when a drawing is fitted to another clip."""
    lengths = {name: float(np.clip(getattr(each, name) * factor, *FINISH[name])) for name in ("grow", "feather")}
    return replace(each, **lengths)


def backwards(
    each: MotionObject, motion: DrawnPath | None, pins: tuple[Track, ...], span: dict, size: tuple[int, int]
) -> MotionObject:
    """An object reversed in time: at the fraction f of the clip it is where it was at 1 - f.

    Args:
        motion: the reversed drawn path; None for an object that moves by keys.
        pins: its pins, reversed.
        span: start, end and visible, reversed.
        size: (width, height) in pixels, for the rotation of the outline at the end.
    """
    pixels = np.array(size, dtype=np.float64)
    bent = replace(bent_outline(each, np.ones(1), size), pins=pins)
    there = moved_outline(bent, sampling.transform(each, np.ones(1), pixels), 0, pixels)
    there = replace(there, sway=reversed_sway(each.sway), **span)
    if motion is not None:
        return replace(there, motion=motion)
    if each.loop.mode == "ping_pong":  # the same backwards
        return there
    return replace(there, motion=Keyframes(tuple(_backwards(sampling.keys_around(each, each.motion)))))


def reversed_sway(sway: Sway | None) -> Sway | None:
    """It reversed in time, if it swings a whole number of times."""
    return sway and replace(sway, phase=(0.5 - sway.phase - sway.times) % 1)


def _backwards(keys: tuple[Key, ...]) -> list[Key]:
    last = keys[-1]
    made: list[Key] = []
    for k in range(len(keys) - 1, -1, -1):
        ease = keys[k - 1].ease if k else "linear"
        made.append(_seen_from(last, keys[k], 1 - keys[k].t, REVERSED_EASE.get(ease, ease)))
        if ease == "constant" and k:  # forwards it jumps on reaching this key; in reverse just after leaving it
            soon = min(made[-1].t + _SOON, (made[-1].t + 1 - keys[k - 1].t) / 2)
            made[-1] = replace(made[-1], ease="linear")
            made.append(_seen_from(last, keys[k - 1], soon, "linear"))
    return made


def _seen_from(last: Key, key: Key, t: float, ease: str) -> Key:
    """A key relative to the object's final state."""
    return Key(t, key.x - last.x, key.y - last.y, key.rotation - last.rotation, key.scale / last.scale, ease)


def moved_outline(each: MotionObject, motion: SimilarityTransform, time: int, size: np.ndarray) -> MotionObject:
    """The object with its outline, areas, pins and pivot at a frame of its motion."""

    def place(at: Place) -> Place:
        moved = complex(motion.factor[time] * complex(at[0] * size[0], at[1] * size[1]) + motion.shift[time])
        return moved.real / float(size[0]), moved.imag / float(size[1])

    def turned(handle: Place | None) -> Place | None:
        if handle is None:
            return None
        arm = complex(motion.factor[time] * complex(handle[0] * size[0], handle[1] * size[1]))
        return arm.real / float(size[0]), arm.imag / float(size[1])

    def point(p: Point) -> Point:
        x, y = place((p.x, p.y))
        return replace(p, x=x, y=y, handle_in=turned(p.handle_in), handle_out=turned(p.handle_out))

    areas = {name: _mapped(getattr(each, name), place) for name in ("outline", "shadow", "stiff")}
    pins = tuple(replace(pin, points=tuple(point(p) for p in pin.points)) for pin in each.pins)
    larger = _with_lengths(each, abs(complex(motion.factor[time])))
    return replace(larger, pivot=place(each.pivot), pins=pins, **areas)


def bent_outline(each: MotionObject, fractions: np.ndarray, size: tuple[int, int]) -> MotionObject:
    """The object with its outline and stiff areas as its pins have bent them at a fraction [1] of the clip, before its
    own motion; `size` (width, height) in px."""
    shape = bent_object(each, np.linspace(0, fractions[0], WAY), size)
    if shape is None:
        return each
    pixels = np.array(size, dtype=np.float64)

    def bent(ring: Ring) -> Ring:
        there = shape.moved((np.array(ring) * pixels) @ (1, 1j) - CENTRE)[:, -1] + CENTRE
        return tuple(zip((there.real / pixels[0]).tolist(), (there.imag / pixels[1]).tolist(), strict=True))

    areas = {name: tuple(bent(ring) for ring in getattr(each, name)) for name in ("outline", "stiff")}
    return replace(each, **areas)


def at_frames(
    each: MotionObject,
    motion: SimilarityTransform,
    fractions: np.ndarray,
    seen: np.ndarray,
    size: np.ndarray,
    where: str,
) -> MotionObject:
    """An object with one key per frame over the whole clip, relative to the first frame. So have its pins one point.

    Args:
        motion: of T frames, in pixels of a picture of `size` [2].
        fractions: [T] of the clip, of these frames.
        seen: [T] bool.
        where: the operation, for messages.

    Raises:
        TrajectoryError: if it would become larger or smaller than the format allows.
    """
    if each.pins or each.sway:
        each = bent_outline(each, fractions[:1], (int(size[0]), int(size[1])))
        each = replace(each, pins=pins_at_frames(each.pins, fractions, size))
    begun = moved_outline(each, motion, 0, size)
    pivot = each.pivot[0] * size[0] + 1j * each.pivot[1] * size[1]
    ways = motion.factor * pivot + motion.shift
    ways, factor = ways - ways[0], motion.factor / motion.factor[0]
    scale, rotation = np.abs(factor), np.degrees(np.unwrap(np.angle(factor)))
    if not (scale.min() >= MIN_SCALE and scale.max() <= MAX_SCALE):
        raise TrajectoryError(
            f"{where}: an object should stay between {MIN_SCALE:g} and {MAX_SCALE:g} times its size, but one would be "
            f"{scale.min():g} to {scale.max():g} times as large. Use a smaller zoom."
        )
    times = np.arange(len(ways)) / (len(ways) - 1)
    rows = np.stack([times, ways.real / size[0], ways.imag / size[1], rotation, scale], -1)
    rows[0, 1:] = 0, 0, 0, 1
    keys = tuple(Key(*row) for row in rows.tolist())
    begun = replace(begun, sway=_sway_within(each, fractions), loop=ONCE)
    return replace(begun, motion=Keyframes(keys), start=0.0, end=1.0, visible=intervals(seen))


def _sway_within(each: MotionObject, fractions: np.ndarray) -> Sway | None:
    """How an object sways from where it is at the first of `fractions` [T] of the clip on."""
    begin, end = own_time(each.start, each.end, fractions[[0, -1]]).tolist()
    if each.sway is None or end <= begin:
        return None
    phase = (each.sway.phase + each.sway.times * begin) % 1
    return replace(each.sway, phase=phase, times=each.sway.times * (end - begin))


def pins_at_frames(pins: Sequence[Track], fractions: np.ndarray, size: np.ndarray) -> tuple[Track, ...]:
    """Pins with one point per frame, at `fractions` [T] of the clip, over a whole clip of these frames; one that rests
    keeps its single point. Their turns and scales are relative to the first frame."""
    ways, keys = ways_of(pins, fractions, size), turn_keys(pins, fractions)
    return tuple(
        replace(
            pin,
            points=tuple(Point(at.real / size[0], at.imag / size[1]) for at in (way[:1] if is_anchor(pin) else way)),
            spline="linear",
            timing="points",
            start=0.0,
            end=1.0,
            ease="linear",
            pin=key,
            loop=ONCE,
            sway=None,
        )
        for pin, way, key in zip(pins, ways.tolist(), keys, strict=True)
    )


def turn_keys(pins: Sequence[Track], fractions: np.ndarray) -> list[tuple[PinKey, ...]]:
    """The keys of pins at `fractions` [T] of the clip, one per frame and relative to the first; none where a pin has
    none."""
    turned, scaled = turns(pins, fractions)
    times = np.linspace(0, 1, len(fractions))
    found = []
    for pin, turn, scale in zip(pins, np.degrees(turned), scaled, strict=True):
        rows = np.stack([times, turn - turn[0], (scale / scale[0]).clip(MIN_SCALE, MAX_SCALE)], -1).tolist()
        found.append(tuple(PinKey(*row) for row in rows) if pin.pin else ())
    return found
