"""Focal lengths as JSON files of cameras have them, in pixels, parts of the sides or angles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ....common.errors import InputError
from ....trajectory.checks import describe
from .format import of_fields
from .poses import Lens, Where
from .text import numbers

PIXELS = 10.0  # a longer focal length is in pixels, a shorter one in parts of the sides
_MATRICES = ("K", "intrinsic", "intrinsics")
_PAIRS = (("fx", "fy"), ("fl_x", "fl_y"))
_SIDES = (("w", "h"), ("width", "height"))
_REMEDY = "Correct it, or remove all focal lengths."


def focal_lengths(frames: Sequence[Mapping], where: Where) -> tuple[np.ndarray | None, Lens, tuple[str, ...]]:
    """Focal lengths `[N, 2]` in any unit, None without them; the lens of the first frame; and what is left out, as of
    `Poses`.

    Args:
        frames: the fields of each frame, those of the whole file included.

    Raises:
        InputError: if only some frames have one, or it is not a number.
    """
    found = [_focal(fields, where(index)) for index, fields in enumerate(frames)]
    missing = [index for index, one in enumerate(found) if one is None]
    if len(missing) == len(found):
        return None, Lens(), of_fields(frames, ())
    if missing:
        raise InputError(
            f"{where(missing[0])}: there should be a focal length, as other poses have one, but there is none. Add it, "
            "or remove all of them."
        )
    left_out = of_fields(frames, [one[2:] for one in found])
    return np.array([one[:2] for one in found]), _lens(found[0], frames[0]), left_out


def _focal(fields: Mapping, where: str) -> tuple[float, ...] | None:
    """Focal lengths across and down, and the principal point where it is given; of angles, in parts of a side."""
    for key in _MATRICES:
        if fields.get(key) is not None:
            values = numbers(fields[key], (4, 9), where, "3x3 intrinsics, or fx, fy, cx and cy", _REMEDY)
            return tuple(values) if len(values) == 4 else (values[0], values[4], values[2], values[5])
    for across, down in _PAIRS:
        if fields.get(across) is not None:
            x = _number(fields[across], where, across)
            y = _number(fields[down], where, down) if fields.get(down) is not None else x
            centre = [_number(fields[key], where, key) for key in ("cx", "cy") if fields.get(key) is not None]
            return (x, y, *centre)
    for key, half in (("camera_angle_x", 0.5), ("fov", np.pi / 360)):
        if fields.get(key) is not None:
            angle = _number(fields[key], where, key) * half
            if not 0 < angle < np.pi / 2:
                raise InputError(
                    f"{where}: {key} should be an angle of view, but it is {describe(fields[key])}. {_REMEDY}"
                )
            return (0.5 / np.tan(angle),) * 2
    return None


def _lens(first: tuple[float, ...], fields: Mapping) -> Lens:
    across, down, *centre = first
    if not any(fields.get(key) is not None for key in (*_MATRICES, "fx", "fl_x")):
        return Lens(across=across) if fields.get("camera_angle_x") is not None else Lens(down=down)
    if max(across, down) <= PIXELS:
        return Lens(across, down)
    for names in _SIDES:
        size = [fields.get(name) for name in names]
        if all(type(side) in (int, float) and 0 < side < np.inf for side in size):
            return Lens(across / size[0], down / size[1])
    if len(centre) == 2 and all(0 < part < np.inf for part in centre):
        return Lens(across / centre[0] / 2, down / centre[1] / 2)
    return Lens()


def _number(value: Any, where: str, what: str) -> float:
    if type(value) not in (int, float):
        raise InputError(f"{where}: {what} should be a number, but it is {describe(value)}. {_REMEDY}")
    return float(value)
