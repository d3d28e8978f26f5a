"""Parses everything that a user connects or pastes into Trajectories; the only entry point.

`json_text` decodes text.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from . import schema
from .checks import side, wrong
from .formats.format import FRACTIONS, Reader, Reference, count
from .json_text import bounded, check_count, decode, is_json, text_in
from .trajectories import Trajectories
from .types import MAX_TOTAL_POINTS, TYPE, TrajectoryError

log = logging.getLogger(__name__)
Found = tuple[Reader, Any]
"""A reader, and a value as it takes it."""


class _OfNoFormError(TrajectoryError):
    """A text looks like nothing that can be read."""


def parse(value: Any, *, width: int, height: int) -> Trajectories:
    """Parses trajectories in any supported format, detected from the value itself, never from a file name.

    - text (str or UTF-8 bytes), or what json.loads gave: the versioned JSON (see `schema`), or a list in the form of
      another tool (see `formats.point_lists`), also with apostrophes instead of quotes. "[]" is a valid value without
      tracks; an empty text is not.
    - text of a table with columns such as frame, track, x, y, visible (see `formats.csv_table`), keyframes of After
      Effects (see `formats.after_effects`), or tracker text of Nuke and Natron (see `formats.tracker_text`).
    - a list of such texts, or lists and objects of JSON one after another in one text: the drags of all of them.
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
            repaired silently; where positions look as if they were something else, the log says so.
    """
    size = side(width, "width"), side(height, "height")
    if isinstance(value, Trajectories):
        return value
    reader, value = reader_of(value)
    found = reader.read(value, size)
    if reader is not OWN:
        from .formats.reference import doubts  # as below

        for doubt in doubts(found, reader.reference(value)):
            log.warning("%s DragNUWA Import Trajectories has these choices.", doubt)
    return found


def reader_of(value: Any) -> Found:
    """The reader of a value's format, and the value as that reader takes it: JSON text is decoded.

    Raises:
        TrajectoryError: the text cannot be decoded, or the value is of no known format.
    """
    if isinstance(value, (list, tuple)) and value and all(isinstance(part, str) for part in value):
        return reader_of(value[0]) if len(value) == 1 else _of_texts(value)
    if isinstance(value, (bytes, bytearray)):
        from .formats.registry import BINARY_READERS  # loaded when something else than our own is read

        for reader in BINARY_READERS:
            if reader.recognises(value):
                return reader, value
        value = text_in(value)
    return _of_one_text(value) if isinstance(value, str) else _of_value(value)


def _of_one_text(text: str) -> Found:
    """As `_of_text`; the error about a text of no form says what can be read."""
    try:
        return _of_text(text)
    except _OfNoFormError as error:
        raise TrajectoryError(f"{error} What can be read: {known_formats()}.") from None


def _of_text(text: str) -> Found:
    from .formats.registry import TEXT_READERS  # as above

    for reader in () if is_json(text) else TEXT_READERS:
        if reader.recognises(text):
            return reader, text
    try:
        values = decode(text)
    except TrajectoryError as error:
        raise error if is_json(text) or not text.strip() else _OfNoFormError(str(error)) from None
    if len(values) > 1:
        return _together([_of_value(value) for value in values])
    (value,) = values
    if isinstance(value, str) and is_json(value.lstrip()):  # JSON that was written as JSON once more
        (value, *others) = decode(value)
        return _together([_of_value(each) for each in (value, *others)]) if others else _of_value(value)
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return _of_texts(value)
    return _of_value(value)


def _of_value(value: Any) -> Found:
    if OWN.recognises(value):
        return OWN, value
    from .formats.registry import VALUE_READERS  # as above

    for reader in VALUE_READERS:
        if reader.recognises(value):
            return reader, value
    if isinstance(value, dict):
        return OWN, value  # which says what is missing
    remedy = f"Draw drags in the editor, or paste one of these: {known_formats()}."
    raise wrong("Trajectories", "the value", "an object or a list", value, remedy)


def _of_texts(texts: Sequence[str]) -> Found:
    """Several texts, as nodes that join them give them: all drags in them."""
    bounded("".join(texts))
    check_count(sum(map(schema.values_in, texts)))
    return _together(_each(texts, _of_text))


def _each(texts: Sequence[Any], use: Callable[[Any], Any]) -> list[Any]:
    """What `use` makes of each text, whose errors say which one it is."""
    found = []
    for number, text in enumerate(texts, start=1):
        try:
            found.append(use(text))
        except TrajectoryError as error:
            raise TrajectoryError(f"Text {number} of {len(texts)}: {error}") from None
    return found


def _together(found: list[Found]) -> Found:
    """Lists of tracks are one list, so that their ids and colours count on."""
    from .formats.point_lists import READER, tracks_in  # as above

    if all(reader is READER for reader, _ in found):
        return READER, [track for _, value in found for track in tracks_in(value)]
    return TEXTS, found


def _read_texts(found: list[Found], size: tuple[int, int]) -> Trajectories:
    from .motion.layer import concatenate  # as above

    parts = _each(found, lambda part: part[0].read(part[1], size))
    total = sum(len(track.points) for part in parts for track in part.tracks)
    if total > MAX_TOTAL_POINTS:
        raise TrajectoryError(
            f"Trajectories: all texts together should have at most {MAX_TOTAL_POINTS:,} points, but they have "
            f"{total:,}. Use fewer of them, or tracks with fewer points."
        )
    return concatenate(parts)


def _report_texts(found: list[Found], whole: Trajectories) -> tuple[str, list[str]]:
    from .formats.reference import doubts  # as above

    parts = [(reader, value, reader.read(value, whole.canvas)) for reader, value in found]
    said = [reader.report(value, part) for reader, value, part in parts]
    if _reference_of_texts(found) is None:  # else all of them are in doubt together
        said += [(form, doubts(part, reader.reference(value)))
                 for (form, _), (reader, value, part) in zip(said, parts, strict=True)]  # fmt: skip
    forms = " and ".join(dict.fromkeys(form for form, _ in said))
    return f"{len(found)} texts, {forms}", list(dict.fromkeys(note for _, notes in said for note in notes))


def _reference_of_texts(found: list[Found]) -> Reference | None:
    """That of all texts, if they have the same."""
    each = {reader.reference(value) for reader, value in found}
    return each.pop() if len(each) == 1 else None


TEXTS = Reader("several texts together", lambda value: False, _read_texts, _report_texts, _reference_of_texts)


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
    "the pack's own JSON",
    lambda value: isinstance(value, dict) and value.get("type") == TYPE,
    _read_own,
    _report_own,
    lambda value: Reference(FRACTIONS),
)


def known_formats() -> str:
    """The names of all formats that are read."""
    from .formats.registry import BINARY_READERS, TEXT_READERS, VALUE_READERS  # as above

    return "; ".join(reader.name for reader in (OWN, *VALUE_READERS, *TEXT_READERS, *BINARY_READERS))
