"""Formats words and numbers for reports and files."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np

from ..checks import shorten
from ..sampling import PIXEL_DIGITS


def count(number: int, what: str) -> str:
    """ "1 track", "2 tracks"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """The first eight of `names`, each printable and short."""
    return ", ".join(shorten(name) for name in list(names)[:8])


def decimal(value: float) -> str:
    """The shortest decimal that reads back exactly, without an exponent: 25, 30.5, 0.000001."""
    return np.format_float_positional(value, trim="-")


def number(value: float) -> float | int:
    """Whole numbers without a decimal point, as JavaScript writes them."""
    return int(value) if value.is_integer() else value


def numbers(pixels: np.ndarray) -> list[list[float]]:
    """Positions [N, 2] as lists, rounded."""
    return [[number(x), number(y)] for x, y in np.round(pixels, PIXEL_DIGITS).tolist()]


def compact(value: Iterable) -> str:
    """A list as JSON without spaces, encoded one item at a time."""
    return f"[{','.join(json.dumps(item, ensure_ascii=False, separators=(',', ':')) for item in value)}]"
