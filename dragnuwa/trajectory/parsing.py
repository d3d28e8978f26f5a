"""Parses everything that a user connects or pastes into Trajectories; the only entry point.

Text is decoded safely: limited in size and depth, and rejecting ambiguity.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..common.interrupt import checkpoint
from . import schema
from .checks import sequence, shorten, side, wrong
from .formats.format import Reader, count
from .trajectories import Trajectories
from .types import MAX_TEXT_BYTES, MAX_TEXT_VALUES, MAX_TRACKS, TYPE, TrajectoryError

_PASTE = "Paste the text again, whole and unchanged."
_ONE_TEXT = "Connect one text; DragNUWA Merge Trajectories puts several together."
SELDOM = 4096
"""Numbers, objects and words that are read between two interrupt checks."""
Value = TypeVar("Value")
_LONGEST_INTEGER = 40  # digits; Python's conversion of very long ones is slow

# One token that is written differently in Python than in JSON, or a JSON string (which stays as it is). The closing
# quote of a JSON string is optional so that the pattern never backtracks over a long text.
_PYTHON_TOKEN = re.compile(r""" "(?:[^"\\]|\\.)*"? | '([^'"\\]*)' | \b(?:True|False|None)\b | [()] """, re.VERBOSE)
_JSON_WORD = {"True": "true", "False": "false", "None": "null", "(": "[", ")": "]"}


def parse(value: Any, *, width: int, height: int) -> Trajectories:
    """Parses trajectories in any supported format, detected from the value itself, never from a file name.

    - text (str or UTF-8 bytes), or what json.loads gave: the versioned JSON (see `schema`), or a list in the form of
      another tool (see `formats.point_lists`), also with apostrophes instead of quotes. "[]" is a valid value without
      tracks; an empty text is not.
    - text of a table with columns such as frame, track, x, y, visible (see `formats.csv_table`), keyframes of After
      Effects (see `formats.after_effects`), or tracker text of Nuke and Natron (see `formats.tracker_text`).
    - a list of such texts, each of which is a track or a list of tracks; a list of one text is that text.
    - a list of frames with "people", or one of them: POSE_KEYPOINT (see `formats.pose`), also as text.
    - a dict with "track_path": ComfyUI's TRACKS (see `formats.comfy_tracks`).
    - bytes of a .flo file: a grid of points, 16 pixels apart, that follow its flow (see `formats.flo`).
    - Trajectories: returned unchanged.

    Args:
        value: one of the above.
        width, height: of the picture, in pixels: what positions in pixels refer to, and the canvas where the value does
            not name one. (A .flo file has its own size.)

    Raises:
        TrajectoryError: naming the track and the point, what was expected, what was found, and what to do. Nothing is
            repaired silently.
    """
    size = side(width, "width"), side(height, "height")
    if isinstance(value, Trajectories):
        return value
    reader, value = reader_of(value)
    return reader.read(value, size)


def reader_of(value: Any) -> tuple[Reader, Any]:
    """The reader of a value's format, and the value as that reader takes it: JSON text is decoded.

    Raises:
        TrajectoryError: the text cannot be decoded, or the value is of no known format.
    """
    if isinstance(value, dict) and OWN.recognises(value):
        return OWN, value
    from .formats.registry import TEXT_READERS, VALUE_READERS  # loaded when something else than our own is read

    if isinstance(value, (list, tuple)) and len(value) == 1 and isinstance(value[0], str):
        (value,) = value
    if isinstance(value, (str, bytes, bytearray)):
        for reader in () if is_json(value) else TEXT_READERS:
            if reader.recognises(value):
                return reader, value
        value = _decoded(value)
    if isinstance(value, (list, tuple)) and value and all(isinstance(part, str) for part in value):
        value = _put_together(value)
    if OWN.recognises(value):
        return OWN, value
    for reader in VALUE_READERS:
        if reader.recognises(value):
            return reader, value
    if isinstance(value, dict):
        return OWN, value  # which says what is missing
    remedy = f"Draw drags in the editor, or paste one of these: {known_formats()}."
    raise wrong("Trajectories", "the value", "an object or a list", value, remedy)


def _decoded(text: str | bytes) -> Any:
    try:
        return decode(text)
    except TrajectoryError as error:
        if is_json(text) or not text.strip():
            raise
        raise TrajectoryError(f"{error} What can be read: {known_formats()}.") from None


def _put_together(texts: Sequence[str]) -> Any:
    """The tracks of texts, each of which holds one or a list of them."""
    _bounded("".join(texts))
    _check_count(sum(map(schema.values_in, texts)))
    found = [decode(text) for text in texts]
    for number, value in enumerate(found, start=1):
        sequence(value, MAX_TRACKS, f"Text {number} of {len(found)}", "the drags in a list of texts", _ONE_TEXT)
    from .formats.point_lists import tracks_in  # as above

    return [track for value in found for track in tracks_in(value)]


def _read_own(value: dict, size: tuple[int, int]) -> Trajectories:
    """Our versioned JSON; `size` is the canvas where the value names none."""
    canvas, tracks, objects, horizon = schema.read(value, size)
    return Trajectories(tracks, canvas, objects, horizon)


def _report_own(value: dict, found: Trajectories) -> tuple[str, list[str]]:
    off = {
        "track": len(found.tracks) - len(found.enabled),
        "object": len(found.objects) - len(found.enabled_objects),
    }
    return "trajectories of DragNUWA", [f"Switched off: {count(n, what)}." for what, n in off.items() if n]


OWN = Reader(
    "the pack's own JSON", lambda value: isinstance(value, dict) and value.get("type") == TYPE, _read_own, _report_own
)


def known_formats() -> str:
    """The names of all formats that are read."""
    from .formats.registry import TEXT_READERS, VALUE_READERS  # as above

    return "; ".join(reader.name for reader in (OWN, *VALUE_READERS, *TEXT_READERS))


def is_json(text: str | bytes) -> bool:
    """Whether a text begins as JSON objects and lists do, or as Python prints them."""
    return text[:1] in (("{", "[") if isinstance(text, str) else (b"{", b"["))


def decode(text: str | bytes) -> Any:
    """Decodes JSON, or the same with apostrophes instead of quotes, as Python prints it.

    NaN and Infinity, which Python's json accepts, and absurdly long integers become non-finite floats, so that the
    reader that expected a number can name the track and point in its error.

    Python's own `ast.literal_eval` is not used for the apostrophes: its syntax tree takes some 380 bytes per byte of
    text, 6 GB for 16 MiB. Instead quotes and brackets are replaced token by token; every token keeps its length, so
    positions in error messages are right for both notations.


    Raises:
        TrajectoryError: if the text is too long, has too many values, is empty, not UTF-8, not JSON or nested too
            deeply, or an object has a duplicate key.
    """
    text = _bounded(text)
    if not text.strip():
        raise TrajectoryError(
            'The trajectories text is empty. Draw a drag in the editor, paste an exported value, or write "[]" for no '
            "drag."
        )
    _check_count(schema.values_in(text))
    check = _Seldom()
    try:
        return _loads(text, check)
    except json.JSONDecodeError as error:
        _check_count(text.count("'") + text.count("("))  # each becomes a string in the translation
        translated = _PYTHON_TOKEN.sub(check.before(_to_json_token), text)
        if translated == text:
            raise _not_json(text, error) from None
    try:
        return _loads(translated, check)
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None


def _bounded(text: str | bytes) -> str:
    size = len(text)  # characters are at least one byte each, so this bounds the encoding below
    if isinstance(text, str) and size <= MAX_TEXT_BYTES:
        size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        raise TrajectoryError(
            f"The trajectories text should have at most {MAX_TEXT_BYTES // 2**20} MiB, but it has "
            f"{size / 2**20:.1f} MiB. Use fewer tracks, or tracks with fewer points."
        )
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return bytes(text).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TrajectoryError(
            f"The trajectories should be text in UTF-8 or a .flo file, but byte {error.start + 1} is not readable as "
            "text. Choose the file that was exported as text, or save it again as UTF-8."
        ) from None


def _check_count(count: int) -> None:
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


def _loads(text: str, check: _Seldom) -> Any:
    try:
        return json.loads(
            text,
            parse_int=check.before(_integer),
            parse_float=check.before(float),
            object_pairs_hook=check.before(_object),
        )
    except RecursionError:
        raise TrajectoryError(
            f"The trajectories text has brackets nested far too deeply; tracks need no more than six levels. {_PASTE}"
        ) from None


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
        f"{error.colno} ({place}) cannot be read: {error.msg}. {_PASTE}"
    )
