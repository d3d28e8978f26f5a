"""ReCamMaster's camera_extrinsics.json, of one camera or several, which are chosen by their numbers.

    {"frame0": {"cam01": "[1 0 0 0] [0 1 0 0] [0 0 1 0] [3390 1380 240 1] ", "cam02": ...}, "frame1": ...}

The matrices are Unreal Engine's, from camera to world, column by column, in centimetres, which are read as metres: the
camera looks along its +X, with Y to the right and Z up. In what is written, the first camera is at the origin.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....common.errors import InputError
from ....trajectory.checks import describe, names
from ....trajectory.formats.rows import is_number
from ..camera import PinholeCamera
from .format import Reader, Writer, joined
from .poses import Choices, Poses, poses_of
from .text import few_enough

AXES = np.array([[0.0, 0, 1], [1, 0, 0], [0, -1, 0]])  # from our cameras to Unreal's
CENTIMETRES = 0.01
MAX_CAMERAS = 1000
_FRAME = re.compile(r"frame[0-9]{1,9}")
_CAMERA = re.compile(r"[^0-9]*([0-9]{1,9})")
_LONGEST = 2000  # characters of a matrix


def _recognises(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_FRAME.fullmatch, value))


def _read(value: dict, choices: Choices) -> Poses:
    few_enough(len(value))
    keys = sorted(value, key=lambda key: int(key.removeprefix("frame")))
    name, left_out = _chosen(value[keys[0]], choices.camera, f"The camera path, {keys[0]}")
    rows = []
    for key in keys:
        where, cameras = f"The camera path, {key}", value[key]
        if not isinstance(cameras, dict) or name not in cameras:
            found = names(cameras) if isinstance(cameras, dict) and cameras else describe(cameras)
            raise InputError(
                f"{where}: there should be the camera {names([name])}, as in other frames, but there is {found}. Paste "
                "the file again, whole."
            )
        rows.append(_matrix(cameras[name], where))
    poses = poses_of(rows, "c2w", lambda index: f"The camera path, {keys[index]}", axes=AXES)
    return replace(poses, left_out=left_out)


def _chosen(cameras: Any, number: int, where: str) -> tuple[str, tuple[str, ...]]:
    """The name of the camera of this number, or of the only one; and what is said of the others."""
    if not isinstance(cameras, dict) or not 1 <= len(cameras) <= MAX_CAMERAS:
        raise InputError(
            f"{where}: there should be 1 to {MAX_CAMERAS:,} cameras, but there is {describe(cameras)}. Paste the file "
            "again, whole."
        )
    if len(cameras) == 1:
        return next(iter(cameras)), ()
    numbered = {int(found[1]): name for name in cameras if (found := _CAMERA.fullmatch(name))}
    if len(numbered) < len(cameras):  # by their order
        numbered = dict(enumerate(cameras, start=1))
    if number not in numbered:
        raise InputError(
            f"{where}: there should be a camera {number}, but there are {names(numbered.values())}. Set camera_number "
            f"to one of {min(numbered)} to {max(numbered)}."
        )
    name = numbered[number]
    return name, (f"It has {len(cameras)} cameras, {names(cameras)}; {names([name])} is read, by its camera_number.",)


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


def _write(cameras: Sequence[PinholeCamera], unit: float) -> str:
    change = np.eye(4)
    change[:3, :3] = AXES
    frames = {}
    for index, camera in enumerate(cameras):
        matrix = change @ camera.camera_to_world(unit) @ change.T
        matrix[:3, 3] /= CENTIMETRES
        frames[f"frame{index}"] = {"cam01": " ".join(f"[{joined(column)}]" for column in matrix.T) + " "}
    return json.dumps(frames)


READER = Reader("camera_extrinsics.json of ReCamMaster", _recognises, _read)
WRITER = Writer("ReCamMaster", _write, lens=False)
