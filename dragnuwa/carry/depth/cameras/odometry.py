"""Lines of poses, as programs of visual odometry write them: KITTI's and TUM's. Lines that begin with # are ignored.

KITTI has the 3x4 matrix from camera to world, row by row, in each line:

    1 0 0 0.1 0 1 0 0 0 0 1 0.5

TUM has a time, a place and a rotation as a quaternion, from camera to world:

    # timestamp tx ty tz qx qy qz qw
    1305031102.1758 1.3405 0.6266 1.6575 0.6574 0.6126 -0.2949 -0.3248

Cameras look along +z, with x to the right and y down. Neither says a focal length. What is written has the number of a
frame in place of its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from ....trajectory.formats.rows import is_number
from ..camera import PinholeCamera
from .format import Reader, Writer, joined, of_times
from .poses import Choices, Poses, matrices_of, poses_of
from .text import WHAT, rows_of_numbers, start_of

_MATRIX, _QUATERNION = 12, 8  # numbers in a line


def _has(value: object, count: int) -> bool:
    """Whether the first line that is no comment has so many numbers, and nothing else."""
    for line in start_of(value).split("\n"):
        cells = line.split()
        if cells and not line.lstrip().startswith("#"):
            return len(cells) == count and all(map(is_number, cells))
    return False


def _lines(text: str) -> list[tuple[int, str]]:
    numbered = enumerate(text.split("\n"), start=1)
    return [(number, line) for number, line in numbered if line.strip() and not line.lstrip().startswith("#")]


def _read_kitti(text: str, choices: Choices) -> Poses:
    lines = _lines(text)
    rows = rows_of_numbers(lines, (_MATRIX,), "a 3x4 matrix")
    return poses_of(rows, "c2w", lambda index: f"{WHAT}, line {lines[index][0]}")


def _read_tum(text: str, choices: Choices) -> Poses:
    lines = _lines(text)
    rows = rows_of_numbers(lines, (_QUATERNION,), "a time, a place and a quaternion")

    def where(index: int) -> str:
        return f"{WHAT}, line {lines[index][0]}"

    found = np.array(rows).reshape(-1, _QUATERNION)
    rows = matrices_of(found[:, 4:], found[:, 1:4], where)
    return replace(poses_of(rows, "c2w", where), left_out=of_times(found[:, 0].tolist()))


def _write_kitti(cameras: Sequence[PinholeCamera], unit: float) -> str:
    return _written([camera.camera_to_world(unit)[:3].ravel() for camera in cameras])


def _write_tum(cameras: Sequence[PinholeCamera], unit: float) -> str:
    rows = []
    for frame, camera in enumerate(cameras):
        matrix = camera.camera_to_world(unit)
        turn = Rotation.from_matrix(matrix[:3, :3]).as_quat(canonical=True)
        rows.append(np.concatenate([[frame], matrix[:3, 3], turn]))
    return _written(rows)


def _written(rows: Sequence[np.ndarray]) -> str:
    return "".join(joined(row) + "\n" for row in rows)


KITTI = Reader("KITTI's lines of 3x4 matrices", lambda value: _has(value, _MATRIX), _read_kitti)
TUM = Reader("TUM's lines of a time, a place and a quaternion", lambda value: _has(value, _QUATERNION), _read_tum)
KITTI_WRITER = Writer("KITTI", _write_kitti, suffix=".txt", lens=False)
TUM_WRITER = Writer("TUM", _write_tum, suffix=".txt", lens=False)
