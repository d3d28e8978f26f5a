"""What a foreign format is: how it is recognised and read, how it is written, and what it cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...clip_shape import ClipShape
from ..trajectories import Trajectories
from ..types import Track


@dataclass(frozen=True)
class Reader:
    """How values of a format are read.

    Attributes:
        recognises: whether a value is of this format, by its content alone. It takes any value and raises nothing.
        read: a value and the (width, height) that its pixels refer to -> trajectories. Raises TrajectoryError.
        report: a value and what was read of it -> the format in words, and sentences about what it does not hold and
            what was changed or left out.
    """

    recognises: Callable[[Any], bool]
    read: Callable[[Any, tuple[int, int]], Trajectories]
    report: Callable[[Any, Trajectories], tuple[str, list[str]]]


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
        write: trajectories and the clip -> text; positions are pixels of the clip. Raises TrajectoryError.
        limits: None for a format that holds everything.
        suffix: of a file.
    """

    name: str
    write: Callable[[Trajectories, ClipShape], str]
    limits: Limits | None
    suffix: str = ".json"
