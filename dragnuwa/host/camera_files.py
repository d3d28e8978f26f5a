"""Writes camera paths as text and files of other tools."""

from __future__ import annotations

import numpy as np

from ..carry.depth.camera import check_angle
from ..carry.depth.cameras.paths import WRITERS, CameraPath, read_poses, write_path
from ..common.errors import as_text
from . import files
from .exchange import Exported

LEAST_ZOOM = 1e-6  # part of a focal length


def write(path: CameraPath, form: str, size: tuple[int, int], *, angle: float = 55.0, prefix: str = "") -> Exported:
    """Writes a path in another format, with the first pose as the origin.

    Args:
        path: whose text has a matrix for each frame, in any format; its scale does not count.
        form: one of `dragnuwa.carry.depth.cameras.paths.FORMATS`.
        size: (width, height) of the pictures in pixels.
        angle: degrees that the longer side shows where the text says no focal length.
        prefix: of a file in ComfyUI's output folder; if empty, none is written.

    Raises:
        InputError: if the text cannot be read, or the prefix leads out of the output folder.
    """
    prefix = as_text(prefix, "filename_prefix").strip()
    check_angle(angle)
    poses = read_poses(path.text, path.matrices, path.camera)
    cameras = poses.on_pictures(size, angle)
    found = write_path(cameras, form, 1.0)
    written = f"{form} to {files.save_text(found, prefix, WRITERS[form].suffix)}" if prefix else form
    notes = [f"Wrote {len(cameras):,} frames as {written}."]
    if poses.lens.across is None and poses.lens.down is None:
        notes.append(f"The path says no focal length: an angle of view of {angle:g} degrees is taken.")
    if not WRITERS[form].lens and np.ptp(poses.zoom, axis=0).max() > LEAST_ZOOM:
        notes.append(f"{form} has no focal lengths: the zoom of the path is left out.")
    return Exported(found, "\n".join([*notes, *poses.left_out]))
