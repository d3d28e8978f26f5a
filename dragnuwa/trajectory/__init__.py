"""Trajectories: the drags that a person draws on a picture, and the objects that they move in it.

`parse` reads them from the versioned JSON and from the formats of other tools; `Trajectories` holds them, writes them
(`to_json`) and gives their positions at the frames of a clip (`sample`). numpy and scipy only.
"""

from .arrays import from_arrays
from .formats.flo import read_flo, tracks_from_flows, write_flo
from .objects import DrawnPath, Key, Keyframes, MotionObject
from .parsing import parse
from .sampling import SampledTracks
from .trajectories import Trajectories
from .types import Point, Track, TrajectoryError

__all__ = [
    "DrawnPath",
    "Key",
    "Keyframes",
    "MotionObject",
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
