"""All formats: which of them a value has, and which can be written."""

from __future__ import annotations

from typing import Any

from ..checks import wrong
from ..text import decode
from . import ati, csv_table, flo, kjnodes, own, point_lists, pose, svg, tracking_points, tracks
from .format import Reader, Writer

# Recognised in text and bytes as they come, and in what the text holds; the first that recognises a value reads it.
TEXT_READERS: tuple[Reader, ...] = (flo.READER, csv_table.READER)
VALUE_READERS: tuple[Reader, ...] = (pose.READER, tracks.READER, own.READER, point_lists.READER)

WRITERS: dict[str, Writer] = {
    writer.name: writer
    for writer in (
        own.WRITER,
        kjnodes.COORDINATES,
        kjnodes.POINTS_STORE,
        ati.WRITER,
        tracking_points.WRITER,
        svg.WRITER,
        csv_table.WRITER,
    )
}


def reader_of(value: Any) -> tuple[Reader, Any]:
    """The reader of a value's format, and the value as that reader takes it: text is decoded.

    Raises:
        TrajectoryError: the text cannot be decoded, or the value is of no known format.
    """
    if isinstance(value, (str, bytes, bytearray)):
        for reader in TEXT_READERS:
            if reader.recognises(value):
                return reader, value
        value = decode(value)
    for reader in VALUE_READERS:
        if reader.recognises(value):
            return reader, value
    remedy = "Draw drags in the editor, or paste a list of tracks such as [[[25,25],[128,128]]]."
    raise wrong("Trajectories", "the value", "an object or a list", value, remedy)
