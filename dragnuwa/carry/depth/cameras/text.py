"""Text from outside, decoded within limits, lines and single values of it, and the order of pictures' names."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from ....common.errors import InputError, as_text
from ....common.foreign_text import json_value, tidied, with_line_feeds, with_plain_blanks
from ....trajectory.checks import describe, shorten
from ....trajectory.formats.rows import is_number

MAX_BYTES = 32 * 2**20
MAX_VALUES = 3 * 2**20  # of JSON: decoding takes up to 110 bytes of memory for each
MAX_POSES = 100_000
_LONGEST_INTEGER = 40  # digits; Python's conversion of very long ones is slow
_SHAPES = ((3, 3), (3, 4), (4, 4))
_START = 2**14
_LONGEST_NAME = 1000  # characters
_FENCE = "```"
WHAT = "The camera path"
BY_NAMES = "Its frames are read in the order of their names, which is not that of the file."


def checked(text: str) -> str:
    """A text as the rule of `foreign_text` has it: JSON with line feeds only, lines as they were before other programs
    changed them. Raises InputError if it is none, or too long."""
    as_text(text, WHAT)
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InputError(f"{WHAT} should have at most {MAX_BYTES >> 20} MiB of text. Use fewer poses.")
    if not text:
        return text
    text = with_line_feeds(text)
    if is_json(text):
        return text
    return with_plain_blanks(text) if text.isascii() and _FENCE not in text else tidied(text)


def start_of(value: object) -> str:
    """The characters that decide which format a text has; empty for anything else."""
    return value[:_START] if isinstance(value, str) else ""


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
        return json_value(text, parse_int=_integer, object_pairs_hook=_object)
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


def rows_of_numbers(lines: Sequence[tuple[int, str]], counts: Sequence[int], what: str) -> list[list[float]]:
    """The numbers of lines, which are separated by blanks.

    Args:
        lines: with their own numbers.
        counts: how many numbers there may be in a line.
        what: they are, for the message.
    """
    few_enough(len(lines))
    return [_row(line.split(), counts, f"{WHAT}, line {number}", what) for number, line in lines]


def _row(cells: list[str], counts: Sequence[int], where: str, what: str) -> list[float]:
    if len(cells) not in counts:
        raise InputError(
            f"{where}: there should be {counts[0]} numbers, {what}, but there are {len(cells)}. Paste the file again, "
            "whole and unchanged."
        )
    wrong = next((cell for cell in cells if not is_number(cell)), None)
    if wrong is not None:
        raise InputError(f'{where}: there should be numbers only, but there is "{shorten(wrong)}". Correct it.')
    return [float(cell) for cell in cells]


def order_of_names(names: Sequence[Any]) -> list[int] | None:
    """The order of frames by the names of their pictures, with numbers in them by value, r_2 before r_10; None if it is
    that in which they are, or not each has a name of its own."""
    if not all(isinstance(name, str) and len(name) <= _LONGEST_NAME for name in names) or len(set(names)) < len(names):
        return None
    order = sorted(range(len(names)), key=lambda index: _parts(names[index]))
    return order if order != list(range(len(names))) else None


def _parts(name: str) -> list[tuple[int, str]]:
    parts = re.split(r"([0-9]+)", name)
    return [(int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts]


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
