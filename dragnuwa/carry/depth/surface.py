"""What a camera sees of a surface without steps, such as a ground or an object: no pixel has to be sorted there.

A ray intersects the surface where it intersects the plane of constant depth that the surface has in that place. That
place is found by going from plane to plane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from .scene import DepthScene

if TYPE_CHECKING:
    from .camera import PinholeCamera

ROUNDS = 4  # in which the place that a ray intersects is found
FLAT_RELIEF = 1e-3  # part of the disparity: less relief is none
FOUND = 2e-3  # part of the disparity by which the surface may differ from the plane that was intersected
MOST_LOST = 1e-3  # part of the pixels for which no place may be found


def intersect(
    disparity: np.ndarray, rays: np.ndarray, away: np.ndarray, intrinsics: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where rays intersect planes of constant depth.

    Args:
        disparity: `[h, w]` of the planes.
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


def rays_at(camera: PinholeCamera, positions: np.ndarray) -> np.ndarray:
    """`[..., 3]`: the directions of points `[...]` (complex) of a camera's frame, in the axes of the picture's
    camera."""
    pixels = np.stack([positions.real, positions.imag, np.ones(positions.shape)], -1)
    return pixels @ (camera.rotation.T @ np.linalg.inv(camera.intrinsics)).T


def seen_surface(scene: DepthScene, rays: np.ndarray, away: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """As `intersect`, for a surface without steps; None if it hides itself, so that it has to be sorted."""
    own = np.full(rays.shape[:2], float(np.median(scene.disparity)))
    positions, seen = intersect(own, rays, away, scene.intrinsics)
    if np.ptp(scene.disparity) > FLAT_RELIEF * scene.disparity.max():
        for _ in range(2 * ROUNDS):
            own = disparity_at(scene.disparity, positions)
            positions, seen = intersect(own, rays, away, scene.intrinsics)
        lost = np.abs(disparity_at(scene.disparity, positions) - own) > FOUND * own
        if lost.mean() > MOST_LOST:
            return None
    return positions, seen
