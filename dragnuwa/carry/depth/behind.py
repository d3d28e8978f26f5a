"""What lies behind the things of a picture with depth, and beyond its edges, as far as a camera will see it: filled
once (`dragnuwa.vision.inpainting.fill`), at the depth of what is seen beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ...common.errors import InputError
from ...common.interrupt import InterruptCheck, no_interrupt
from ...vision.inpainting.fill import FillHole, fill_hole
from .apart import Apart, taken_apart
from .scene import DepthScene
from .view import PinholeCamera

MOST = 0.3  # of the longer side: the widest gap beside a thing, and the widest margin, that are filled
FARTHEST = 0.1  # quantile of disparity, that of what appears at the picture's edges
WIDER = 1.15  # than what the path needs
LEAST = 3  # px
AWAY = 3  # times the widest gap
BESIDE = 1.1  # px from a thing's last pixel: its neighbours, of which nothing is to be copied


@dataclass(frozen=True)
class Behind:
    """
    Attributes:
        scene: of the picture without its near things, with a margin.
        picture: `[H, W, 3]` float32, of the same size.
        margin: px on each side.
        apart: the picture itself, without a margin, of which things and ground are looked up apart.
    """

    scene: DepthScene
    picture: np.ndarray
    margin: int
    apart: Apart


def behind(
    scene: DepthScene,
    picture: np.ndarray,
    cameras: Sequence[PinholeCamera],
    check_interrupt: InterruptCheck = no_interrupt,
    fill_with: FillHole = fill_hole,
) -> Behind:
    """
    Args:
        picture: `[H, W, 3]` float32 from 0 to 1, of the scene's size.
        cameras: from where it will be seen.
        check_interrupt: called many times.
        fill_with: fills what lies behind.

    Raises:
        InputError: if the sizes differ.
    """
    if picture.shape[:2] != scene.disparity.shape:
        raise InputError(
            f"The depth should have the picture's size; found {scene.size[0]}x{scene.size[1]} for a picture of "
            f"{picture.shape[1]}x{picture.shape[0]} pixels. Make it from the same picture."
        )
    disparity, hole, near, distance, nearest = _without_near_things(scene, cameras, check_interrupt)
    beside = ~near & (distance <= BESIDE)
    margin = _margin(scene, cameras)
    around = ((margin, margin), (margin, margin))
    hole = np.pad(hole | beside, around, constant_values=True)
    wide = np.pad(picture, (*around, (0, 0)), mode="edge")
    if hole.any():
        wide = fill_with(wide, hole, check_interrupt, things=np.pad(near, around) & ~hole)
    intrinsics = scene.intrinsics.copy()
    intrinsics[:2, 2] += margin
    wide_scene = DepthScene(np.pad(disparity, around, mode="edge"), intrinsics)
    return Behind(wide_scene, wide, margin, taken_apart(picture, near, distance, nearest))


def _without_near_things(
    scene: DepthScene, cameras: Sequence[PinholeCamera], check_interrupt: InterruptCheck
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The disparity `[H, W]` with near things continued by what is behind them, beside their edges; where that is; the
    near things there and beyond, from which nothing is to be copied; the distance to their last pixels, and the number
    of the nearest of those."""
    far = _far_beside(scene)
    edges = np.isfinite(far)
    if not edges.any():
        nothing = np.zeros(far.shape, bool)
        return scene.disparity, nothing, nothing, np.full(far.shape, np.inf), np.zeros(far.shape, np.int32)
    rows, columns = np.nonzero(edges)
    nearby = scene.disparity[edges].astype(np.float64)
    gap = np.zeros(len(rows))
    for camera in cameras:
        check_interrupt()
        own, other = (camera.project_positions(columns, rows, each, scene.intrinsics) for each in (nearby, far[edges]))
        gap = np.fmax(gap, np.linalg.norm(own[:, :2] - other[:, :2], axis=-1))
    width = np.zeros(far.shape)
    width[edges] = np.minimum(WIDER * gap + LEAST, MOST * max(scene.size))
    distance, nearest = ndimage.distance_transform_edt(~edges, return_indices=True)
    nearest = tuple(nearest)
    middle = (scene.disparity[nearest] + far[nearest]) / 2
    nearer = scene.disparity > middle
    hole = nearer & (distance <= width[nearest])
    behind_it = np.where(hole, far[nearest], scene.disparity).astype(np.float32)
    number = (nearest[0] * scene.size[0] + nearest[1]).astype(np.int32)
    return behind_it, hole, nearer & (distance <= AWAY * width.max()), distance, number


def _far_beside(scene: DepthScene) -> np.ndarray:
    """`[H, W]`: for the last pixels of near things, the disparity of what is behind them; NaN elsewhere."""
    found = np.full(scene.disparity.shape, np.nan)
    for axis, steps in zip((1, 0), scene.steps, strict=True):
        first = [slice(None)] * 2
        second = [slice(None)] * 2
        first[axis], second[axis] = slice(None, -1), slice(1, None)
        for own, other in ((first, second), (second, first)):
            a, b = scene.disparity[tuple(own)], scene.disparity[tuple(other)]
            is_near = steps & (a > b)
            part = found[tuple(own)]
            part[is_near] = np.fmin(part[is_near], b[is_near])
    return found


def _margin(scene: DepthScene, cameras: Sequence[PinholeCamera]) -> int:
    """px by which the picture has to be wider, so that its far parts fill every frame."""
    width, height = scene.size
    corners = np.array([(x, y, 1.0) for x in (0, width - 1) for y in (0, height - 1)])
    far = float(np.quantile(scene.disparity, FARTHEST))
    most = 0.0
    for camera in cameras:
        rays = corners @ np.linalg.inv(camera.intrinsics).T  # points at depth 1 of the new camera
        back = (rays - far * camera.shift) @ camera.turn  # in the picture's, at the far disparity
        there = back @ scene.intrinsics.T
        if (there[:, 2] <= 1e-6).any():
            most = np.inf
            break
        x, y = (there[:, :2] / there[:, 2:]).T
        most = max(most, *(-x), *(-y), *(x - width + 1), *(y - height + 1))
    return int(min(np.ceil(most * WIDER) + LEAST, MOST * max(scene.size))) if most > 0 else 0
