"""A camera path written by hand: the moves of `CameraMoves` at some times, one line for each time.

    0: pan 0
    0.5: truck 0.2, dolly 0.1   # half-way through the clip
    1: orbit 15

A time is a fraction of the clip, 0 its first frame and 1 its last one. Amounts are those of the whole move up to
there, in degrees or parts of the distance to the focus. Between the times at which a move is named it is interpolated
by PCHIP, whatever other lines say; after the last of them it is held. A move that is not named at 0 begins there with
0.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from scipy.interpolate import PchipInterpolator

from ....common.errors import InputError
from ....trajectory.checks import shorten
from ....trajectory.formats.rows import is_number
from ..camera import PinholeCamera
from ..path import CameraMoves
from ..scene import DepthScene

MOVES = ("pan", "tilt", "roll", "truck", "pedestal", "dolly", "orbit", "rise", "zoom")
MAX_KEYS = 10_000
_EXAMPLE = "0.5: truck 0.2, orbit 15"


@dataclass(frozen=True)
class Keys:
    """
    Attributes:
        amounts: for each move that is named, its times and its amounts there, at least at time 0.
    """

    amounts: dict[str, tuple[list[float], list[float]]]

    def at(self, times: np.ndarray) -> dict[str, np.ndarray]:
        """The amount of each move at times `[T]`."""
        return {move: _interpolated(times, *keys) for move, keys in self.amounts.items()}

    def cameras(self, scene: DepthScene, focus: tuple[float, float], frames: int) -> list[PinholeCamera]:
        found = self.at(np.linspace(0, 1, frames))
        each = ({move: float(amounts[frame]) for move, amounts in found.items()} for frame in range(frames))
        return [CameraMoves(**moves, focus=focus).moved(scene) for moves in each]


def _interpolated(times: np.ndarray, keys: list[float], amounts: list[float]) -> np.ndarray:
    if len(keys) == 1:
        return np.full(len(times), amounts[0])
    return PchipInterpolator(keys, amounts)(np.minimum(times, keys[-1]))


def is_keyed(text: str) -> bool:
    """Whether the first line that is not a comment has a colon, other than that of an address; or all are comments."""
    without = (line.split("#")[0].strip() for line in text.split("\n"))
    first = next((line for line in without if line), ":")
    return ":" in first and "://" not in first


def read(text: str) -> Keys:
    """
    Raises:
        InputError: naming the line.
    """
    found: dict[str, tuple[list[float], list[float]]] = {}
    before, count = -1.0, 0
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        where, count = f"The camera path, line {number}", count + 1
        if count > MAX_KEYS:
            raise InputError(f"{where}: there should be at most {MAX_KEYS:,} lines with a time. Remove some of them.")
        time, amounts = _line(line, where)
        if time <= before:
            raise InputError(
                f"{where}: the time should be later than that of the line before it, {before:g}, but it is {time:g}. "
                "Sort the lines by time, and write each time once."
            )
        before = time
        for move, amount in amounts.items():
            times, values = found.setdefault(move, ([0.0], [0.0]) if time > 0 else ([], []))
            times.append(time)
            values.append(amount)
    if not found:
        raise InputError(f'The camera path has no line with a time. Write one, such as "{_EXAMPLE}".')
    return Keys(found)


def _line(line: str, where: str) -> tuple[float, dict[str, float]]:
    start, colon, rest = line.partition(":")
    start = start.strip()
    if not colon:
        raise InputError(
            f'{where}: there should be a time and a colon, but there is "{shorten(line)}". Write "{_EXAMPLE}".'
        )
    if not is_number(start) or not 0 <= float(start) <= 1:
        raise InputError(
            f'{where}: the time should be a number from 0 to 1, but it is "{shorten(start)}". 0 is the first frame, 1 '
            "the last one."
        )
    amounts: dict[str, float] = {}
    for part in rest.split(","):
        move, amount = _move(part.split(), where)
        if move in amounts:
            raise InputError(f"{where}: {move} should be there once, but it is there twice. Remove one of the two.")
        amounts[move] = amount
    return float(start), amounts


def _move(words: list[str], where: str) -> tuple[str, float]:
    if len(words) != 2:
        found = f'"{shorten(" ".join(words))}"' if words else "nothing"
        raise InputError(f'{where}: there should be a move and its amount, but there is {found}. Write "{_EXAMPLE}".')
    move, amount = words[0].lower(), words[1]
    if move not in MOVES:
        close = get_close_matches(move[:20], MOVES, n=1, cutoff=0.7)
        advice = f"Did you mean {close[0]}?" if close else f"The moves are {', '.join(MOVES)}."
        raise InputError(f'{where}: "{shorten(words[0])}" is no move. {advice}')
    if not is_number(amount):
        raise InputError(
            f'{where}: the amount of {move} should be a number, but it is "{shorten(amount)}". Correct it.'
        )
    try:
        CameraMoves(**{move: float(amount)})
    except InputError as error:
        raise InputError(f"{where}: {error} Correct it.") from None
    return move, float(amount)
