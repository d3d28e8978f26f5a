"""What positions are counted in and from: pixels or fractions, from a corner or the centre, downwards or upwards.

Each format says it, or leaves it to the program that wrote the file. Where what is there looks like something else, the
report says so (`doubts`), and a user may say what it is (`changed`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.interrupt import watched
from ..checks import choice
from ..trajectories import Trajectories
from ..types import MAX_COORDINATE, TrajectoryError
from .format import FRACTIONS, PIXELS, Reference

AS_SAID = "as the format says"
FROM_CENTRE, MINUS_ONE_TO_ONE = "pixels from the centre", "-1 to 1"
CENTRAL = (FROM_CENTRE, MINUS_ONE_TO_ONE)
UNITS = (AS_SAID, PIXELS, FRACTIONS, FROM_CENTRE, MINUS_ONE_TO_ONE)
TOP, BOTTOM, BELOW_ZERO = "from the top", "from the bottom", "below 0 from the top"
DIRECTIONS = (AS_SAID, TOP, BOTTOM, BELOW_ZERO)
SMALLEST = 8  # pixels of a side, of pictures on which a drag within one pixel is none
MANY = 0.25  # part of the points: so many outside of the picture are no drag past its edge
NEAR = 1.05  # times half a side: how far points from the centre may be
IN_FRACTIONS = (
    "All positions are from 0 to 1, as fractions of the picture are, but were read as pixels: they lie in its upper "
    f'left corner. If they are fractions, set positions to "{FRACTIONS}".'
)
IN_MINUS_ONE = (
    "All positions are from -1 to 1, but were read as pixels: they lie around the picture's upper left corner. If -1 "
    f'and 1 are its edges, set positions to "{MINUS_ONE_TO_ONE}".'
)
ALL_BELOW = (
    f'All y are below 0. If they count from the top of the picture, and upwards, set y_counts to "{BELOW_ZERO}".'
)
CENTRED = (
    "Many positions are below 0, and none is farther than half of the picture: if they are counted from its centre, "
    f'set positions to "{FROM_CENTRE}".'
)


@dataclass(frozen=True)
class Asked:
    """What a user says that positions are.

    Attributes:
        positions: of `UNITS`.
        y_counts: of `DIRECTIONS`.

    Raises:
        TrajectoryError: if one is something else.
    """

    positions: str = AS_SAID
    y_counts: str = AS_SAID

    def __post_init__(self):
        choice(self.positions, UNITS, "Import", "positions")
        choice(self.y_counts, DIRECTIONS, "Import", "y_counts")


def changed(found: Trajectories, native: Reference, asked: Asked) -> tuple[Trajectories, list[str]]:
    """Trajectories that were read by one reference, as if by what is asked; and what was done.

    Raises:
        TrajectoryError: if a position is then too far away.
    """
    from ..motion.transform import scale, shift  # loaded when something is changed

    unit = native.unit if asked.positions == AS_SAID else asked.positions
    as_read = BOTTOM if native.upwards else TOP
    counts = as_read if asked.y_counts == AS_SAID else asked.y_counts
    if (unit, counts) == (native.unit, as_read):
        return found, []
    size = np.array(found.canvas, float)
    counted = size if native.unit == PIXELS else np.ones(2)  # of the picture's sides, in what is there
    factors = {PIXELS: counted / size, FRACTIONS: counted, FROM_CENTRE: counted / size, MINUS_ONE_TO_ONE: counted / 2}
    factor = factors[unit]
    offset = np.full(2, 0.5 if unit in CENTRAL else 0.0)
    if native.upwards:  # y there is 1 - y
        offset[1] += factor[1]
        factor = factor * (1, -1)
    if counts != TOP:
        factor, offset[1] = factor * (1, -1), (1 if counts == BOTTOM or unit in CENTRAL else 0) - offset[1]
    places = _places(found) * factor + offset
    if np.abs(places).max(initial=0) > MAX_COORDINATE:
        raise TrajectoryError(
            f'Import: positions as "{unit}" should be at most {MAX_COORDINATE:,.0f} times the picture away, but one is '
            f"{np.abs(places).max():,.0f} times. Choose what they are."
        )
    moved = shift(scale(found, *factor.tolist(), centre=(0.0, 0.0)), *offset.tolist())
    return moved, [f"As asked, positions are read as {unit}, and y counts {counts}."]


def no_choice(form: str) -> TrajectoryError:
    """The error for a choice about a form that says itself what its positions are, or about texts that differ."""
    return TrajectoryError(
        f'Import: positions and y_counts should be "{AS_SAID}" for {form}, which says what it counts in, or has '
        "several texts that count differently. Leave them so, or import texts one by one."
    )


def doubts(found: Trajectories, native: Reference | None) -> list[str]:
    """Sentences on positions that look as if they were something else than they were read as."""
    if native is None:
        return []
    size = np.array(found.canvas, float)
    places = _places(found)  # [K, 2] fractions
    if (places == places[:1]).all():  # in one place, or none
        return []
    if native.unit == FRACTIONS:
        far = (np.abs(places) > SMALLEST / 2).any(axis=1)
        return [_in_pixels(places, native)] if far.mean() > MANY else []
    pixels = places * size
    if native.upwards:
        pixels = (pixels - (0, size[1])) * (1, -1)
    is_large, is_below = min(found.canvas) >= SMALLEST, (pixels < 0).any(axis=1)
    if is_large and np.abs(pixels).max() <= 1:
        return [IN_MINUS_ONE if is_below.any() else IN_FRACTIONS]
    if (pixels[:, 0] >= 0).all() and (pixels[:, 1] <= 0).all() and np.abs(pixels[:, 1]).max() <= NEAR * size[1]:
        return [ALL_BELOW] if (pixels[:, 1] < 0).any() else []
    if is_below.mean() > MANY and (np.abs(pixels) <= NEAR * size / 2).all():
        return [CENTRED]
    is_beyond = (pixels > size).any(axis=1)
    if is_beyond.mean() > MANY and not is_below.any():
        return [_beyond(pixels, found.canvas)]
    return []


def _in_pixels(places: np.ndarray, native: Reference) -> str:
    far = np.abs(places).max()
    return (
        f"Positions were read as fractions of the picture, but go up to {far:,.6g}, as pixels do. If they are pixels, "
        f'set positions to "{PIXELS}".'
    )


def _beyond(pixels: np.ndarray, canvas: tuple[int, int]) -> str:
    width, height = np.ceil(pixels.max(axis=0)).astype(int)
    return (
        f"Positions go up to {width:,} x {height:,}, beyond the picture of {canvas[0]:,} x {canvas[1]:,}. If they are "
        "of a larger canvas or composition, set width and height to its size."
    )


def _places(found: Trajectories) -> np.ndarray:
    """All control points [K, 2], in fractions."""
    places = [(point.x, point.y) for track in watched(found.tracks) for point in track.points]
    return np.array(places, dtype=np.float64).reshape(-1, 2)
