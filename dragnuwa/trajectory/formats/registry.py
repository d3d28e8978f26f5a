"""All formats: the readers of foreign ones in the order in which they are tried, and the writers by name."""

from __future__ import annotations

from . import (
    after_effects,
    array_files,
    ati,
    boxes,
    comfy_tracks,
    csv_table,
    fl_paths,
    flo,
    kjnodes,
    ltx,
    point_lists,
    pose,
    svg,
    tracker_text,
    tracking_points,
    xy_lines,
)
from .format import FileWriter, Reader, Writer

# The first that recognises a value reads it: bytes that are no text, text that is not JSON, and decoded values.
BINARY_READERS: tuple[Reader, ...] = (flo.READER, array_files.READER)
TEXT_READERS: tuple[Reader, ...] = (csv_table.READER, after_effects.READER, tracker_text.READER, xy_lines.READER)
VALUE_READERS: tuple[Reader, ...] = (pose.READER, comfy_tracks.READER, fl_paths.READER, point_lists.READER)

WRITERS: dict[str, Writer] = {
    writer.name: writer
    for writer in (
        Writer("dragnuwa", lambda trajectories, clip: trajectories.to_json(), limits=None),
        kjnodes.COORDINATES,
        kjnodes.POINTS_STORE,
        ati.WRITER,
        ltx.WRITER,
        tracking_points.WRITER,
        svg.WRITER,
        csv_table.WRITER,
        after_effects.WRITER,
        tracker_text.WRITER,
        fl_paths.WRITER,
    )
}

FILE_WRITERS: dict[str, FileWriter] = {
    writer.name: writer for writer in (array_files.NPY_WRITER, array_files.NPZ_WRITER, ati.PTH_WRITER)
}
"""Those of formats that are no text."""

OBJECT_WRITERS: dict[str, boxes.ObjectWriter] = {writer.name: writer for writer in (boxes.BOXES, boxes.LTX_BOXES)}
"""Those of formats of objects alone."""
