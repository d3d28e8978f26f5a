"""The one way in: whatever a user connects or pastes becomes Trajectories."""

from __future__ import annotations

from typing import Any

from . import schema
from .arrays import from_tracks
from .checks import side, wrong
from .formats import csv_table as table
from .formats import point_lists as formats
from .formats import pose
from .formats.flo import MAGIC, read_flo, tracks_from_flows
from .text import decode
from .trajectories import Trajectories


def parse(value: Any, *, width: int, height: int) -> Trajectories:
    """Trajectories from any form that is understood; which one it is shows in the value itself, never in a file name.

    - text (str or UTF-8 bytes), or what json.loads gave: the versioned JSON (see `schema`), or a list in the form of
      another tool (see `formats`), also with apostrophes instead of quotes. "[]" is a valid value without tracks; an
      empty text is not.
    - text of a table with the columns frame, track, x, y, visible (see `table`).
    - a list of frames with "people", or one of them: POSE_KEYPOINT (see `pose`), also as text.
    - a dict with "track_path": ComfyUI's TRACKS (see `arrays`).
    - bytes of a .flo file: a grid of points, 16 pixels apart, that follow its flow (see `flo`).
    - Trajectories: returned unchanged.

    Args:
        value: one of the above.
        width, height: of the picture, in pixels: what positions in pixels refer to, and the canvas where the value does
            not name one. (A .flo file has its own size.)

    Raises:
        TrajectoryError: naming the track and the point, what was expected, what was found, and what to do. Nothing is
            repaired silently.
    """
    width, height = side(width, "width"), side(height, "height")
    if isinstance(value, Trajectories):
        return value
    if isinstance(value, (bytes, bytearray)) and value.startswith(MAGIC):
        return tracks_from_flows([read_flo(value)])
    if isinstance(value, (str, bytes, bytearray)) and table.is_table(value):
        return table.read(value, width, height)
    if isinstance(value, (str, bytes, bytearray)):
        value = decode(value)
    if pose.is_pose(value):
        return pose.read(value, width, height)[0]
    if isinstance(value, dict) and "track_path" in value:
        return from_tracks(value, width=width, height=height)
    if isinstance(value, dict):
        canvas, tracks = schema.read(value, default_canvas=(width, height))
        return Trajectories(tracks, canvas)
    if isinstance(value, (list, tuple)):
        return formats.read(value, width, height)
    remedy = "Draw drags in the editor, or paste a list of tracks such as [[[25,25],[128,128]]]."
    raise wrong("Trajectories", "the value", "an object or a list", value, remedy)
