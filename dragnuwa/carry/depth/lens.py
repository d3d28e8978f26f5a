"""The lens of a pinhole camera: its intrinsics `[3, 3]` in pixels, and the other forms in which it is said.

Pixels are counted from the centre of the first one, parts of the sides from the picture's corner.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...common.errors import InputError

LEAST_ANGLE, MOST_ANGLE = 1, 170  # degrees


def check_angle(angle: float) -> None:
    """Raises InputError if an angle of view, in degrees, is out of range."""
    if not LEAST_ANGLE <= angle <= MOST_ANGLE:
        raise InputError(f"The angle of view should be from {LEAST_ANGLE} to {MOST_ANGLE} degrees; found {angle:g}.")


def focal_of(angle: float, size: tuple[int, int]) -> float:
    """The focal length in pixels of a camera whose picture of (width, height) `size` shows that many degrees along its
    longer side."""
    return max(size) / 2 / np.tan(np.radians(angle) / 2)


def centred(across: float, down: float, size: tuple[int, int]) -> np.ndarray:
    """The intrinsics of focal lengths in pixels, centred in a picture of (width, height) `size`."""
    return np.array([[across, 0, (size[0] - 1) / 2], [0, down, (size[1] - 1) / 2], [0, 0, 1.0]])


def of_angle(angle: float, size: tuple[int, int]) -> np.ndarray:
    """The intrinsics of an angle of view, as `focal_of` takes it. Raises InputError if it is out of range."""
    check_angle(angle)
    focal = focal_of(angle, size)
    return centred(focal, focal, size)


def in_parts(intrinsics: np.ndarray, size: tuple[int, int]) -> list[float]:
    """Focal lengths across and down, and the centre, in parts of the sides."""
    (width, height), own = size, intrinsics
    found = own[0, 0] / width, own[1, 1] / height, (own[0, 2] + 0.5) / width, (own[1, 2] + 0.5) / height
    return [float(part) for part in found]


def of_parts(parts: Sequence[float], size: tuple[int, int]) -> np.ndarray:
    """The intrinsics of what `in_parts` gives."""
    (width, height), (across, down, x, y) = size, parts
    return np.array([[across * width, 0, x * width - 0.5], [0, down * height, y * height - 0.5], [0, 0, 1.0]])
