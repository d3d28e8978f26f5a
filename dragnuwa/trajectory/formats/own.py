"""Our own versioned JSON as one of the formats; `dragnuwa.trajectory.schema` defines it."""

from __future__ import annotations

from typing import Any

from .. import schema
from ..trajectories import Trajectories
from ..types import TYPE
from .format import Reader, Writer
from .wording import count


def read(value: dict, size: tuple[int, int]) -> Trajectories:
    """A decoded value -> trajectories; `size` is the canvas where the value names none. Raises TrajectoryError."""
    canvas, tracks = schema.read(value, default_canvas=size)
    return Trajectories(tracks, canvas)


def report(value: Any, found: Trajectories) -> tuple[str, list[str]]:
    off = len(found.tracks) - len(found.enabled)
    return "trajectories of DragNUWA", [f"Switched off: {count(off, 'track')}."] if off else []


READER = Reader(lambda value: isinstance(value, dict) and value.get("type") == TYPE, read, report)
ANY_OBJECT = Reader(lambda value: isinstance(value, dict), read, report)
"""Objects that no other format recognises: reading them says what is missing."""
WRITER = Writer("dragnuwa", lambda trajectories, clip: trajectories.to_json(), limits=None)
