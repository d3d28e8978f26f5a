"""The interface of a foreign format: recognising, reading and writing it, what it cannot represent, and how files and
reports word numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..checks import shorten, wrong
from ..sampling import PIXEL_DIGITS, SampledTracks, is_anchor, visibility
from ..trajectories import Trajectories
from ..types import MAX_TOTAL_POINTS, Track, TrajectoryError

PIXELS, FRACTIONS = "pixels", "fractions"


@dataclass(frozen=True)
class Reference:
    """What positions are counted in and from.

    Attributes:
        unit: `PIXELS` or `FRACTIONS` of the picture; other units only a user may say (see `reference`).
        upwards: whether y counts from the bottom.
    """

    unit: str = PIXELS
    upwards: bool = False


def in_pixels(value: Any) -> Reference:
    """The reference of most formats."""
    return Reference()


@dataclass(frozen=True)
class Reader:
    """How values of a format are read.

    Attributes:
        name: human-readable; the error for an unknown format lists all of them.
        recognises: whether a value has this format, by its content alone. Accepts any value and never raises.
        read: converts a value, and the (width, height) that its pixels refer to, to trajectories. Raises
            TrajectoryError.
        report: takes a value and the trajectories read from it; returns the format's description,
            and sentences about what it does not contain and what was changed or left out.
        reference: what positions in a value are counted in and from; None where it says that itself, so that nothing
            is in doubt.
    """

    name: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, tuple[int, int]], Trajectories]
    report: Callable[[Any, Trajectories], tuple[str, list[str]]]
    reference: Callable[[Any], Reference | None] = lambda value: None


@dataclass(frozen=True)
class Limits:
    """What a format cannot represent.

    Attributes:
        visibility: whether it supports hidden intervals.
        names: whether it supports names and colours.
        outside: whether it supports positions outside the picture.
        motion: maps the tracks and the clip to a sentence about lost motion, or an empty string.
    """

    visibility: bool
    names: bool
    outside: bool
    motion: Callable[[Sequence[Track], ClipShape], str]


@dataclass(frozen=True)
class Writer:
    """How trajectories are written in a format.

    Attributes:
        name: under which the user selects the format.
        write: converts trajectories and the clip to text; positions are in pixels of the clip. Raises TrajectoryError.
        limits: None for a lossless format.
        suffix: file extension.
    """

    name: str
    write: Callable[[Trajectories, ClipShape], str]
    limits: Limits | None
    suffix: str = ".json"

    def text(self, trajectories: Trajectories, clip: ClipShape) -> str:
        """Trajectories in this format, their objects as tracks unless it is lossless. Errors as `write`."""
        return self.write(trajectories if self.limits is None else trajectories.as_tracks(clip), clip)


@dataclass(frozen=True)
class FileWriter:
    """How trajectories are written in a format that is no text.

    Attributes:
        name: under which the user selects the format.
        write: converts trajectories, without objects, and the clip to a file's content. Raises TrajectoryError.
        limits: of the format.
        suffix: file extension.
    """

    name: str
    write: Callable[[Trajectories, ClipShape], bytes]
    limits: Limits
    suffix: str

    def content(self, trajectories: Trajectories, clip: ClipShape) -> bytes:
        """Trajectories in this format, their objects as tracks. Errors as `write`."""
        return self.write(trajectories.as_tracks(clip), clip)


def finite_extras(fields: dict, where: str) -> None:
    """Reject NaN and infinities even in fields that are otherwise ignored: they mean that the writer failed."""
    for key, value in fields.items():
        if isinstance(value, float) and not isfinite(value):
            raise wrong(where, f"the field {key}", "a finite number", value, "Correct or remove it.")


def sampled(trajectories: Trajectories, clip: ClipShape) -> SampledTracks:
    """The enabled tracks at the frames of a clip, for a format with one position per frame.

    Raises:
        TrajectoryError: if there are more than could be read back.
    """
    tracks = len(trajectories.enabled)
    if tracks * clip.frames > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"Trajectories: {tracks:,} tracks of {clip.frames:,} positions are {tracks * clip.frames:,}, but a text "
            f"should have at most {MAX_TOTAL_POINTS:,}. Switch tracks off, or set fewer frames."
        )
    return trajectories.at_frames(clip)


def at_least_one(trajectories: Trajectories, form: str) -> None:
    """Raises TrajectoryError unless a track is enabled, for a format whose readers need at least one."""
    if not trajectories.enabled:
        raise TrajectoryError(
            f"Trajectories: there should be at least one track for the format {form}, but none is drawn or switched "
            'on. Draw a drag, or choose the format "dragnuwa", which may be empty.'
        )


def losses(trajectories: Trajectories, limits: Limits | None, clip: ClipShape) -> list[str]:
    """What is lost when trajectories are written for the clip in a format with these limits; None is lossless."""
    if limits is None:
        return []
    objects, drawn = trajectories.enabled_objects, trajectories.enabled
    off = len(trajectories.tracks) - len(drawn)
    trajectories = trajectories.as_tracks(clip)
    tracks = trajectories.enabled
    notes = [
        _switched_off(off),
        _as_tracks(len(objects), len(tracks) - len(drawn)),
        "" if limits.visibility else _hidden(tracks, clip),
        "" if limits.names or not any(track.name for track in tracks) else "No names and no colours.",
        limits.motion(tracks, clip),
        "" if limits.outside else _outside(tracks),
    ]
    return [note for note in notes if note]


def sampled_motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    """Motion that is lost in a format with one position per frame."""
    return curves_lost(sum(not is_sampled(track, clip.frames) for track in tracks), clip.frames)


def curves_lost(number: int, frames: int) -> str:
    """The sentence about tracks that are written as positions."""
    return f"No curves: {count(number, 'track')} written as {frames} positions each." if number else ""


def is_original(track: Track) -> bool:
    """Whether control points alone define a track's motion: PCHIP at equal times over the whole clip, or an anchor."""
    plain = (track.spline, track.timing, track.ease) == ("pchip", "points", "linear")
    return _whole(track) and (is_anchor(track) or plain)


def is_sampled(track: Track, frames: int) -> bool:
    """Whether a track already has one position per frame."""
    plain = (track.spline, track.timing, track.ease) == ("linear", "points", "linear")
    return _whole(track) and plain and len(track.points) == frames


def _whole(track: Track) -> bool:
    return (track.start, track.end) == (0, 1) and track.loop.mode == "once" and track.sway is None


def _switched_off(number: int) -> str:
    return f"Left out: {count(number, 'track')} disabled." if number else ""


def _as_tracks(objects: int, tracks: int) -> str:
    if not objects:
        return ""
    return f"No objects: {count(objects, 'object')} written as {count(tracks, 'track')}, without outlines and order."


def _hidden(tracks: Sequence[Track], clip: ClipShape) -> str:
    fractions = np.arange(clip.frames) / (clip.frames - 1)
    number = int((~visibility(tracks, fractions).all(axis=1)).sum())
    return f"No visibility: {count(number, 'track')} hidden in some frames, which then count as seen." if number else ""


def _outside(tracks: Sequence[Track]) -> str:
    positions = (np.array([(point.x, point.y) for point in track.points]) for track in watched(tracks))
    number = sum(bool(((place < 0) | (place > 1)).any()) for place in positions)
    return f"Nothing outside of the picture: {count(number, 'track')} held at its edge there." if number else ""


def count(number: int, what: str) -> str:
    """ "1 track", "2 tracks"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """The first eight of `names`, each printable and short."""
    return ", ".join(shorten(name) for name in list(names)[:8])


def decimal(value: float) -> str:
    """The shortest decimal that reads back exactly, without an exponent: 25, 30.5, 0.000001."""
    return np.format_float_positional(value, trim="-")


def number(value: float) -> float | int:
    """Whole numbers without a decimal point, as JavaScript writes them."""
    return int(value) if value.is_integer() else value


def numbers(pixels: np.ndarray) -> list[list[float]]:
    """Positions [N, 2] as lists, rounded."""
    return [[number(x), number(y)] for x, y in np.round(pixels, PIXEL_DIGITS).tolist()]


def compact(value: Iterable) -> str:
    """A list as JSON without spaces, encoded one item at a time."""
    return f"[{','.join(json.dumps(item, ensure_ascii=False, separators=(',', ':')) for item in value)}]"
