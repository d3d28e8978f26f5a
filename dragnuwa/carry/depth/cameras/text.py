"""Text from outside, decoded within limits, and single values of it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from ....common.errors import InputError, as_text
from ....trajectory.checks import describe, shorten

MAX_BYTES = 32 * 2**20
MAX_VALUES = 3 * 2**20  # of JSON: decoding takes up to 110 bytes of memory for each
MAX_POSES = 100_000
_LONGEST_INTEGER = 40  # digits; Python's conversion of very long ones is slow
_SHAPES = ((3, 3), (3, 4), (4, 4))
WHAT = "The camera path"


def checked(text: str) -> str:
    """A text without a byte order mark, with line feeds only. Raises InputError if it is none, or too long."""
    as_text(text, WHAT)
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InputError(f"{WHAT} should have at most {MAX_BYTES >> 20} MiB of text. Use fewer poses.")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def decode(text: str) -> Any:
    """
    Raises:
        InputError: if the text is not JSON, has too many values or levels, or gives a key twice.
    """
    count = text.count(",") + text.count("[") + text.count("{")
    if count > MAX_VALUES:
        raise InputError(f"{WHAT} should have at most {MAX_VALUES:,} values; found {count:,}. Use fewer poses.")
    try:
        return json.loads(text, parse_int=_integer, object_pairs_hook=_object)
    except RecursionError:
        raise InputError(f"{WHAT} has brackets nested far too deeply. Paste the file again, whole.") from None
    except json.JSONDecodeError as error:
        raise InputError(
            f"{WHAT} should be JSON, but line {error.lineno}, column {error.colno} cannot be read: {error.msg}. Paste "
            "the file again, whole and unchanged."
        ) from None


def few_enough(count: int) -> None:
    if count > MAX_POSES:
        raise InputError(f"{WHAT} should have at most {MAX_POSES:,} poses; found {count:,}. Use fewer of them.")


def numbers(value: Any, counts: Sequence[int], where: str, what: str, remedy: str) -> list[float]:
    """A list of numbers, or a matrix as a list of its rows, as its numbers row by row.

    Args:
        counts: how many there may be.
        what: they are, for the message.
    """
    cells = value if isinstance(value, list) else []
    if cells and all(isinstance(row, list) for row in cells):
        rows = {(len(cells), len(row)) for row in cells}
        cells = [cell for row in cells for cell in row] if len(rows) == 1 and rows <= set(_SHAPES) else []
    if len(cells) not in counts or not all(type(cell) in (int, float) for cell in cells):
        raise InputError(f"{where}: there should be {what}, but there is {describe(value)}. {remedy}")
    return [float(cell) for cell in cells]


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else math.inf


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise InputError(f'{WHAT} gives the key "{shorten(twice)}" twice in one object. Remove one of the two.')
    return found
