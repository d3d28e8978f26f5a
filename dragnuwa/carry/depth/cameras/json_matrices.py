"""JSON files with a matrix for each frame. What is read:

- a list of matrices, 3x4 or 4x4, as rows or as 12 or 16 numbers: MotionCtrl;
- a list of objects, also as "frames", "cameras" or "poses" of an object, each with a matrix and maybe a focal length:
  {"w2c": ..., "fx": 500, "fy": 500, "cx": 288, "cy": 160, "w": 576, "h": 320}, as LVSM and tttLRM have them, or a
  "position" and a "rotation", as 3D Gaussian Splatting writes cameras.json;
- an object of such objects by the numbers of the frames: {"0": {"extrinsic": ..., "K": ...}}, HunyuanWorld-Play;
- an object of lists: {"w2c": [...], "intrinsics": [...]}.

Keys such as "w2c" and "c2w" say what a matrix is; "extrinsic", "pose" and "RT" do not. Focal lengths are "fx" and "fy",
"intrinsics" or "K" (3x3 or fx, fy, cx, cy), "camera_angle_x" (radians) or "fov" (degrees, of the height). Writing makes
{"frames": [{"w2c": 4x4, "fx": ..., "fy": ..., "cx": ..., "cy": ..., "w": ..., "h": ...}]} in pixels, or the same with
"c2w", or a list of 12 numbers for each frame as MotionCtrl has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ....common.errors import InputError
from ....trajectory.checks import describe, names
from ..camera import PinholeCamera
from .focal import focal_lengths
from .format import Reader, Writer, lens_in_pixels, rounded
from .poses import Choices, Poses, poses_of
from .text import few_enough, numbers

_SAID = {"w2c": "w2c", "world_to_camera": "w2c", "c2w": "c2w", "camera_to_world": "c2w"}
_UNSAID = ("extrinsic", "extrinsics", "RT", "pose", "matrix")
_LISTS = ("frames", "cameras", "poses")
_REMEDY = "Write it row by row, as [[r, r, r, x], [r, r, r, y], [r, r, r, z]]."


def _recognises(value: object) -> bool:
    return isinstance(value, (list, dict))


def _read(value: Any, choices: Choices) -> Poses:
    frames = _frames(value)
    few_enough(len(frames))
    found = [_matrix(frame, choices.matrices, _where(index)) for index, frame in enumerate(frames)]
    kinds = [kind for _, kind in found]
    other = next((index for index, kind in enumerate(kinds) if kind != kinds[0]), None)
    if other is not None:
        raise InputError(
            f"{_where(other)}: the matrix should be {kinds[0]}, as that of the first pose, but it is {kinds[other]}. "
            "Write all of them in the same way."
        )
    focal, lens, left_out = focal_lengths(frames, _where)
    kind = kinds[0] if kinds else choices.matrices
    return replace(poses_of([row for row, _ in found], kind, _where, focal, lens), left_out=left_out)


def _where(index: int) -> str:
    return f"The camera path, pose {index + 1}"


def _frames(value: Any) -> list[dict]:
    """The fields of each frame; a matrix alone is under the key "matrix"."""
    if isinstance(value, list):
        return [_fields(item, {}) for item in value]
    for key in _LISTS:
        if isinstance(value.get(key), list):
            whole = {name: one for name, one in value.items() if name != key}
            return [_fields(item, whole) for item in value[key]]
    if value and all(key.isdecimal() and len(key) < 10 for key in value):
        return [_fields(value[key], {}) for key in sorted(value, key=int)]
    for key in (*_SAID, *_UNSAID):
        if isinstance(value.get(key), list):
            return _lists(value, key)
    raise InputError(
        f'The camera path should have "frames", or lists such as "w2c", but it is {describe(value)}. Paste a list of '
        "matrices, or a file of cameras."
    )


def _fields(item: Any, whole: Mapping) -> dict:
    return {**whole, **item} if isinstance(item, dict) else {**whole, "matrix": item}


def _lists(value: dict, key: str) -> list[dict]:
    """The fields of each frame from lists of them; a value that is not such a list is the same in all frames."""
    count = len(value[key])
    few_enough(count)
    each = [name for name, one in value.items() if isinstance(one, list) and len(one) == count and _is_many(one)]
    same = {name: one for name, one in value.items() if name not in each and name != key}
    return [{**same, **{name: value[name][index] for name in {*each, key}}} for index in range(count)]


def _is_many(value: list) -> bool:
    """Whether it is a list of focal lengths or of intrinsics, rather than the 3x3 intrinsics of all frames."""
    rows = [item for item in value if isinstance(item, list)]
    return not rows or any(len(row) in (4, 9) or any(isinstance(cell, list) for cell in row) for row in rows)


def _matrix(frame: Mapping, matrices: str, where: str) -> tuple[list[float], str]:
    """A matrix row by row, and what it is."""
    if "position" in frame and "rotation" in frame:
        place = numbers(frame["position"], (3,), where, "a position of three numbers", _REMEDY)
        turn = numbers(frame["rotation"], (9,), where, "a rotation of 3x3 numbers", _REMEDY)
        return [*turn[:3], place[0], *turn[3:6], place[1], *turn[6:], place[2]], "c2w"
    given = [key for key in (*_SAID, *_UNSAID) if key in frame]
    if len(given) != 1:
        raise InputError(
            f"{where}: there should be one matrix, such as w2c or c2w, but there "
            f"{f'are {names(given)}' if given else f'is {describe(dict(frame))}'}. Leave one."
        )
    (key,) = given
    return numbers(frame[key], (12, 16), where, "a matrix of 3x4 or 4x4 numbers", _REMEDY), _SAID.get(key, matrices)


def _write(cameras: Sequence[PinholeCamera], unit: float, *, key: str) -> str:
    matrix = PinholeCamera.world_to_camera if key == "w2c" else PinholeCamera.camera_to_world
    frames = []
    for camera in cameras:
        inside = dict(zip(("fx", "fy", "cx", "cy"), rounded(lens_in_pixels(camera)), strict=True))
        frames.append({key: rounded(matrix(camera, unit)), **inside, "w": camera.size[0], "h": camera.size[1]})
    return json.dumps({"frames": frames})


def _write_lists(cameras: Sequence[PinholeCamera], unit: float) -> str:
    return json.dumps([rounded(camera.world_to_camera(unit)[:3].ravel()) for camera in cameras])


READER = Reader("JSON with w2c or c2w matrices", _recognises, _read)
W2C = Writer("JSON w2c", partial(_write, key="w2c"))
C2W = Writer("JSON c2w", partial(_write, key="c2w"))
MOTIONCTRL = Writer("MotionCtrl", _write_lists, lens=False)
