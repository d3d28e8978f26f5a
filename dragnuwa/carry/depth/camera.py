"""Cameras without distortion: where they are, and their lens.

Intrinsics are `[3, 3]` in pixels, counted from the centre of the first one; parts of the sides from the picture's
corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ...common.clip_shape import WHOLE, Area, Size
from ...common.errors import InputError
from .scene import DepthScene

EPSILON = 1e-9
AT_REST = 1e-12
LEAST_ANGLE, MOST_ANGLE = 1, 170  # degrees
ROUNDS = 4  # in which the place that a ray intersects is found
FLAT_RELIEF = 1e-3  # part of the disparity: less relief is none
FOUND = 2e-3  # part of the disparity by which the surface may differ from the plane that was intersected
MOST_LOST = 1e-3  # part of the pixels for which no place may be found


@dataclass(frozen=True)
class PinholeCamera:
    """Where a camera is, against the one that took the picture.

    Attributes:
        rotation: `[3, 3]`, and translation `[3]`: a point X is at rotation @ X + translation for it.
        intrinsics: `[3, 3]`, in pixels.
        size: (width, height) of its frames.
    """

    rotation: np.ndarray
    translation: np.ndarray
    intrinsics: np.ndarray
    size: tuple[int, int]

    @property
    def turn(self) -> np.ndarray:
        """`rotation`, by its name before 1.1."""
        return self.rotation

    @property
    def shift(self) -> np.ndarray:
        """`translation`, by its name before 1.1."""
        return self.translation

    def world_to_camera(self, unit: float) -> np.ndarray:
        """`[4, 4]`, where `unit` is the distance that is 1 in it."""
        found = np.eye(4)
        found[:3, :3], found[:3, 3] = self.rotation, self.translation / unit
        return found

    def camera_to_world(self, unit: float) -> np.ndarray:
        """`[4, 4]`, the inverse of `world_to_camera`."""
        found = np.eye(4)
        found[:3, :3], found[:3, 3] = self.rotation.T, -self.rotation.T @ self.translation / unit
        return found

    def project(self, scene: DepthScene) -> np.ndarray:
        """`[H, W, 3]` float32: x, y and disparity, in its frames, of a scene's pixels; NaN behind the camera."""
        width, height = scene.size
        return self.project_positions(np.arange(width), np.arange(height)[:, None], scene.disparity, scene.intrinsics)

    def project_positions(
        self, x: np.ndarray, y: np.ndarray, disparity: np.ndarray, intrinsics: np.ndarray
    ) -> np.ndarray:
        """`[..., 3]`: the same of positions (x, y) of a picture with `intrinsics`, computed as precisely as `disparity`
        is given. The three are broadcast."""
        return np.stack(self.project_positions_apart(x, y, disparity, intrinsics), -1)

    def project_positions_apart(
        self, x: np.ndarray, y: np.ndarray, disparity: np.ndarray, intrinsics: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As `project_positions`, the three apart."""
        dtype = disparity.dtype
        matrix = (self.intrinsics @ self.rotation @ np.linalg.inv(intrinsics)).astype(dtype)
        moved = (self.intrinsics @ self.translation).astype(dtype)
        x, y = x.astype(dtype), y.astype(dtype)
        parts = [row[0] * x + (row[1] * y + row[2]) + by * disparity for row, by in zip(matrix, moved, strict=True)]
        ahead = parts[2]  # 1 / disparity times as far as the pixel's depth
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(ahead > EPSILON, 1 / ahead, np.nan).astype(dtype)
        return parts[0] * scale, parts[1] * scale, disparity * scale


@dataclass(frozen=True)
class ClipFrame:
    """Where the frame of a clip lies in a video of the same picture, which may have another size and show more.

    Attributes:
        clip: (width, height).
        video: (width, height).
        area: of the clip's frame, as fractions of the video's sides.
    """

    clip: Size
    video: Size
    area: Area = WHOLE

    @property
    def corner(self) -> np.ndarray:
        """`[2]`: of the clip's frame, in pixels from the video's corner."""
        return np.array(self.area[:2]) * self.video

    @property
    def scale(self) -> np.ndarray:
        """`[2]`: pixels of the clip per pixel of the video, across and down."""
        return np.array(self.clip) / (np.array(self.area[2:]) * self.video)

    def at_clip(self, places: np.ndarray) -> np.ndarray:
        """Places (x, y) `[..., 2]` of the video in pixels of the clip."""
        return (places + 0.5 - self.corner) * self.scale - 0.5

    def video_fraction(self, part: tuple[float, float]) -> tuple[float, float]:
        """A place in fractions of the clip as fractions of the video, inside of it."""
        left, top, width, height = self.area
        return min(max(left + part[0] * width, 0.0), 1.0), min(max(top + part[1] * height, 0.0), 1.0)

    @property
    def to_clip(self) -> np.ndarray:
        """`[3, 3]`: as `at_clip`, of homogeneous places."""
        (across, down), (x, y) = self.scale, self.at_clip(np.zeros(2))
        return np.array([[across, 0, x], [0, down, y], [0, 0, 1.0]])

    def camera(self, camera: PinholeCamera) -> PinholeCamera:
        """A camera of the video as one of the clip."""
        return replace(camera, intrinsics=self.to_clip @ camera.intrinsics, size=self.clip)


def is_at_rest(camera: PinholeCamera, scene: DepthScene) -> bool:
    """Whether a camera sees what the one that took the picture of a scene did."""
    moved = np.abs(camera.rotation - np.eye(3)).max() + np.abs(camera.translation).max()
    return bool(moved + np.abs(camera.intrinsics - scene.intrinsics).max() < AT_REST)


def check_angle(angle: float) -> None:
    """Raises InputError if an angle of view, in degrees, is out of range."""
    if not LEAST_ANGLE <= angle <= MOST_ANGLE:
        raise InputError(f"The angle of view should be from {LEAST_ANGLE} to {MOST_ANGLE} degrees; found {angle:g}.")


def focal_of(angle: float, size: tuple[int, int]) -> float:
    """The focal length in pixels of a camera whose picture of (width, height) `size` shows that many degrees along its
    longer side."""
    return max(size) / 2 / np.tan(np.radians(angle) / 2)


def angle_of(focal: float, size: tuple[int, int]) -> float:
    """The degrees that a picture of (width, height) `size` shows along its longer side, as `focal_of` takes them."""
    return float(np.degrees(2 * np.arctan(max(size) / 2 / focal)))


def centred(across: float, down: float, size: tuple[int, int]) -> np.ndarray:
    """The intrinsics of focal lengths in pixels, centred in a picture of (width, height) `size`."""
    return np.array([[across, 0, (size[0] - 1) / 2], [0, down, (size[1] - 1) / 2], [0, 0, 1.0]])


def intrinsics_from_angle(angle: float, size: tuple[int, int]) -> np.ndarray:
    """The intrinsics of an angle of view, as `focal_of` takes it. Raises InputError if it is out of range."""
    check_angle(angle)
    focal = focal_of(angle, size)
    return centred(focal, focal, size)


def intrinsics_as_fractions(intrinsics: np.ndarray, size: tuple[int, int]) -> list[float]:
    """Focal lengths across and down, and the centre, in parts of the sides."""
    (width, height), own = size, intrinsics
    found = own[0, 0] / width, own[1, 1] / height, (own[0, 2] + 0.5) / width, (own[1, 2] + 0.5) / height
    return [float(part) for part in found]


def intrinsics_from_fractions(parts: Sequence[float], size: tuple[int, int]) -> np.ndarray:
    """The intrinsics of what `intrinsics_as_fractions` gives."""
    (width, height), (across, down, x, y) = size, parts
    return np.array([[across * width, 0, x * width - 0.5], [0, down * height, y * height - 0.5], [0, 0, 1.0]])


def intersect(
    disparity: np.ndarray, rays: np.ndarray, away: np.ndarray, intrinsics: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where rays intersect planes of constant depth.

    Args:
        disparity: `[h, w]` of the planes.
        rays: `[3, h, w]` in the axes of the picture's camera; away: `[3]`, where that is from the other one.
        intrinsics: `[3, 3]` of the picture.

    Returns:
        `[h, w]` complex, the points of the picture, NaN behind the camera; and their disparity from the camera, -1
        there.
    """
    seen = disparity * rays[2] / (1 + disparity * away[2])
    x, y, ahead = (ray - by * seen for ray, by in zip(rays, away, strict=True))
    (across, skew, right), (_, down, below), _ = intrinsics
    positions = np.empty(seen.shape, complex)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1 / ahead
        positions.real = (across * x + skew * y) * scale + right
        positions.imag = down * y * scale + below
    unseen = ~((ahead > 0) & (seen >= 0))
    positions[unseen], seen[unseen] = np.nan, -1
    return positions, seen


def without_nan(values: np.ndarray) -> np.ndarray:
    """Numbers of any kind, with 0 for NaN, of which infinite ones may stay what they are."""
    unknown = np.isnan(values)
    return np.where(unknown, values.dtype.type(0), values) if unknown.any() else values


def disparity_at(disparity: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """At points of any shape (complex) of an array `[h, w]`; beyond it, that of its edge."""
    positions = without_nan(positions)
    return ndimage.map_coordinates(disparity, (positions.imag, positions.real), order=1, mode="nearest")


def rays_at(camera: PinholeCamera, positions: np.ndarray) -> np.ndarray:
    """`[3, ...]`: the directions of points `[...]` (complex) of a camera's frame, in the axes of the picture's
    camera."""
    back = camera.rotation.T @ np.linalg.inv(camera.intrinsics)
    x, y = positions.real, positions.imag
    return np.stack([a * x + b * y + c for a, b, c in back])


def seen_surface(scene: DepthScene, rays: np.ndarray, away: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """As `intersect`, for a surface without steps; None if it hides itself, so that it has to be sorted."""
    own = np.full(rays.shape[1:], float(np.median(scene.disparity)))
    positions, seen = intersect(own, rays, away, scene.intrinsics)
    if np.ptp(scene.disparity) > FLAT_RELIEF * scene.disparity.max():
        for _ in range(2 * ROUNDS):
            own = disparity_at(scene.disparity, positions)
            positions, seen = intersect(own, rays, away, scene.intrinsics)
        lost = np.abs(disparity_at(scene.disparity, positions) - own) > FOUND * own
        if lost.sum() > MOST_LOST * lost.size:
            return None
    return positions, seen
