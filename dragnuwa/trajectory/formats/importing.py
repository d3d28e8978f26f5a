"""Reading with a report: which format it was, and what a person should know about what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..arrays import from_tracks
from ..checks import side
from ..parsing import parse
from ..text import decode
from ..trajectories import Trajectories
from ..types import TrajectoryError
from . import csv_table as table
from . import pose
from .flo import MAX_TOTAL_PIXELS, grid, read_flo, tracks_from_flows

_POINT_KEYS = {"x", "y", "h1x", "h1y", "h2x", "h2y"}
_TRACK_KEYS = {"points", "color", "name", "isSinglePoint"}


@dataclass(frozen=True)
class Imported:
    """What was read.

    Attributes:
        trajectories: the value.
        form: the format in words.
        notes: sentences about what the format does not hold, and about what was changed or left out.
    """

    trajectories: Trajectories
    form: str
    notes: tuple[str, ...] = ()

    @property
    def report(self) -> str:
        """The format and the number of tracks in the first line, then a note a line."""
        tracks = self.trajectories.tracks
        points = [len(track.points) for track in tracks]
        count = _count(len(tracks), "track")
        length = f" of {min(points)} to {max(points)} points" if points and min(points) < max(points) else ""
        length = length or (f" of {_count(points[0], 'point')}" if points else "")
        return "\n".join([f"Read {self.form}: {count}{length}.", *self.notes])


def read(value: Any, *, width: int, height: int) -> Imported:
    """Anything that `parse` reads, with a report.

    Raises:
        TrajectoryError: as `parse` does.
    """
    side(width, "width"), side(height, "height")
    if isinstance(value, (str, bytes, bytearray)) and table.is_table(value):
        found = table.read(value, width, height)
        return _with_notes(found, "a table (CSV)", ["A table holds no names, colours or curves."])
    if isinstance(value, (str, bytes, bytearray)):
        value = decode(value)
    if pose.is_pose(value):
        found, notes = pose.read(value, width, height)
        return _with_notes(found, "POSE_KEYPOINT", notes)
    if isinstance(value, dict) and "track_path" in value:
        found = from_tracks(value, width=width, height=height)
        return _with_notes(found, "TRACKS of ComfyUI", ["TRACKS hold no names, colours or curves."])
    found = parse(value, width=width, height=height)
    if isinstance(value, (list, tuple)):
        return _with_notes(found, *_list_form(value))
    return _with_notes(found, "trajectories of DragNUWA", _switched_off(found))


def read_flows(files: Sequence[Path], *, interval: int) -> Imported:
    """.flo files, one for each step between two frames, in the order in which they are given.

    Raises:
        TrajectoryError: no file, one that is not such a file, sizes that differ, too much of it, or what
            `tracks_from_flows` refuses.
        OSError: a file cannot be opened.
    """
    pixels = sum(file.stat().st_size for file in files) // 8
    if not files or pixels > MAX_TOTAL_PIXELS:
        raise TrajectoryError(
            f"Optical flow: there should be .flo files of at most {MAX_TOTAL_PIXELS:,} pixels in all, but there are "
            f"{len(files):,} files of {pixels:,}. Choose a folder that holds the flow of one clip, or make it smaller."
        )
    flows = [read_flo(file) for file in files]
    for file, flow in zip(files, flows, strict=True):
        if flow.shape != flows[0].shape:
            raise TrajectoryError(
                f'The .flo file "{file.name}" is {flow.shape[1]} x {flow.shape[0]}, but "{files[0].name}" is '
                f"{flows[0].shape[1]} x {flows[0].shape[0]}. Choose files of one size."
            )
    found = tracks_from_flows(flows, interval=interval)
    height, width = flows[0].shape[:2]
    lost = len(grid(width, height, interval)) - len(found.tracks)
    notes = [f"A grid of points every {interval} pixels of {width} x {height} follows the flow."]
    if lost:
        notes.append(f"Left out: {_count(lost, 'point')} that left the picture, or had no flow, at the first step.")
    return _with_notes(found, _count(len(files), ".flo file"), notes)


def _list_form(value: list | tuple) -> tuple[str, list[str]]:
    """Which of the forms of `formats` a list is, and what there is to know about it."""
    tracks = [value] if value and not isinstance(value[0], dict) and not _holds_lists(value[0]) else value
    tracks = [value] if value and isinstance(value[0], dict) and "points" not in value[0] else tracks
    lists = [track["points"] if isinstance(track, dict) else track for track in tracks]
    points = [point for track in lists for point in track]
    if not points:
        return "a list without tracks", ["There is nothing in it, so nothing will be dragged."]
    if any(isinstance(track, dict) for track in tracks):
        form, missing = "a points_store of KJNodes", "visibility or timing"
    elif any(isinstance(point, dict) for point in points):
        form, missing = "coordinates of KJNodes", "visibility, timing, names or colours"
    else:
        form, missing = "tracking points", "visibility, timing, names or colours"
    notes = [f"It holds no {missing}: the points are reached at equal times."]
    extra = {str(key) for point in points if isinstance(point, dict) for key in point if key not in _POINT_KEYS}
    extra |= {str(key) for track in tracks if isinstance(track, dict) for key in track if key not in _TRACK_KEYS}
    if extra:
        notes.append(f"Fields that are not read: {', '.join(sorted(extra)[:8])}.")
    if any(isinstance(point, (list, tuple)) and len(point) > 2 for point in points):
        notes.append("Numbers after x and y are not read.")
    return form, notes


def _holds_lists(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and isinstance(value[0], (list, tuple, dict))


def _switched_off(found: Trajectories) -> list[str]:
    off = sum(not track.enabled for track in found.tracks)
    return [f"Switched off: {_count(off, 'track')}."] if off else []


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _with_notes(found: Trajectories, form: str, notes: Sequence[str]) -> Imported:
    points = [point for track in found.tracks for point in track.points]
    outside = sum(not (0 <= point.x <= 1 and 0 <= point.y <= 1) for point in points)
    if outside:
        notes = [*notes, f"Outside of the picture, and kept: {_count(outside, 'point')}. A drag stops at the edge."]
    lengths = {len(track.points) for track in found.tracks if len(track.points) > 1}
    if len(lengths) > 1 and form.endswith(("KJNodes", "points")):
        notes = [*notes, "The tracks differ in length; each takes the whole clip."]
    return Imported(found, form, tuple(notes))
