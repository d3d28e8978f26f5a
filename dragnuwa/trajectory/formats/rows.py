"""Shared by formats with rows of numbers: splitting lines, parsing cells, and filling gaps between frames."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from ...common.foreign_text import with_plain_blanks
from ...common.interrupt import checkpoint
from ..arrays import from_arrays
from ..checks import shorten
from ..trajectories import Trajectories
from ..types import (
    MAX_COORDINATE,
    MAX_NAME,
    MAX_POINTS,
    MAX_SIDE,
    MAX_TEXT_BYTES,
    MAX_TOTAL_POINTS,
    MAX_TRACKS,
    TrajectoryError,
)

MAX_FRAME = 10**9
"""The largest frame number: clips of other tools may begin anywhere, such as at a time of day."""
_MAX_LINE = 2**20  # characters, of two long numbers for each of 16,384 tracks
_MAX_LINES = MAX_TOTAL_POINTS + 2**16
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"([+-]?[0-9]{1,10})(?:\.0*)?")
_START = 2**16  # characters that decide which format it is


def start_of(value: object) -> str:
    """The first characters of a text, as `text_of` gives them, without blanks before them; empty for anything else."""
    return with_plain_blanks(value[:_START]).lstrip() if isinstance(value, str) else ""


def text_of(value: str, what: str) -> str:
    """A text with normalised line feeds and blanks. Raises TrajectoryError if it is too long."""
    if len(value) > MAX_TEXT_BYTES:
        raise TrajectoryError(f"{what} should have at most {MAX_TEXT_BYTES // 2**20} MiB. Use fewer tracks or frames.")
    text = with_plain_blanks(value)
    if text.count("\n") > _MAX_LINES:
        raise TrajectoryError(f"{what} should have at most {_MAX_LINES:,} rows. Use fewer tracks or frames.")
    return text


def lines(text: str, what: str) -> Iterator[str]:
    """Iterates over the lines of a text; a list of all would take several times its memory."""
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        if end - begin > _MAX_LINE:
            raise TrajectoryError(f"{what} has a row of {end - begin:,} characters. Export it again, a row a frame.")
        yield text[begin:end]
        begin = end + 1


def is_number(cell: str) -> bool:
    """Whether a cell is a decimal number. Python's float also accepts underscores, other scripts' digits and "nan"."""
    return _NUMBER.fullmatch(cell) is not None


def position(cell: str, where: str, what: str, remedy: str) -> float:
    """A cell as a plausible position. `from_arrays` checks the limit for the actual picture."""
    value = float(cell) if is_number(cell) else float("nan")
    if abs(value) <= MAX_COORDINATE * MAX_SIDE:  # NaN fails
        return value
    expected = "a position in pixels" if what in ("x", "y", "y_up") else "a number"
    raise TrajectoryError(f'{where}: {what} should be {expected}, but it is "{shorten(cell)}". {remedy}')


def frame_number(cell: str, where: str, remedy: str) -> int:
    """A cell as a frame, which some tools write as 1.00."""
    found = _WHOLE.fullmatch(cell)
    if found and 0 <= int(found[1]) <= MAX_FRAME:
        return int(found[1])
    raise TrajectoryError(
        f'{where}: frame should be a whole number from 0 to {MAX_FRAME:,}, but it is "{shorten(cell)}". {remedy}'
    )


def name_of(text: str) -> str:
    """A name from a foreign text, with lone surrogates replaced, truncated to the maximum length."""
    return text.encode("utf-8", "replace").decode("utf-8")[:MAX_NAME]


Keys = tuple[np.ndarray, np.ndarray]
"""A track's keyframes: frames [K] in ascending order, K >= 1, and positions [K, 2] in fractions of the picture."""


def between_keys(tracks: Sequence[Keys], size: tuple[int, int], names: Sequence[str], what: str) -> Trajectories:
    """Interpolates keyframes to every frame from the first to the last of all tracks.

    Interpolation is linear; before its first and after its last keyframe a track stays still, as in the tools that
    write them. Nothing is hidden.

    Raises:
        TrajectoryError: if there are too many tracks or frames.
    """
    earliest, latest = min(frames[0] for frames, _ in tracks), max(frames[-1] for frames, _ in tracks)
    first, last = int(np.ceil(earliest)), int(np.floor(latest))
    length = max(last - first + 1, 1)
    if len(tracks) > MAX_TRACKS or length > MAX_POINTS or len(tracks) * length > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"{what} should have at most {MAX_TRACKS:,} tracks, {MAX_POINTS:,} frames and {MAX_TOTAL_POINTS:,} places "
            f"in all, but it has {len(tracks):,} tracks from frame {first:,} to {max(first, last):,}. Use fewer."
        )
    at = np.arange(first, first + length) if last >= first else np.array([earliest])
    points = np.empty((len(tracks), length, 2))
    for row, (frames, positions) in enumerate(tracks):
        checkpoint()
        for axis in range(2):
            points[row, :, axis] = np.interp(at, frames, positions[:, axis]) * size[axis]
    return from_arrays(points, width=size[0], height=size[1], names=names)


def has_gaps(frames: np.ndarray) -> bool:
    """Whether a frame is missing between the first and the last of frames [K] in ascending order."""
    return bool((np.diff(frames) > 1).any())
