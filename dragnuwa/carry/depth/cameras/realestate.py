"""RealEstate10K's text, which CameraCtrl and Wan Fun Camera read too.

    https://www.youtube.com/watch?v=...
    158692025 0.475 0.844 0.5 0.5 0 0 0.78 0.06 -0.623 0.727 -0.062 0.998 0.017 0.218 0.623 0.025 0.782 -1.002

The first line is an address, which other readers skip whatever it holds; here it may be left out. Every other line is a
frame: a time in microseconds, fx, fy, cx and cy in parts of the width and height, two zeros, and the 3x4 matrix from
world to camera, row by row. ComfyUI's nodes keep the same rows with a 4x4 matrix, 23 numbers in all, which is always
from camera to world. The frames are taken to be at equal times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ....common.errors import InputError
from ....trajectory.formats.rows import is_number
from ..camera import PinholeCamera, intrinsics_as_fractions
from .format import Reader, Writer, joined, of_centres, of_times
from .poses import Choices, Lens, Poses, poses_of
from .text import rows_of_numbers, start_of

ADDRESS = "https://github.com/dragnuwa/ComfyUI-DragNUWA"
_BEFORE, _COLUMNS, _COMFYUI = 7, (19, 23), 23
_FEWEST = 5  # numbers in a line by which the format is recognised


def _recognises(value: object) -> bool:
    lines = [line.split() for line in start_of(value).split("\n") if line.strip()][:2]
    return any(len(cells) >= _FEWEST and is_number(cells[0]) and is_number(cells[1]) for cells in lines)


def _read(text: str, choices: Choices) -> Poses:
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if lines and not is_number(lines[0][1].split()[0]):
        del lines[0]
    rows = rows_of_numbers(lines, _COLUMNS, "a time, fx, fy, cx, cy, 0, 0 and a 3x4 matrix")
    count = len(rows[0]) if rows else 0
    other = next((index for index, row in enumerate(rows) if len(row) != count), None)
    if other is not None:
        raise InputError(
            f"The camera path, line {lines[other][0]}: there should be {count} numbers, as in the first line, but "
            f"there are {len(rows[other])}. Paste one file only."
        )
    inside = np.array([row[1:5] for row in rows]).reshape(-1, 4)
    focal = inside[:, :2]
    known = len(focal) > 0 and (focal > 0).all()  # zeros mean that it is not known
    poses = poses_of(
        [row[_BEFORE:] for row in rows],
        "c2w" if count == _COMFYUI else choices.matrices,
        lambda index: f"The camera path, line {lines[index][0]}",
        focal if known or focal.any() else None,
        Lens(*focal[0].tolist()) if known else None,
    )
    return replace(poses, left_out=(*of_centres(inside[:, 2:]), *of_times([row[0] for row in rows])))


def _write(cameras: Sequence[PinholeCamera], unit: float) -> str:
    lines = [ADDRESS]
    for frame, camera in enumerate(cameras):
        inside = intrinsics_as_fractions(camera.intrinsics, camera.size)
        values = np.concatenate([inside, [0, 0], camera.world_to_camera(unit)[:3].ravel()])
        lines.append(f"{frame} {joined(values)}")
    return "\n".join(lines) + "\n"


READER = Reader("RealEstate10K lines", _recognises, _read)
WRITER = Writer("RealEstate10K", _write, suffix=".txt")
