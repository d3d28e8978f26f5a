"""Reads and writes camera paths; the only entry point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ....common.errors import InputError
from ....trajectory.checks import describe, shorten
from ...settings import MATRICES
from ..camera import PinholeCamera
from ..path import CameraMoves
from ..scene import DepthScene
from . import blender, colmap, json_matrices, keyed, odometry, realestate, recammaster
from .format import Reader, Writer
from .poses import Choices, Poses
from .text import checked, decode, is_json
from .viewport import moves_to

# The first that recognises a value reads it: text that is not JSON, and decoded values.
TEXT_READERS: tuple[Reader, ...] = (colmap.READER, odometry.KITTI, odometry.TUM, realestate.READER)
VALUE_READERS: tuple[Reader, ...] = (blender.READER, recammaster.READER, json_matrices.READER)

WRITERS: dict[str, Writer] = {
    writer.name: writer
    for writer in (
        realestate.WRITER,
        json_matrices.W2C,
        json_matrices.C2W,
        json_matrices.MOTIONCTRL,
        blender.WRITER,
        odometry.KITTI_WRITER,
        odometry.TUM_WRITER,
        colmap.WRITER,
        recammaster.WRITER,
    )
}

KEYED = 'lines such as "0.5: truck 0.2"'
KNOWN = "; ".join([KEYED, *(reader.name for reader in (*TEXT_READERS, *VALUE_READERS))])
"""What is read."""
FORMATS = tuple(WRITERS)
MOST_SCALE = 1e6


@dataclass(frozen=True)
class CameraPath:
    """Where the moves of a camera start from, in each frame.

    Attributes:
        text: a path that `read_path` reads; the picture's own camera if it is empty.
        matrices: of `MATRICES`, what its matrices are where it does not say it.
        scale: how much of the distance to the focus a unit of the path is.
        viewport: a LOAD3D_CAMERA, to which the camera moves on top of the path; or None.
        camera: the number of the camera that is followed, of a file with several.
    """

    text: str = ""
    matrices: str = MATRICES[0]
    scale: float = 1.0
    viewport: Any = None
    camera: int = 1

    def cameras(self, moves: CameraMoves, scene: DepthScene, frames: int) -> list[PinholeCamera]:
        """The camera in each frame: the path, the way to the viewport's camera on top of it, and then the moves.

        Raises:
            InputError: as `read_path` and `moves_to`.
        """
        base = None
        if checked(self.text).strip():
            base = _followed(self, scene, frames, moves.focus)
        if self.viewport is not None:
            same = {name: getattr(moves, name) for name in ("focus", "ease", "start", "end")}
            base = moves_to(self.viewport, self.scale, **same).cameras(scene, frames, base)
        return moves.cameras(scene, frames, base)

    def left_out(self) -> tuple[str, ...]:
        """What the file says and the cameras do not have, a sentence each. Raises InputError as `read_path`."""
        text = checked(self.text)
        return () if not text.strip() or _has_keys(text) else read_poses(text, self.matrices, self.camera).left_out


def read_path(
    text: str,
    scene: DepthScene,
    frames: int,
    focus: tuple[float, float] = (0.5, 0.5),
    matrices: str = MATRICES[0],
    scale: float = 1.0,
) -> list[PinholeCamera]:
    """The camera in each frame, the first one of a file with several.

    Args:
        text: keys (see `keyed`), or a file with a matrix for each frame; the first is the picture's own camera.
        focus: (x, y) in fractions of the picture.
        matrices: of `MATRICES`, what matrices are where the file does not say it.
        scale: how much of the distance to the focus a unit of the file is.

    Raises:
        InputError: if the text cannot be read, or a value is out of range.
    """
    return _followed(CameraPath(text, matrices, scale), scene, frames, focus)


def _followed(path: CameraPath, scene: DepthScene, frames: int, focus: tuple[float, float]) -> list[PinholeCamera]:
    """As `read_path`."""
    scale = path.scale
    if not 1 / MOST_SCALE <= scale <= MOST_SCALE:  # not NaN either
        raise InputError(
            f"The scale of the camera path should be from {1 / MOST_SCALE:g} to {MOST_SCALE:g}; found {scale:g}. Set "
            "it so that the camera goes about as far as the focus is away."
        )
    text = checked(path.text)
    if _has_keys(text):
        return keyed.read(text).cameras(scene, focus, frames)
    return read_poses(text, path.matrices, path.camera).cameras(scene, focus, frames, scale)


def _has_keys(text: str) -> bool:
    return not is_json(text) and not any(reader.recognises(text) for reader in TEXT_READERS) and keyed.is_keyed(text)


def read_poses(text: str, matrices: str = MATRICES[0], camera: int = 1) -> Poses:
    """The poses of a file; `camera` is the number of one of several in it.

    Raises:
        InputError: if the text cannot be read, or has keys, which need a picture.
    """
    choices = Choices(matrices, camera)
    text = checked(text)
    readers, value = (VALUE_READERS, decode(text)) if is_json(text) else (TEXT_READERS, text)
    for reader in readers:
        if reader.recognises(value):
            return reader.read(value, choices)
    if not text.strip():
        raise InputError(f"The camera path is empty. Paste one of these: {KNOWN}.")
    if keyed.is_keyed(text):
        raise InputError(
            "The camera path should have a matrix for each frame, but it has times and moves. Enter it in DragNUWA "
            "Camera in Depth, and connect that node's camera."
        )
    raise InputError(
        f'The camera path begins with "{shorten(text.strip())}", which cannot be read. Paste one of these: {KNOWN}.'
    )


def write_path(cameras: Sequence[PinholeCamera], form: str, unit: float) -> str:
    """The path of cameras as text, in which the first one is the origin if it is the picture's own.

    Args:
        cameras: of at least one frame.
        form: one of `FORMATS`.
        unit: the distance that is 1 in the text.

    Raises:
        InputError: if the format is unknown.
    """
    if form not in FORMATS:
        raise InputError(f"format should be one of {', '.join(FORMATS)}; found {describe(form)}.")
    return WRITERS[form].write(cameras, unit)
