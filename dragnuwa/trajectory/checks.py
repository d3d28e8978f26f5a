"""Validates single external values, with errors that a person can act on.

Every message reads: where, what should be there, what is there, what to do.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from difflib import get_close_matches
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np

from ..common.clip_shape import ClipShape
from .types import MAX_COORDINATE, MAX_FRAMES, MAX_SIDE, TrajectoryError

_SHOWN = 40  # characters of a found value that a message quotes


def describe(value: Any) -> str:
    """A short description of `value`, whatever its size."""
    if value is None:
        return "missing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'the text "{shorten(value)}"' if value else "an empty text"
    if isinstance(value, (int, float)):
        return _describe_number(value)
    if isinstance(value, dict):
        return f"an object with the keys {names(value)}" if value else "an empty object"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)} item{'' if len(value) == 1 else 's'}" if value else "an empty list"
    return f"a value of type {type(value).__name__}"


def _describe_number(value: int | float) -> str:
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 64 else "a number that is far too large"
    if isfinite(value):
        return repr(value)
    return "NaN (not a number)" if value != value else "infinite"


def shorten(text: str) -> str:
    """At most 40 characters of `text`, on one line."""
    line = " ".join(text[: _SHOWN + 1].split())
    return line if len(text) <= _SHOWN else line[:_SHOWN] + "..."


def names(keys: Iterable[Any]) -> str:
    """The first dozen of `keys`, quoted: "a", "b", "c"."""
    keys = list(keys)
    listed = ", ".join(f'"{shorten(str(key))}"' for key in keys[:12])
    return listed + ("" if len(keys) <= 12 else f" and {len(keys) - 12} more")


def wrong(where: str, what: str, expected: str, found: Any, remedy: str) -> TrajectoryError:
    """The error for an invalid value."""
    return TrajectoryError(f"{where}: {what} should be {expected}, but it is {describe(found)}. {remedy}")


def number(value: Any, low: float, high: float, where: str, what: str, remedy: str) -> float:
    """`value` as a float, if it is a finite number (not a boolean) from low to high, which are integers."""
    is_number = type(value) in (int, float) or (isinstance(value, Real) and not isinstance(value, bool))
    if is_number and low <= value <= high:  # NaN fails both comparisons
        return float(value)
    raise wrong(where, what, f"a number from {low:,.0f} to {high:,.0f}", value, remedy)


def pixel(value: Any, size: int, where: str, what: str) -> float:
    """A coordinate in pixels as a fraction of the picture's `size` in that direction."""
    limit = MAX_COORDINATE * size
    remedy = "It is a position in pixels; correct it or delete the point."
    return number(value, -limit, limit, where, what, remedy) / size


def integer(value: Any, low: int, high: int, where: str, what: str, remedy: str) -> int:
    """`value` as an int, if it is one (not a boolean or float) from low to high."""
    try:
        whole = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        whole = None
    if whole is None or not low <= whole <= high:
        raise wrong(where, what, f"a whole number from {low} to {high}", value, remedy)
    return whole


def side(value: Any, what: str) -> int:
    """A width or height in pixels."""
    name, remedy = f"the picture's {what}", "Set it to the size in pixels."
    return integer(value, 1, MAX_SIDE, "Trajectories", name, remedy)


def size(value: tuple[int, int]) -> np.ndarray:
    """A picture's (width, height) in pixels as [2] float64."""
    width, height = value
    return np.array([side(width, "width"), side(height, "height")], dtype=np.float64)


def frames(value: Any, where: str) -> int:
    """A number of frames to sample tracks at."""
    return integer(value, 2, MAX_FRAMES, where, "the number of frames", "Set the length of the clip.")


def clip(value: ClipShape, where: str) -> tuple[int, np.ndarray]:
    """A clip's number of frames, and its `size`."""
    return frames(value.frames, where), size(value.size)


def boolean(value: Any, where: str, what: str, remedy: str) -> bool:
    if isinstance(value, bool):
        return value
    raise wrong(where, what, "true or false", value, remedy)


def string(value: Any, low: int, high: int, where: str, what: str, remedy: str) -> str:
    """`value`, if it is text of low to high characters that can be written as UTF-8."""
    if not isinstance(value, str):
        raise wrong(where, what, "a text", value, remedy)
    if not low <= len(value) <= high:
        raise TrajectoryError(
            f"{where}: {what} should have {low} to {high} characters, but it has {len(value)}. {remedy}"
        )
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise TrajectoryError(f"{where}: {what} contains half of a character (a lone surrogate). Type it again.")
    return value


def choice(value: Any, options: tuple[str, ...], where: str, what: str) -> str:
    if isinstance(value, str) and value in options:
        return value
    raise wrong(where, what, f"one of {names(options)}", value, "Choose one of these.")


def mapping(value: Any, where: str, what: str, remedy: str) -> dict:
    if isinstance(value, dict):
        return value
    raise wrong(where, what, "an object in braces { }", value, remedy)


def sequence(value: Any, high: int, where: str, what: str, remedy: str) -> list | tuple:
    """`value`, if it is a list of at most `high` items."""
    if not isinstance(value, (list, tuple)):
        raise wrong(where, what, "a list in brackets [ ]", value, remedy)
    if len(value) > high:
        raise TrajectoryError(
            f"{where}: {what} should have at most {high:,} items, but it has {len(value):,}. "
            "Remove some of them, or split the work over several nodes."
        )
    return value


def finite_extras(fields: dict, where: str) -> None:
    """Reject NaN and infinities even in fields that are otherwise ignored: they mean that the writer failed."""
    for key, value in fields.items():
        if isinstance(value, float) and not isfinite(value):
            raise wrong(where, f"the field {key}", "a finite number", value, "Correct or remove it.")


def known_keys(found: dict, known: tuple[str, ...], where: str) -> None:
    """Reject unknown keys, so that a misspelt one is not silently ignored."""
    unknown = [key for key in found if key not in known]
    if not unknown:
        return
    key = str(unknown[0])
    close = get_close_matches(key, known, n=1, cutoff=0.75) if len(key) <= _SHOWN else []
    advice = f'Did you mean "{close[0]}"?' if close else f"Remove it; the known keys are {names(known)}."
    raise TrajectoryError(f"{where}: the key {names(unknown[:1])} is not known here. {advice}")
