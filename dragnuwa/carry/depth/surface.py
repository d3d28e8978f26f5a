"""What a camera sees of a surface without steps, such as a ground or a thing: no pixel has to be sorted there.

A ray meets the surface where it meets the wall of the depth that the surface has in that place. That place is found by
going from wall to wall.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from ...geometry.grids import Box
from .scene import DepthScene

if TYPE_CHECKING:
    from .camera import PinholeCamera

ROUNDS = 4  # in which the place that a ray meets is found
ONE_WALL = 1e-3  # part of the disparity: less relief is none
FOUND = 2e-3  # part of the disparity by which the surface may differ from the wall that was met
MOST_LOST = 1e-3  # part of the pixels for which no place may be found


def met(
    disparity: np.ndarray, rays: np.ndarray, away: np.ndarray, intrinsics: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where rays meet walls.

    Args:
        disparity: `[h, w]` of the walls.
        rays: `[h, w, 3]` in the axes of the picture's camera; away: `[3]`, where that is from the other one.
        intrinsics: `[3, 3]` of the picture.

    Returns:
        `[h, w]` complex, the points of the picture, NaN behind the camera; and their disparity from the camera, -1
        there.
    """
    seen = disparity * rays[..., 2] / (1 + disparity * away[2])
    there = (rays - away * seen[..., None]) @ intrinsics.T
    ahead = (there[..., 2] > 0) & (seen >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        positions = (there[..., 0] + 1j * there[..., 1]) / there[..., 2]
    return np.where(ahead, positions, np.nan), np.where(ahead, seen, -1)


def disparity_at(disparity: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """At points of any shape (complex) of an array `[h, w]`; beyond it, that of its edge."""
    positions = np.nan_to_num(positions)
    return ndimage.map_coordinates(disparity, (positions.imag, positions.real), order=1, mode="nearest")


def rays_of(camera: PinholeCamera, box: Box) -> np.ndarray:
    """`[h, w, 3]`: the directions of the pixels in a box of a camera's frame, in the axes of the picture's camera."""
    positions = box.positions()
    pixels = np.stack([positions.real, positions.imag, np.ones(positions.shape)], -1)
    return pixels @ (camera.turn.T @ np.linalg.inv(camera.intrinsics)).T


def seen_surface(scene: DepthScene, rays: np.ndarray, away: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """As `met`, for the surface of a scene without steps; None if it hides itself, so that it has to be sorted."""
    own = np.full(rays.shape[:2], float(np.median(scene.disparity)))
    positions, seen = met(own, rays, away, scene.intrinsics)
    if np.ptp(scene.disparity) > ONE_WALL * scene.disparity.max():
        for _ in range(2 * ROUNDS):
            own = disparity_at(scene.disparity, positions)
            positions, seen = met(own, rays, away, scene.intrinsics)
        lost = np.abs(disparity_at(scene.disparity, positions) - own) > FOUND * own
        if lost.mean() > MOST_LOST:
            return None
    return positions, seen
