"""transforms.json, as NeRF's exporters for Blender and instant-ngp write it, and camera_path.json of Nerfstudio.

    {"camera_angle_x": 0.69, "frames": [{"file_path": "./r_0", "transform_matrix": [[...], [...], [...], [...]]}]}
    {"camera_path": [{"camera_to_world": [16 numbers], "fov": 50}]}

The matrices are those of Blender's cameras, from camera to world: the camera looks along its -Z, with X to the right
and Y up. Focal lengths are "camera_angle_x" (radians, of the width), "fl_x" and "fl_y" (pixels), or "fov" (degrees, of
the height), of the file or of a frame. In what is written, the first camera is at the origin and looks along the
world's +Y, with +Z up, as one that stands in a Blender scene.

Frames are read in the order of their "file_path", as Nerfstudio reads them: files list them in any order. What is
written names the pictures that ComfyUI's Save Image makes with the prefix images/frame: Nerfstudio's nerfstudio-data
opens the names as they are and takes each frame's focal length. Its blender-data, which adds .png to every name, takes
the first one's only, and would lose a zoom.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....common.errors import InputError
from ....trajectory.checks import describe
from ..camera import PinholeCamera
from .focal import focal_lengths
from .format import Reader, Writer, rounded
from .poses import Choices, Poses, poses_of
from .text import BY_NAMES, few_enough, numbers, order_of_names

AXES = np.diag([1.0, -1, -1])  # from our cameras to Blender's
PICTURE = "images/frame_{:05}_.png"  # as Save Image names them, from 1
STANDING = np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])  # looks along +Y
_KEYS = {"frames": "transform_matrix", "camera_path": "camera_to_world"}


def _list_of(value: Any) -> str | None:
    """The key of the list of frames."""
    if isinstance(value, dict):
        for key, matrix in _KEYS.items():
            frames = value.get(key)
            if isinstance(frames, list) and frames and isinstance(frames[0], dict) and matrix in frames[0]:
                return key
    return None


def _read(value: dict, choices: Choices) -> Poses:
    key = _list_of(value)
    few_enough(len(value[key]))
    whole = {name: one for name, one in value.items() if name != key}
    order = order_of_names([frame.get("file_path") if isinstance(frame, dict) else None for frame in value[key]])
    ordered = [value[key][index] for index in order] if order else value[key]
    rows, frames = [], []
    for index, frame in enumerate(ordered):
        if not isinstance(frame, dict) or _KEYS[key] not in frame:
            raise InputError(
                f"{_where(index)}: there should be a {_KEYS[key]}, but there is {describe(frame)}. Export the path "
                "again."
            )
        what, remedy = f"a {_KEYS[key]} of 4x4 numbers", "Export the path again."
        rows.append(numbers(frame[_KEYS[key]], (12, 16), _where(index), what, remedy))
        frames.append({**whole, **frame})
    focal, lens, left_out = focal_lengths(frames, _where)
    left_out = (*left_out, BY_NAMES) if order else left_out
    return replace(poses_of(rows, "c2w", _where, focal, lens, AXES), left_out=left_out)


def _where(index: int) -> str:
    return f"The camera path, frame {index + 1}"


def _write(cameras: Sequence[PinholeCamera], unit: float) -> str:
    change = np.eye(4)
    change[:3, :3] = AXES
    frames = []
    for index, camera in enumerate(cameras):
        own = camera.intrinsics
        matrix = STANDING @ change @ camera.camera_to_world(unit) @ change
        frames.append({
            "file_path": PICTURE.format(index + 1), "transform_matrix": rounded(matrix), "fl_x": rounded(own[0, 0]),
            "fl_y": rounded(own[1, 1]), "cx": rounded(own[0, 2] + 0.5), "cy": rounded(own[1, 2] + 0.5),
        })  # fmt: skip
    width, height = cameras[0].size
    angle = 2 * np.arctan(width / 2 / cameras[0].intrinsics[0, 0])
    return json.dumps({"camera_angle_x": float(angle), "w": width, "h": height, "frames": frames})


READER = Reader("transforms.json of Blender or NeRF", lambda value: _list_of(value) is not None, _read)
WRITER = Writer("Blender", _write)
