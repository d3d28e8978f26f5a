"""Lines of x and y, a position in pixels each, as scripts print them: one track, or several with an empty line between.

    25 25
    128 128

Numbers are separated by blanks, a comma or a semicolon; beside semicolons and tabs, they may have a decimal comma.
Lines that begin with # are ignored. Unlike tracker text, which has three numbers in a row, y counts from the top, as
everywhere in pictures.
"""

from __future__ import annotations

import re

import numpy as np

from ...common.interrupt import watched
from ..arrays import from_arrays
from ..trajectories import Trajectories
from ..types import MAX_TOTAL_POINTS, MAX_TRACKS, TrajectoryError
from . import rows
from .format import Reader, in_pixels

_WHAT = "The lines of x and y"
_REMEDY = "Write two numbers in each line, and an empty line between tracks."
_APART = re.compile(r"\s*[\s,]\s*")
_MARKED = re.compile(r"[;\t]")  # beside which a comma is that of a decimal


def recognises(value: object) -> bool:
    """Whether the first line with numbers has two of them, and nothing else."""
    for row in rows.start_of(value).split("\n"):
        if row.strip() and not row.lstrip().startswith("#"):
            return _are_two(_cells(row))
    return False


def read(value: str, size: tuple[int, int]) -> Trajectories:
    """Reads a track for each block of lines; a shorter one stays where it ends.

    Raises:
        TrajectoryError: naming the line.
    """
    tracks = _tracks(rows.text_of(value, _WHAT))
    longest = max(len(track) for track in tracks)
    if len(tracks) > MAX_TRACKS or len(tracks) * longest > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"{_WHAT} should be at most {MAX_TRACKS:,} tracks and {MAX_TOTAL_POINTS:,} places, but there are "
            f"{len(tracks):,} of up to {longest:,}. Use fewer."
        )
    points = np.array([track + [track[-1]] * (longest - len(track)) for track in tracks])  # [N, T, 2]
    return from_arrays(points, width=size[0], height=size[1])


def report(value: str, found: Trajectories) -> tuple[str, list[str]]:
    return "lines of x and y", ["Lines of x and y hold no visibility, times, names, colours or curves."]


def _tracks(text: str) -> list[list[tuple[float, float]]]:
    tracks: list[list[tuple[float, float]]] = [[]]
    for line, row in enumerate(watched(rows.lines(text, _WHAT)), start=1):
        if row.lstrip().startswith("#"):
            continue
        if not row.strip():
            if tracks[-1]:
                tracks.append([])
            continue
        where, cells = f"{_WHAT}, line {line}", _cells(row)
        if len(cells) != 2:
            raise TrajectoryError(f"{where}: there should be x and y, but there are {len(cells):,} values. {_REMEDY}")
        x, y = (rows.position(cell, where, axis, _REMEDY) for cell, axis in zip(cells, "xy", strict=True))
        tracks[-1].append((x, y))
    return [track for track in tracks if track]


def _cells(row: str) -> list[str]:
    row = row.strip()
    marked = _MARKED.search(row) is not None
    cells = (_MARKED if marked else _APART).split(row)
    return [cell.strip().replace(",", ".", 1) if marked else cell for cell in cells if cell.strip()]


def _are_two(cells: list[str]) -> bool:
    return len(cells) == 2 and all(map(rows.is_number, cells))


READER = Reader("lines of x and y", recognises, read, report, in_pixels)
