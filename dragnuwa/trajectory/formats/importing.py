"""Reads trajectories with a report for the user: the format, and what to know about the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...common.errors import printable
from ...common.interrupt import watched
from ..checks import side
from ..parsing import reader_of
from ..trajectories import Trajectories
from . import flo
from .format import count
from .reference import Asked, changed, doubts, no_choice

AS_THEY_ARE = Asked()


@dataclass(frozen=True)
class Imported:
    """The result of an import.

    Attributes:
        trajectories: the value.
        form: description of the format.
        notes: sentences about what the format does not contain, and what was changed or left out.
    """

    trajectories: Trajectories
    form: str
    notes: tuple[str, ...] = ()

    @property
    def report(self) -> str:
        """The format and the number of tracks in the first line, then one note per line."""
        tracks = self.trajectories.tracks
        points = [len(track.points) for track in tracks]
        number = count(len(tracks), "track")
        length = f" of {min(points)} to {max(points)} points" if points and min(points) < max(points) else ""
        length = length or (f" of {count(points[0], 'point')}" if points else "")
        objects = len(self.trajectories.objects)
        more = f" and {count(objects, 'object')}" if objects else ""
        return printable("\n".join([f"Read {self.form}: {number}{length}{more}.", *self.notes]))


def read(value: Any, *, width: int, height: int, asked: Asked = AS_THEY_ARE) -> Imported:
    """Anything that `parse` reads, with a report.

    Args:
        value, width, height: as for `parse`.
        asked: what positions are, where a user says it.

    Raises:
        TrajectoryError: as `parse` does, and as `changed`.
    """
    size = side(width, "width"), side(height, "height")
    reader, value = reader_of(value)
    found = reader.read(value, size)
    form, notes = reader.report(value, found)
    native = reader.reference(value)
    if asked == AS_THEY_ARE:
        return _with_notes(found, form, [*notes, *doubts(found, native)])
    if native is None:
        raise no_choice(form)
    found, said = changed(found, native, asked)
    return _with_notes(found, form, [*notes, *said])


def read_flows(files: Sequence[Path], *, interval: int, asked: Asked = AS_THEY_ARE) -> Imported:
    """.flo files, one per step between two frames, in the given order.

    Raises:
        TrajectoryError: if there is no file, one is invalid, sizes differ, there are too many pixels, and as
            `tracks_from_flows`; also if it is asked for something else than their own pixels.
        OSError: if a file cannot be opened.
    """
    if asked != AS_THEY_ARE:
        raise no_choice(count(len(files), ".flo file"))
    flows = flo.read_files(files)
    found = flo.tracks_from_flows(flows, interval=interval)
    return _with_notes(found, *flo.report(len(flows), found, interval))


def _with_notes(found: Trajectories, form: str, notes: Sequence[str]) -> Imported:
    outside = sum(
        not (0 <= point.x <= 1 and 0 <= point.y <= 1) for track in watched(found.tracks) for point in track.points
    )
    if outside:
        notes = [*notes, f"Outside of the picture, and kept: {count(outside, 'point')}. A drag stops at the edge."]
    return Imported(found, form, tuple(notes))
