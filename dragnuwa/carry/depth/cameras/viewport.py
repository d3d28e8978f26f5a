"""The camera of ComfyUI's 3D viewport, LOAD3D_CAMERA, as moves from the picture's own camera to it.

The viewport has an origin and a unit of its own, and no picture. So that its camera says a move, its target is the
focus, and its front view, from +Z, is the picture's camera. The angle around the target is `orbit`, the angle above it
`rise`, and the distance from it, against that at which a viewport opens, is the distance to the focus.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from ....common.errors import InputError
from ....trajectory.checks import describe
from ..path import CameraMoves

FIRST_DISTANCE = 10 * 3**0.5
"""From its target, of the camera with which a viewport opens: at (10, 10, 10)."""
_LOOKS = 0.999  # cosine of the angle between where the camera looks and its target
_WHAT = "The 3D viewport's camera"
_REMEDY = "Connect the camera_info of Load 3D or Create Camera Info."


def moves_to(camera: Any, scale: float, **others: Any) -> CameraMoves:
    """
    Args:
        camera: ComfyUI's LOAD3D_CAMERA: {"position": {"x", "y", "z"}, "target": the same, "zoom", "quaternion"}; Y is
            up, and the camera looks along its -Z.
        scale: by which its distance is multiplied.
        others: fields of `CameraMoves`, such as the focus.

    Raises:
        InputError: if it is something else, or behind, above or below the picture, or too near or far.
    """
    if not isinstance(camera, Mapping):
        raise InputError(f"{_WHAT} should have a position and a target, but it is {describe(camera)}. {_REMEDY}")
    position, target = (_numbers(camera.get(name), "xyz", name) for name in ("position", "target"))
    away = position - target
    distance = float(np.linalg.norm(away))
    if not distance > 0:
        raise InputError(f"{_WHAT} should be away from its target, but it is there. Move it, or choose another target.")
    azimuth = np.degrees(np.arctan2(away[0], away[2]))
    height = np.degrees(np.arcsin(np.clip(away[1] / distance, -1, 1)))
    zoom = _numbers({"zoom": camera.get("zoom", 1)}, ("zoom",), "zoom")[0]
    try:
        return CameraMoves(
            orbit=float(azimuth),
            rise=float(height),
            dolly=1 - distance * scale / FIRST_DISTANCE,
            zoom=float(zoom - 1),
            roll=_roll(camera.get("quaternion"), away / distance),
            **others,
        )
    except InputError as error:
        raise InputError(f"{_WHAT} is out of range: {error} Its front view, from +Z, is the picture.") from None


def _roll(quaternion: Any, backwards: np.ndarray) -> float:
    """Degrees by which a camera is rolled clockwise; 0 without a quaternion. `backwards` is from its target to it."""
    if quaternion is None:
        return 0.0
    numbers = _numbers(quaternion, "xyzw", "quaternion")
    if not np.linalg.norm(numbers) > 1e-6:
        raise InputError(f"{_WHAT} should have a quaternion of length 1, but it is 0. {_REMEDY}")
    right, _, back = Rotation.from_quat(numbers).as_matrix().T
    if back @ backwards < _LOOKS:
        raise InputError(f"{_WHAT} should look at its target, but it looks past it. {_REMEDY}")
    level = np.array([backwards[2], 0, -backwards[0]])  # to the right, without a roll
    if not np.linalg.norm(level) > 1e-6:
        return 0.0  # it looks straight down, which is refused
    level /= np.linalg.norm(level)
    return -float(np.degrees(np.arctan2(right @ np.cross(backwards, level), right @ level)))


def _numbers(value: Any, keys: tuple[str, ...] | str, name: str) -> np.ndarray:
    cells = [value.get(key) for key in keys] if isinstance(value, Mapping) else [None]
    if not all(type(cell) in (int, float) and abs(cell) < 1e9 for cell in cells):  # NaN fails
        found = "other values" if isinstance(value, Mapping) else describe(value)
        raise InputError(f"{_WHAT} should have a {name} of finite numbers, but it has {found}. {_REMEDY}")
    return np.array(cells, float)
