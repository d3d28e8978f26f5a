"""What a foreign format is: how it is recognised and read, how it is written, and what it cannot hold."""

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
        name: of the format, for a person; the error for a value of no format lists all of them.
        recognises: whether a value is of this format, by its content alone. It takes any value and raises nothing.
        read: a value, the (width, height) that its pixels refer to, and what is called for every track, row or frame
            -> trajectories. Raises TrajectoryError.
        report: a value, what was read of it, and what is called in the same way -> the format in words, and sentences
            about what it does not hold and what was changed or left out.
    """

    name: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, tuple[int, int], InterruptCheck], Trajectories]
    report: Callable[[Any, Trajectories, InterruptCheck], tuple[str, list[str]]]


@dataclass(frozen=True)
class Limits:
    """What a format cannot hold.

    Attributes:
        visibility: whether it holds where tracks are hidden.
        names: whether it holds names and colours.
        outside: whether it holds places outside of the picture.
        motion: the tracks and the clip -> a sentence about what is lost of their motion, or an empty text.
    """

    visibility: bool
    names: bool
    outside: bool
    motion: Callable[[Sequence[Track], ClipShape], str]


@dataclass(frozen=True)
class Writer:
    """How trajectories are written in a format.

    Attributes:
        name: by which a person chooses the format.
        write: trajectories, the clip, and what is called for every track or frame (or nothing) -> text; positions are
            pixels of the clip. Raises TrajectoryError.
        limits: None for a format that holds everything.
        suffix: of a file.
    """

    name: str
    write: Callable[..., str]
    limits: Limits | None
    suffix: str = ".json"


def sampled(
    trajectories: Trajectories, clip: ClipShape, check_interrupt: InterruptCheck = no_interrupt
) -> SampledTracks:
    """The enabled tracks at the frames of a clip, for a format with a position for each.

    Raises:
        TrajectoryError: they are more than could be read again.
    """
    tracks = len(trajectories.enabled)
    if tracks * clip.frames > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"Trajectories: {tracks:,} tracks of {clip.frames:,} positions are {tracks * clip.frames:,}, but a text "
            f"should have at most {MAX_TOTAL_POINTS:,}. Switch tracks off, or set fewer frames."
        )
    return trajectories.at_frames(clip, check_interrupt)


def at_least_one(trajectories: Trajectories, form: str) -> None:
    """Raises TrajectoryError unless a track is enabled, for a format whose readers fail without one."""
    if not trajectories.enabled:
        raise TrajectoryError(
            f"Trajectories: there should be at least one track for the format {form}, but none is drawn or switched "
            'on. Draw a drag, or choose the format "dragnuwa", which may be empty.'
        )
