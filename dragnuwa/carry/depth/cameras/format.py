"""The interface of a format of camera paths: recognising, reading and writing it, and what a file says of its
cameras that a path does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..camera import PinholeCamera
from .poses import Choices, Poses

OFF = 0.005  # of a side
UNEVEN = 1.5  # times as long as another step of time; those of a video differ by rounding
DISTORTION = ("k1", "k2", "k3", "k4", "p1", "p2")


@dataclass(frozen=True)
class Reader:
    """
    Attributes:
        name: human-readable; the error for an unknown format lists all of them.
        recognises: whether a text, or a value decoded from JSON, has this format. Never raises.
        read: converts it to poses, by what is chosen where the format leaves it open. Raises InputError.
    """

    name: str
    recognises: Callable[[Any], bool]
    read: Callable[[Any, Choices], Poses]


@dataclass(frozen=True)
class Writer:
    """
    Attributes:
        name: under which the user selects the format.
        write: converts the cameras of frames of one size to text; the second argument is the distance that is 1 in it.
        suffix: file extension.
        lens: whether it has focal lengths.
    """

    name: str
    write: Callable[[Sequence[PinholeCamera], float], str]
    suffix: str = ".json"
    lens: bool = True


def rounded(values: np.ndarray) -> list:
    """Numbers of 12 decimals, as lists, without negative zeros."""
    return (np.round(values, 12) + 0.0).tolist()


def joined(values: np.ndarray) -> str:
    """The same in a line, with blanks between them."""
    return " ".join(f"{value:.12g}" for value in rounded(values))


def lens_in_pixels(camera: PinholeCamera) -> np.ndarray:
    """fx, fy, cx and cy in pixels, from the picture's corner."""
    return camera.intrinsics[[0, 1, 0, 1], [0, 1, 2, 2]] + (0, 0, 0.5, 0.5)


def of_centres(centres: np.ndarray) -> tuple[str, ...]:
    """
    Args:
        centres: `[N, 2]`, principal points in parts of the sides; zeros where they are not known.
    """
    if not centres.any() or not np.isfinite(centres).all():
        return ()
    moved = float(np.ptp(centres, axis=0).max())
    if moved > OFF:
        return (f"Its principal point moves, by up to {100 * moved:.2g} % of a side, which is left out.",)
    if np.abs(centres[0] - 0.5).max() > OFF:
        return ("Its principal point is not in the middle of the picture, which is left out.",)
    return ()


def of_times(times: Sequence[float]) -> tuple[str, ...]:
    """
    Args:
        times: of the poses, in any unit; all the same where they are not known.
    """
    steps = np.diff(np.asarray(times, float))
    if not steps.any() or (steps.min() > 0 and steps.max() <= UNEVEN * steps.min()):
        return ()
    return ("Its times are uneven, which is left out: its poses are spread evenly.",)


def of_fields(frames: Sequence[Mapping], centres: Sequence[Sequence[float]]) -> tuple[str, ...]:
    """What fields of JSON say.

    Args:
        frames: the fields of each frame, those of the whole file included.
        centres: the principal point of each frame, in pixels or in parts of the sides; empty where it says none.
    """
    notes: tuple[str, ...] = ()
    if centres and all(len(centre) == 2 for centre in centres):
        found = np.array(centres)
        with np.errstate(divide="ignore", invalid="ignore"):
            notes = of_centres(found / _sides(found[0], frames[0]))
    if any(type(value) in (int, float) and value for frame in frames for value in map(frame.get, DISTORTION)):
        notes += ("The distortion of its lens is left out.",)
    return notes


def _sides(first: np.ndarray, fields: Mapping) -> np.ndarray:
    """The sides in the unit of the principal points; where nothing says them, twice the first point."""
    if max(first) <= 1:
        return np.ones(2)
    for names in (("w", "h"), ("width", "height")):
        size = [fields.get(name) for name in names]
        if all(type(side) in (int, float) and 0 < side < np.inf for side in size):
            return np.array(size, float)
    return 2 * first
