"""Decodes text with JSON, or what Python prints of the same values, safely: limited in size and depth, and rejecting
ambiguity."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, TypeVar

from ..common.foreign_text import REMEDY, decoded, tidied
from ..common.interrupt import checkpoint
from . import schema
from .checks import shorten
from .types import MAX_TEXT_BYTES, MAX_TEXT_VALUES, TrajectoryError

PASTE = "Paste the text again, whole and unchanged."
SELDOM = 4096
"""Numbers, objects and words that are read between two interrupt checks."""
MAX_VALUES = 1000
"""Lists and objects one after another in a text."""
Value = TypeVar("Value")
_LONGEST_INTEGER = 40  # digits; Python's conversion of very long ones is slow
_BETWEEN = (re.compile(r"\s*"), re.compile(r"[\s,;|]*"))  # before the first value, and after each

# One token that is written differently in Python than in JSON, or a JSON string (which stays as it is). The closing
# quote of a JSON string is optional so that the pattern never backtracks over a long text.
_PYTHON_TOKEN = re.compile(r""" "(?:[^"\\]|\\.)*"? | '([^'"\\]*)' | \b(?:True|False|None)\b | [()] """, re.VERBOSE)
_JSON_WORD = {"True": "true", "False": "false", "None": "null", "(": "[", ")": "]"}


def is_json(text: str) -> bool:
    """Whether a text begins as JSON objects and lists do, or as Python prints them."""
    return text[:1] in ("{", "[")


def decode(text: str) -> list[Any]:
    """Decodes JSON, or the same with apostrophes instead of quotes, as Python prints it: one value, or several lists or
    objects one after another, between which there are blanks, commas, semicolons or bars, as where texts were joined.
    What cannot be read so is read as `foreign_text.tidied` has it.

    NaN and Infinity, which Python's json accepts, and absurdly long integers become non-finite floats, so that the
    reader that expected a number can name the track and point in its error.

    Python's own `ast.literal_eval` is not used for the apostrophes: its syntax tree takes some 380 bytes per byte of
    text, 6 GB for 16 MiB. Instead quotes and brackets are replaced token by token; every token keeps its length, so
    positions in error messages are right for both notations.

    Raises:
        TrajectoryError: if the text is too long, has too many values, is empty, not UTF-8, not JSON or nested too
            deeply, or an object has a duplicate key.
    """
    text = bounded(text)
    if not text.strip():
        raise TrajectoryError(
            'The trajectories text is empty. Draw a drag in the editor, paste an exported value, or write "[]" for no '
            "drag."
        )
    check_count(schema.values_in(text))
    try:
        return _values(text)
    except json.JSONDecodeError as error:
        first = error
    problem = first
    for attempt in (_in_json, tidied, lambda text: _in_json(tidied(text))):
        changed = attempt(text)
        if changed == text:
            continue
        try:
            return _values(changed)
        except json.JSONDecodeError as error:
            if attempt is _in_json:
                problem = error  # where Python's notation itself ends
    raise _not_json(text, problem) from None


def _in_json(text: str) -> str:
    """A text in Python's notation in that of JSON."""
    check_count(text.count("'") + text.count("("))  # each becomes a string in the translation
    return _PYTHON_TOKEN.sub(_Seldom().before(_to_json_token), text)


def bounded(text: str) -> str:
    """The text itself. Raises TrajectoryError if it is too long."""
    size = len(text)  # characters are at least one byte each, so this bounds the encoding below
    if size <= MAX_TEXT_BYTES:
        size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        raise too_long(size)
    return text.removeprefix("\ufeff")


def text_in(data: bytes | bytearray) -> str:
    """The text in bytes, by the rule of `foreign_text`. Raises TrajectoryError if they are no text, or too many."""
    if len(data) > MAX_TEXT_BYTES:
        raise too_long(len(data))
    try:
        return decoded(data)
    except UnicodeDecodeError as error:
        raise TrajectoryError(
            f"The trajectories should be text in UTF-8, or a file of flow or arrays, but byte {error.start + 1} is not "
            f"readable as text. {REMEDY}"
        ) from None


def too_long(size: int) -> TrajectoryError:
    return TrajectoryError(
        f"The trajectories text should have at most {MAX_TEXT_BYTES // 2**20} MiB, but it has {size / 2**20:.1f} MiB. "
        "Use fewer tracks, or tracks with fewer points."
    )


def check_count(count: int) -> None:
    """Limit the memory of decoding: an empty list is three characters, but 88 bytes of memory."""
    if count > MAX_TEXT_VALUES:
        raise TrajectoryError(
            f"The trajectories text should hold at most {MAX_TEXT_VALUES:,} values, but it holds {count:,}. Use "
            "fewer tracks, or tracks with fewer points."
        )


class _Seldom:
    """Calls a check once in every `SELDOM` calls of the wrapped functions."""

    def __init__(self):
        self.calls = 0

    def before(self, function: Callable[[Value], Any]) -> Callable[[Value], Any]:
        def called(value: Value) -> Any:
            self.calls += 1
            if self.calls % SELDOM == 0:
                checkpoint()
            return function(value)

        return called


def _values(text: str) -> list[Any]:
    check = _Seldom()
    decoder = json.JSONDecoder(
        parse_int=check.before(_integer), parse_float=check.before(float), object_pairs_hook=check.before(_object)
    )
    found, at = [], _BETWEEN[0].match(text).end()
    while at < len(text) or not found:
        begin = at
        try:
            value, at = decoder.raw_decode(text, at)
        except RecursionError:
            raise TrajectoryError(
                "The trajectories text has brackets nested far too deeply; tracks need no more than six levels. "
                f"{PASTE}"
            ) from None
        found.append(value)
        if len(found) > 1 and not all(isinstance(one, (list, dict)) for one in (found[0], value)):
            raise json.JSONDecodeError("Extra data", text, begin)
        if len(found) > MAX_VALUES:
            raise TrajectoryError(
                f"The trajectories text should have at most {MAX_VALUES:,} values one after another, but it has more. "
                "Put the tracks into one list."
            )
        at = _BETWEEN[1].match(text, at).end()
    return found


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else math.inf


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    twice = next(key for key, _ in pairs if key in seen or seen.add(key))
    raise TrajectoryError(
        f'The trajectories text gives the key "{shorten(twice)}" twice in one object, so it is not clear which one '
        "counts. Remove one of the two."
    )


def _to_json_token(match: re.Match) -> str:
    if match[1] is not None:
        return f'"{match[1]}"'
    return _JSON_WORD.get(match[0], match[0])


def _not_json(text: str, error: json.JSONDecodeError) -> TrajectoryError:
    before, after = text[max(0, error.pos - 20) : error.pos], text[error.pos : error.pos + 20]
    place = f'near "{shorten(before + after)}"' if after.strip() else f'at its end, after "{shorten(before)}"'
    return TrajectoryError(
        f"The trajectories text should be JSON such as [[[25,25],[128,128]]], but line {error.lineno}, column "
        f"{error.colno} ({place}) cannot be read: {error.msg}. {PASTE}"
    )
