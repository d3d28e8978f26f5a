"""All formats of camera paths with matrices: readers in the order in which they are tried, and writers by name."""

from __future__ import annotations

from . import blender, json_matrices, realestate, recammaster
from .format import Reader, Writer

# The first that recognises a value reads it: text that is not JSON, and decoded values.
TEXT_READERS: tuple[Reader, ...] = (realestate.READER,)
VALUE_READERS: tuple[Reader, ...] = (blender.READER, recammaster.READER, json_matrices.READER)

WRITERS: dict[str, Writer] = {
    writer.name: writer
    for writer in (
        realestate.WRITER,
        json_matrices.W2C,
        json_matrices.C2W,
        json_matrices.MOTIONCTRL,
        blender.WRITER,
    )
}
