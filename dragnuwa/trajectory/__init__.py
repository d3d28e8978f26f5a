"""Trajectories: drags drawn on a picture, and objects with their motion.

`parse` reads them from the versioned JSON and from the formats of other tools; `Trajectories` holds them, writes them
(`to_json`) and samples them at the frames of a clip (`sample`). Depends only on numpy and scipy.
"""

from typing import Any

from .arrays import from_arrays
from .objects import DrawnPath, Key, Keyframes, MotionObject, OutlineKey
from .parsing import parse
from .sampling import SampledTracks
from .trajectories import Trajectories
from .types import Point, Track, TrajectoryError

__all__ = [
    "DrawnPath",
    "Key",
    "Keyframes",
    "MotionObject",
    "OutlineKey",
    "Point",
    "SampledTracks",
    "Track",
    "Trajectories",
    "TrajectoryError",
    "from_arrays",
    "parse",
    "read_flo",
    "tracks_from_flows",
    "write_flo",
]


def __getattr__(name: str) -> Any:
    """Imports what reads and writes optical flow lazily, since few need it."""
    if name in ("read_flo", "tracks_from_flows", "write_flo"):
        from .formats import flo

        return getattr(flo, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
