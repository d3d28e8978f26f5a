"""Rays of a camera, and where they meet the planes of a scene's pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .scene import STEP, DepthScene

if TYPE_CHECKING:
    from .view import PinholeCamera

ALIKE = STEP / 2  # part of the disparity by which two pixels of one thing may differ from its plane
SOFT = 1.5  # px from a thing's last pixel, where it may be seen in part


class Rays:
    """Rays of a view, and where they meet the planes of a scene's pixels."""

    def __init__(self, scene: DepthScene, camera: PinholeCamera):
        self.scene, self.camera = scene, camera
        self.planes = scene.planes.reshape(-1, 3)
        self.far = scene.disparity.ravel()
        inverse = camera.turn.T
        self.ray_of = (inverse @ np.linalg.inv(camera.intrinsics)).astype(np.float32)
        self.away = (inverse @ camera.shift).astype(np.float32)
        self.back = scene.intrinsics.astype(np.float32)

    def meet(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float] = (0.0, 0.0)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where the rays of the view's pixels, `offset` from their centres, meet the planes of the scene's pixels of
        some numbers: positions `[N, 2]`, NaN where they do not belong to the same thing, and their disparity `[N]` in
        the view, -1 there."""
        positions, disparity = self._met(pixels, numbers, offset)
        there = self.number(positions)
        wrong = (
            ~(disparity >= 0)
            | ~self._inside(positions)
            | ~self._alike(there, numbers)
            | ~self._near(positions, numbers)
        )
        positions[wrong] = np.nan
        disparity[wrong] = -1
        return positions, disparity

    def _met(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        planes = self.planes[numbers]  # [N, 3]
        width = self.camera.size[0]
        x, y = (pixels % width).astype(np.float32) + offset[0], (pixels // width).astype(np.float32) + offset[1]
        rays = [row[0] * x + row[1] * y + row[2] for row in self.ray_of]
        with np.errstate(divide="ignore", invalid="ignore"):
            disparity = sum(planes[:, axis] * ray for axis, ray in enumerate(rays)) / (1 + planes @ self.away)
            points = [ray - away * disparity for ray, away in zip(rays, self.away, strict=True)]
            (fx, skew, cx), (_, fy, cy), _ = self.back
            ahead = 1 / points[2]
            positions = np.empty((len(pixels), 2), np.float32)
            positions[:, 0] = (fx * points[0] + skew * points[1]) * ahead + cx
            positions[:, 1] = fy * points[1] * ahead + cy
            return positions, disparity

    def _inside(self, positions: np.ndarray) -> np.ndarray:
        width, height = self.scene.size
        x, y = positions.T
        with np.errstate(invalid="ignore"):
            return (x > -0.5) & (y > -0.5) & (x < width - 0.5) & (y < height - 0.5)

    def _alike(self, there: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """`[N]` bool: whether the picture's pixels of some numbers `there` show the things of others, by their
        disparity."""
        width = self.scene.size[0]
        alike = there == numbers
        others = np.flatnonzero(~alike)  # few
        there, numbers = there[others], numbers[others]
        across, down = (slope.ravel()[numbers] for slope in self.scene.slopes)
        expected = self.far[numbers] + across * (there % width - numbers % width)
        expected += down * (there // width - numbers // width)
        found = self.far[there]
        alike[others] = np.abs(found - expected) <= ALIKE * np.maximum(found, expected)
        return alike

    def _near(self, positions: np.ndarray, numbers: np.ndarray, reach: float = 0.5) -> np.ndarray:
        """`[N]` bool: whether positions are as near to pixels as the slopes of these are known."""
        width = self.scene.size[0]
        fine = np.ones(len(numbers), bool)
        for axis, thin in enumerate(self.scene.thin):
            few = np.flatnonzero(thin.ravel()[numbers])
            own = numbers[few] // width if axis else numbers[few] % width
            fine[few] &= np.abs(positions[few, axis] - own) <= reach
        return fine

    def met_softly(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float], owner: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """As `meet`, with `[N]` bool twice: where the picture shows the same thing, and where it does so in part."""
        positions, disparity = self._met(pixels, numbers, offset)
        there = self.number(positions)
        fine = (disparity >= 0) & self._inside(positions)
        whole = fine & self._alike(there, numbers) & self._near(positions, numbers)
        soft = fine & ~whole & (owner[there] != there)
        soft &= self._alike(owner[there], numbers) & self._near(positions, numbers, SOFT)
        return positions, disparity, whole, soft

    def number(self, positions: np.ndarray) -> np.ndarray:
        width, height = self.scene.size
        x, y = (np.fmax(np.fmin(positions[:, axis], side - 1), 0) for axis, side in ((0, width), (1, height)))
        return np.rint(y).astype(np.int64) * width + np.rint(x).astype(np.int64)
