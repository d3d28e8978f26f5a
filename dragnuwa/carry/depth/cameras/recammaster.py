"""ReCamMaster's camera_extrinsics.json.

    {"frame0": {"cam01": "[1 0 0 0] [0 1 0 0] [0 0 1 0] [3390 1380 240 1] "}, "frame1": ...}

The matrices are Unreal Engine's, from camera to world, column by column, in centimetres, which are read as metres: the
camera looks along its +X, with Y to the right and Z up.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ....common.errors import InputError
from ....trajectory.checks import describe, names
from ....trajectory.formats.rows import is_number
from .format import Reader
from .poses import Poses, poses_of
from .text import few_enough

AXES = np.array([[0.0, 0, 1], [1, 0, 0], [0, -1, 0]])  # from our cameras to Unreal's
CENTIMETRES = 0.01
_FRAME = re.compile(r"frame[0-9]{1,9}")
_LONGEST = 2000  # characters of a matrix


def _recognises(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_FRAME.fullmatch, value))


def _read(value: dict, matrices: str) -> Poses:
    few_enough(len(value))
    keys = sorted(value, key=lambda key: int(key.removeprefix("frame")))
    rows = []
    for key in keys:
        cameras = value[key]
        if not isinstance(cameras, dict) or len(cameras) != 1:
            found = names(cameras) if isinstance(cameras, dict) and cameras else describe(cameras)
            raise InputError(
                f"The camera path, {key}: there should be one camera, but there is {found}. Leave the one that you "
                "want."
            )
        (text,) = cameras.values()
        rows.append(_matrix(text, f"The camera path, {key}"))
    return poses_of(rows, "c2w", lambda index: f"The camera path, {keys[index]}", axes=AXES)


def _matrix(text: Any, where: str) -> list[float]:
    cells = text.replace("[", " ").replace("]", " ").split() if isinstance(text, str) and len(text) < _LONGEST else []
    if len(cells) != 16 or not all(map(is_number, cells)):
        raise InputError(
            f"{where}: there should be a text of 4x4 numbers in brackets, but there is {describe(text)}. Paste the "
            "file again, whole."
        )
    matrix = np.array(cells, float).reshape(4, 4).T
    matrix[:3, 3] *= CENTIMETRES
    return matrix.ravel().tolist()


READER = Reader("camera_extrinsics.json of ReCamMaster", _recognises, _read)
