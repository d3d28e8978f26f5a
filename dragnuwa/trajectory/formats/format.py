"""The interface of a foreign format: recognising, reading and writing it, and what it cannot represent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...common.clip_shape import ClipShape
from ...common.interrupt import InterruptCheck, no_interrupt
from ..sampling import SampledTracks
from ..trajectories import Trajectories
from ..types import MAX_TOTAL_POINTS, Track, TrajectoryError


@dataclass(frozen=True)
class Reader:
    """How values of a format are read.

    Attributes:
        name: human-readable; the error for an unknown format lists all of them.
        recognises: whether a value has this format, by its content alone. Accepts any value and never raises.
        read: converts a value, the (width, height) that its pixels refer to and an interrupt check, called for every
            track, row or frame, to trajectories. Raises TrajectoryError.
        report: takes a value, the trajectories read from it and an interrupt check; returns the format's description,
            and sentences about what it does not contain and what was changed or left out.
    """

    name: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, tuple[int, int], InterruptCheck], Trajectories]
    report: Callable[[Any, Trajectories, InterruptCheck], tuple[str, list[str]]]


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
        write: converts trajectories, the clip and an optional interrupt check, called for every track or frame, to
            text; positions are in pixels of the clip. Raises TrajectoryError.
        limits: None for a lossless format.
        suffix: file extension.
    """

    name: str
    write: Callable[..., str]
    limits: Limits | None
    suffix: str = ".json"


def sampled(
    trajectories: Trajectories, clip: ClipShape, check_interrupt: InterruptCheck = no_interrupt
) -> SampledTracks:
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
    return trajectories.at_frames(clip, check_interrupt)


def at_least_one(trajectories: Trajectories, form: str) -> None:
    """Raises TrajectoryError unless a track is enabled, for a format whose readers need at least one."""
    if not trajectories.enabled:
        raise TrajectoryError(
            f"Trajectories: there should be at least one track for the format {form}, but none is drawn or switched "
            'on. Draw a drag, or choose the format "dragnuwa", which may be empty.'
        )
