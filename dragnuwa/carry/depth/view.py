"""What another camera sees of a picture with depth: for each of its pixels the place of the picture that it shows.

Every pixel of the picture is projected into the view, and of those that meet in one pixel the nearest is kept. Its
plane says exactly which place of the picture that pixel shows. Pixels between the projected ones, as where the camera
comes nearer, are shown by the plane of a neighbour, as far as the picture goes on there as the same object.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from ...geometry.grids import Box
from .camera import EPSILON, PinholeCamera, rays_at, seen_surface
from .nearest import CHUNK, nearest_pixels, pixels_within
from .scene import STEP, DepthScene

MOST_ROUNDS = 8  # px between projected pixels that are filled, twice
SAME_PLANE = STEP / 2  # part of the disparity by which two pixels of one object may differ from its plane
SOFT = 1.5  # px from an object's last pixel, where it may be seen in part
SAME_OBJECT = 0.02  # part of the disparity, by which neighbours of a view's pixel are the same object
PARTS = tuple((dx, dy) for dx in (-1 / 3, 0, 1 / 3) for dy in (-1 / 3, 0, 1 / 3))  # px from a pixel's centre


@dataclass(frozen=True)
class View:
    """
    Attributes:
        sources: `[H, W, 2]` float32, the place (x, y) in the picture that each pixel shows; NaN where it shows nothing.
        disparity: `[H, W]` float32, 1 / depth from the new camera; -1 where it shows nothing.
    """

    sources: np.ndarray
    disparity: np.ndarray

    @property
    def shown(self) -> np.ndarray:
        """`[H, W]` bool."""
        return self.disparity >= 0


@dataclass(frozen=True)
class ViewWithEdges(View):
    """
    Attributes:
        edges: `[K]`, the numbers of pixels at the edges of objects.
        parts: `[K, P, 2]` float32, the positions that parts of those pixels show; NaN where they show nothing.
        beside: `[K, P]` bool, where that is the soft edge of an object, beside the pixels that have its depth.
        second: `[K, P, 2]` float32, the positions that are seen where those are not opaque; NaN where nothing is.
    """

    edges: np.ndarray
    parts: np.ndarray
    beside: np.ndarray
    second: np.ndarray


def view_with_edges(
    scene: DepthScene, camera: PinholeCamera, owner: np.ndarray, device: torch.device | str = "cpu"
) -> ViewWithEdges:
    """What a camera sees of a scene, and of the parts of pixels at the edges of objects.

    Args:
        owner: `[H, W]` int32, for pixels beside an object, which may show it in part, the number of its last pixel; for
            others their own.
        device: where pixels are projected.
    """
    if (whole := _whole(scene, camera)) is not None:
        nothing = np.zeros((0, len(PARTS), 2), np.float32)
        return ViewWithEdges(*whole, np.zeros(0, np.int64), nothing, np.zeros((0, len(PARTS)), bool), nothing)
    rays, nearest = Rays(scene, camera), nearest_pixels(scene, camera, device)
    seen = _filled(rays, nearest)
    edges = np.flatnonzero(_edges(seen.disparity))
    parts = parts_of(rays, edges, nearest, seen.disparity.ravel(), owner.ravel())
    return ViewWithEdges(seen.sources, seen.disparity, edges, *parts)


def view(scene: DepthScene, camera: PinholeCamera, wanted: np.ndarray, device: torch.device | str = "cpu") -> View:
    """What a camera sees of a scene in some pixels, `wanted` `[H, W]` bool; `device` as above."""
    if (whole := _whole(scene, camera, wanted)) is not None:
        return View(*whole)
    nearest = nearest_pixels(scene, camera, device, pixels_within(scene, camera, wanted))
    nearest[~wanted.ravel()] = -1
    return _filled(Rays(scene, camera), nearest, wanted)


def _whole(
    scene: DepthScene, camera: PinholeCamera, wanted: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Sources and disparity, as of `View`, of a scene without steps, in which nothing has to be sorted; None of
    others. Only `wanted` pixels, if they are given."""
    if scene.has_steps:
        return None
    width, height = camera.size
    frame = Box(0, 0, width, height).positions()
    some = slice(None) if wanted is None else np.flatnonzero(wanted)
    found = seen_surface(scene, rays_at(camera, frame.ravel()[some]), camera.rotation.T @ camera.translation)
    if found is None:
        return None
    positions, disparity = found
    inside = Box(0, 0, *scene.size).holds(positions)
    sources, seen = np.full((frame.size, 2), np.nan, np.float32), np.full(frame.size, -1, np.float32)
    sources[some, 0], sources[some, 1] = (np.where(inside, part, np.nan) for part in (positions.real, positions.imag))
    seen[some] = np.where(inside, disparity, -1)
    return sources.reshape(height, width, 2), seen.reshape(height, width)


def _filled(rays: Rays, nearest: np.ndarray, wanted: np.ndarray | None = None) -> View:
    """The view from the nearest pixel of each of its pixels, with those between filled by their neighbours, which
    `nearest` has then too. Only `wanted` pixels, if they are given."""
    width, height = rays.camera.size
    cracks = _by_neighbours(nearest, width, wanted)
    positions = np.full((width * height, 2), np.nan, np.float32)
    disparity = np.full(width * height, -1, np.float32)
    known = np.flatnonzero(nearest >= 0)
    positions[known], disparity[known] = rays.intersect(known, nearest[known])
    cracks = cracks[disparity[cracks] >= 0]
    nearest[cracks] = rays.number(positions[cracks])
    positions[cracks], disparity[cracks] = rays.intersect(cracks, nearest[cracks])
    shaped = disparity.reshape(height, width)
    fresh = [cracks]  # pixels that were found in the last two rounds, so that only their neighbours are asked
    for number in range(MOST_ROUNDS):
        before, fresh = fresh, []
        for step, axis in ((1, 1), (-1, 1), (1, 0), (-1, 0)):
            if number == 0:
                asked = _nearer_beside(shaped, step, axis, wanted)
            else:
                asked = _beside(rays.camera.size, np.concatenate([*before, *fresh]), step, axis, disparity)
                if wanted is not None:
                    asked = asked[wanted.ravel()[asked]]
            if not len(asked):
                continue
            found, near = rays.intersect(asked, nearest[asked - (step if axis else step * width)])
            better = near > disparity[asked]
            # What curves away from the camera ends sooner than the plane of a neighbour.
            asked, numbers = asked[better], rays.number(found[better])
            found, near = rays.intersect(asked, numbers)
            better = near > disparity[asked]
            chosen = asked[better]
            positions[chosen], disparity[chosen] = found[better], near[better]
            nearest[chosen] = rays.number(found[better])
            fresh.append(chosen)
        if not any(len(each) for each in fresh):
            break
    return View(positions.reshape(height, width, 2), shaped)


def _by_neighbours(nearest: np.ndarray, width: int, wanted: np.ndarray | None) -> np.ndarray:
    """Gives pixels on which none of the picture falls, as where the camera comes nearer, the number of a pixel beside
    them, in `nearest`; which these are. Whether they show its plane is still to be found out."""
    empty = np.flatnonzero(nearest < 0 if wanted is None else (nearest < 0) & wanted.ravel())
    found = np.full(len(empty), -1)
    for away in (-1, 1, -width, width):
        left = np.flatnonzero(found < 0)
        found[left] = nearest[(empty[left] + away).clip(0, len(nearest) - 1)]
    cracks = empty[found >= 0]
    nearest[cracks] = found[found >= 0]
    return cracks


def _beside(size: tuple[int, int], pixels: np.ndarray, step: int, axis: int, disparity: np.ndarray) -> np.ndarray:
    """The pixels one step from others that are farther than these."""
    width, height = size
    line, last = (pixels % width, width) if axis else (pixels // width, height)
    inside = (line + step >= 0) & (line + step < last)
    away = step if axis else step * width
    pixels = pixels[inside]
    beside = pixels + away
    return np.unique(beside[_is_nearer(disparity[pixels], disparity[beside])])


def _is_nearer(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether one disparity is so much larger than another one that this may be seen through a gap in its object."""
    return one > other + SAME_OBJECT * np.maximum(other, 0) + EPSILON


def _nearer_beside(disparity: np.ndarray, step: int, axis: int, wanted: np.ndarray | None) -> np.ndarray:
    """The numbers of pixels of which the neighbour one step before is nearer; of the `wanted` ones, if given."""
    if wanted is not None:
        (height, width), flat, pixels = disparity.shape, disparity.ravel(), np.flatnonzero(wanted)
        line, last = (pixels % width, width) if axis else (pixels // width, height)
        pixels = pixels[(line - step >= 0) & (line - step < last)]
        return pixels[_is_nearer(flat[pixels - (step if axis else step * width)], flat[pixels])]
    to, of = _shifted(step, axis)
    found = np.zeros(disparity.shape, bool)
    found[to] = _is_nearer(disparity[of], disparity[to])
    return np.flatnonzero(found)


def _edges(disparity: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: pixels beside which something else begins."""
    found = np.zeros(disparity.shape, bool)
    for axis in (0, 1):
        to, of = _shifted(1, axis)
        a, b = disparity[to], disparity[of]
        nearer = np.maximum(a, b)
        step = (np.abs(a - b) > STEP * nearer) & (nearer >= 0)
        found[to] |= step
        found[of] |= step
    return found


def _shifted(step: int, axis: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Slices of an array and of its neighbours, one step before along an axis."""
    ahead, behind = (slice(1, None), slice(None, -1)) if step > 0 else (slice(None, -1), slice(1, None))
    whole = slice(None)
    return ((whole, ahead), (whole, behind)) if axis else ((ahead, whole), (behind, whole))


class Rays:
    """Rays of a view, and where they meet the planes of a scene's pixels."""

    def __init__(self, scene: DepthScene, camera: PinholeCamera):
        self.scene, self.camera = scene, camera
        self.planes = scene.planes.reshape(-1, 3)
        self.far = scene.disparity.ravel()
        back, away = camera.rotation.T @ np.linalg.inv(camera.intrinsics), camera.rotation.T @ camera.translation
        self.of_planes = np.block([[back.T, np.zeros((3, 1))], [away, 1]])  # n . (x, y, 1) / (n . away + 1)
        self.homography = (scene.intrinsics @ back).astype(np.float32)
        self.epipole = (scene.intrinsics @ away).astype(np.float32)

    def intersect(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float] = (0.0, 0.0)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where the rays of the view's pixels, `offset` from their centres, meet the planes of the scene's pixels of
        some numbers: positions `[N, 2]`, NaN where they do not belong to the same object, and their disparity `[N]` in
        the view, -1 there."""
        if len(pixels) <= CHUNK:
            return self._intersect(pixels, numbers, offset)
        positions, disparity = np.empty((len(pixels), 2), np.float32), np.empty(len(pixels), np.float32)
        for first in range(0, len(pixels), CHUNK):
            some = slice(first, first + CHUNK)
            positions[some], disparity[some] = self._intersect(pixels[some], numbers[some], offset)
        return positions, disparity

    def _intersect(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        positions, disparity = self._intersect_plane(pixels, numbers, offset)
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

    def _intersect_plane(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        positions = np.empty((len(pixels), 2), np.float32)
        if not len(pixels):
            return positions, positions[:, 0]
        planes = self.planes.take(numbers, 0)[:, None]  # [N, 1, 3]
        across, down, constant, scale = (part[:, 0] for part in cv2.split(cv2.transform(planes, self.of_planes)))
        row, width = pixels // self.camera.size[0], self.camera.size[0]
        x, y = (pixels - row * width).astype(np.float32) + offset[0], row.astype(np.float32) + offset[1]
        with np.errstate(divide="ignore", invalid="ignore"):
            disparity = (across * x + down * y + constant) / scale
            points = [
                a * x + b * y + c - by * disparity for (a, b, c), by in zip(self.homography, self.epipole, strict=True)
            ]
            ahead = 1 / points[2]
            np.multiply(points[0], ahead, out=positions[:, 0])
            np.multiply(points[1], ahead, out=positions[:, 1])
        return positions, disparity

    def _inside(self, positions: np.ndarray) -> np.ndarray:
        width, height = self.scene.size
        x, y = positions.T
        with np.errstate(invalid="ignore"):
            return (x > -0.5) & (y > -0.5) & (x < width - 0.5) & (y < height - 0.5)

    def _alike(self, there: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """`[N]` bool: whether the picture's pixels of some numbers `there` show the objects of others, by their
        disparity."""
        width = self.scene.size[0]
        alike = there == numbers
        others = np.flatnonzero(~alike)  # few
        there, numbers = there[others], numbers[others]
        across, down = (slope.ravel()[numbers] for slope in self.scene.slopes)
        expected = self.far[numbers] + across * (there % width - numbers % width)
        expected += down * (there // width - numbers // width)
        found = self.far[there]
        alike[others] = np.abs(found - expected) <= SAME_PLANE * np.maximum(found, expected)
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

    def intersect_soft(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float], owner: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """As `intersect`, with `[N]` bool twice: where the picture shows the same object, and where in part."""
        positions, disparity = self._intersect_plane(pixels, numbers, offset)
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


def parts_of(
    rays: Rays, edges: np.ndarray, nearest: np.ndarray, disparity: np.ndarray, owner: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What parts of pixels show, of the objects in them and beside them: as `ViewWithEdges` has it."""
    width, height = rays.camera.size
    column, row = edges % width, edges // width
    around = [edges]
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        around.append((row + dy).clip(0, height - 1) * width + (column + dx).clip(0, width - 1))
    layers = [_TwoLayers.of(len(edges)) for _ in PARTS]
    for found, offset in zip(layers, PARTS, strict=True):
        for other in around:
            some = np.flatnonzero(disparity[other] >= 0)
            positions, _, whole, soft = rays.intersect_soft(edges[some], nearest[other[some]], offset, owner)
            # Again with the plane of the place that was found: what is curved has others there.
            fine = whole | soft
            some, there = some[fine], rays.number(positions[fine])
            there = np.where(whole[fine], there, owner[there])
            positions, near, whole, soft = rays.intersect_soft(edges[some], there, offset, owner)
            found.add(some[whole | soft], positions[whole | soft], near[whole | soft], soft[whole | soft])
    return tuple(np.stack([getattr(each, name) for each in layers], 1) for name in ("first", "beside", "second"))


@dataclass
class _TwoLayers:
    """Of K pixels the nearest that is seen there, and what is behind that.

    Attributes:
        first, second: `[K, 2]` float32, positions; NaN for none.
        nearness, second_nearness: `[K]` float32, their disparity; -1 for none.
        beside: `[K]` bool, where the first is only there in part.
    """

    first: np.ndarray
    second: np.ndarray
    nearness: np.ndarray
    second_nearness: np.ndarray
    beside: np.ndarray

    @classmethod
    def of(cls, count: int) -> _TwoLayers:
        positions, none = np.full((count, 2), np.nan, np.float32), np.full(count, -1, np.float32)
        return cls(positions, positions.copy(), none, none.copy(), np.zeros(count, bool))

    def add(self, some: np.ndarray, positions: np.ndarray, nearness: np.ndarray, beside: np.ndarray) -> None:
        """What is seen in some of the pixels, too."""
        own = self.nearness[some]
        better = nearness > own
        hides = better & (nearness > own * (1 + SAME_OBJECT)) & ~self.beside[some]
        self.second[some[hides]], self.second_nearness[some[hides]] = self.first[some[hides]], own[hides]
        behind = ~better & ~beside & (nearness < own * (1 - SAME_OBJECT)) & (nearness > self.second_nearness[some])
        self.second[some[behind]], self.second_nearness[some[behind]] = positions[behind], nearness[behind]
        new = some[better]
        self.first[new], self.nearness[new], self.beside[new] = positions[better], nearness[better], beside[better]
