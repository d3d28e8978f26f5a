"""Parses everything that a user connects or pastes into Trajectories; the only entry point."""

from __future__ import annotations

from typing import Any

from ..common.interrupt import InterruptCheck, no_interrupt
from . import schema
from .checks import side, wrong
from .formats.format import Reader
from .formats.registry import TEXT_READERS, VALUE_READERS
from .formats.wording import count
from .text import decode, is_json
from .trajectories import Trajectories
from .types import TYPE, TrajectoryError


def parse(value: Any, *, width: int, height: int, check_interrupt: InterruptCheck = no_interrupt) -> Trajectories:
    """Parses trajectories in any supported format, detected from the value itself, never from a file name.

    - text (str or UTF-8 bytes), or what json.loads gave: the versioned JSON (see `schema`), or a list in the form of
      another tool (see `formats.point_lists`), also with apostrophes instead of quotes. "[]" is a valid value without
      tracks; an empty text is not.
    - text of a table with columns such as frame, track, x, y, visible (see `formats.csv_table`), keyframes of After
      Effects (see `formats.after_effects`), or tracker text of Nuke and Natron (see `formats.tracker_text`).
    - a list of frames with "people", or one of them: POSE_KEYPOINT (see `formats.pose`), also as text.
    - a dict with "track_path": ComfyUI's TRACKS (see `formats.comfy_tracks`).
    - bytes of a .flo file: a grid of points, 16 pixels apart, that follow its flow (see `formats.flo`).
    - Trajectories: returned unchanged.

    Args:
        value: one of the above.
        width, height: of the picture, in pixels: what positions in pixels refer to, and the canvas where the value does
            not name one. (A .flo file has its own size.)
        check_interrupt: called for every few thousand values, and for every track and object.

    Raises:
        TrajectoryError: naming the track and the point, what was expected, what was found, and what to do. Nothing is
            repaired silently.
    """
    size = side(width, "width"), side(height, "height")
    if isinstance(value, Trajectories):
        return value
    reader, value = reader_of(value, check_interrupt)
    return reader.read(value, size, check_interrupt)


def reader_of(value: Any, check_interrupt: InterruptCheck = no_interrupt) -> tuple[Reader, Any]:
    """The reader of a value's format, and the value as that reader takes it: JSON text is decoded.

    Raises:
        TrajectoryError: the text cannot be decoded, or the value is of no known format.
    """
    if isinstance(value, (str, bytes, bytearray)):
        for reader in () if is_json(value) else TEXT_READERS:
            if reader.recognises(value):
                return reader, value
        value = _decoded(value, check_interrupt)
    if OWN.recognises(value):
        return OWN, value
    for reader in VALUE_READERS:
        if reader.recognises(value):
            return reader, value
    if isinstance(value, dict):
        return OWN, value  # which says what is missing
    remedy = f"Draw drags in the editor, or paste one of these: {KNOWN}."
    raise wrong("Trajectories", "the value", "an object or a list", value, remedy)


def _decoded(text: str | bytes, check_interrupt: InterruptCheck) -> Any:
    try:
        return decode(text, check_interrupt)
    except TrajectoryError as error:
        if is_json(text) or not text.strip():
            raise
        raise TrajectoryError(f"{error} What can be read: {KNOWN}.") from None


def _read_own(value: dict, size: tuple[int, int], check_interrupt: InterruptCheck) -> Trajectories:
    """Our versioned JSON; `size` is the canvas where the value names none."""
    canvas, tracks, objects = schema.read(value, size, check_interrupt)
    return Trajectories(tracks, canvas, objects)


def _report_own(value: dict, found: Trajectories, check_interrupt: InterruptCheck) -> tuple[str, list[str]]:
    off = {
        "track": len(found.tracks) - len(found.enabled),
        "object": len(found.objects) - len(found.enabled_objects),
    }
    return "trajectories of DragNUWA", [f"Switched off: {count(n, what)}." for what, n in off.items() if n]


OWN = Reader(
    "the pack's own JSON", lambda value: isinstance(value, dict) and value.get("type") == TYPE, _read_own, _report_own
)
KNOWN = "; ".join(reader.name for reader in (OWN, *VALUE_READERS, *TEXT_READERS))
"""The names of all formats that are read."""
