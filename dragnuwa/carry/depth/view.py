"""What another camera sees of a picture with depth: for each of its pixels the place of the picture that it shows.

Every pixel of the picture is projected into the view, and of those that meet in one pixel the nearest is kept. Its
plane says exactly which place of the picture that pixel shows. Pixels between the projected ones, as where the camera
comes nearer, are shown by the plane of a neighbour, as far as the picture goes on there as the same object.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ...geometry.grids import Box
from .camera import EPSILON, PinholeCamera, rays_at, seen_surface
from .scene import STEP, DepthScene

MOST_ROUNDS = 8  # px between projected pixels that are filled, twice
SAME_PLANE = STEP / 2  # part of the disparity by which two pixels of one object may differ from its plane
SOFT = 1.5  # px from an object's last pixel, where it may be seen in part
SAME_OBJECT = 0.02  # part of the disparity, by which neighbours of a view's pixel are the same object
PARTS = tuple((dx, dy) for dx in (-0.25, 0.25) for dy in (-0.25, 0.25))  # px from a pixel's centre


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
    rays, nearest = Rays(scene, camera), _nearest(scene, camera, device)
    seen = _filled(rays, nearest)
    edges = np.flatnonzero(_edges(seen.disparity))
    parts = parts_of(rays, edges, nearest, seen.disparity.ravel(), owner.ravel())
    return ViewWithEdges(seen.sources, seen.disparity, edges, *parts)


def view(scene: DepthScene, camera: PinholeCamera, wanted: np.ndarray, device: torch.device | str = "cpu") -> View:
    """What a camera sees of a scene in some pixels, `wanted` `[H, W]` bool; `device` as above."""
    if (whole := _whole(scene, camera)) is not None:
        return View(*whole)
    nearest = _nearest(scene, camera, device)
    nearest[~wanted.ravel()] = -1
    return _filled(Rays(scene, camera), nearest, wanted)


def _whole(scene: DepthScene, camera: PinholeCamera) -> tuple[np.ndarray, np.ndarray] | None:
    """Sources and disparity, as of `View`, of a scene without steps, in which nothing has to be sorted; None of
    others."""
    if scene.has_steps:
        return None
    rays = rays_at(camera, Box(0, 0, *camera.size).positions())
    found = seen_surface(scene, rays, camera.rotation.T @ camera.translation)
    if found is None:
        return None
    positions, disparity = found
    inside = Box(0, 0, *scene.size).holds(positions)
    sources = np.where(inside[..., None], np.stack([positions.real, positions.imag], -1), np.nan).astype(np.float32)
    return sources, np.where(inside, disparity, -1).astype(np.float32)


def _nearest(scene: DepthScene, camera: PinholeCamera, device: torch.device | str) -> np.ndarray:
    """For each pixel of the view the number of the nearest pixel of the picture that falls on it; -1 without one."""
    width, height = camera.size
    x, y, disparity = (torch.from_numpy(part).to(device).ravel() for part in camera.project_apart(scene))
    x, y = x.round_(), y.round_()
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    nowhere = width * height
    column, row = (torch.where(inside, part, 0).long() for part in (x, y))
    target = torch.where(inside, row * width + column, nowhere)
    buffer = torch.full((nowhere + 1,), -1.0, device=x.device)
    buffer.scatter_reduce_(0, target, disparity.nan_to_num(-1), "amax")
    target[disparity != buffer[target]] = nowhere
    found = torch.full((nowhere + 1,), -1, dtype=torch.long, device=x.device)
    found[target] = torch.arange(len(x), device=x.device)
    return found[:nowhere].cpu().numpy()


def _filled(rays: Rays, nearest: np.ndarray, wanted: np.ndarray | None = None) -> View:
    """The view from the nearest pixel of each of its pixels, with those between filled by their neighbours, which
    `nearest` has then too. Only `wanted` pixels, if they are given."""
    width, height = rays.camera.size
    positions = np.full((width * height, 2), np.nan, np.float32)
    disparity = np.full(width * height, -1, np.float32)
    known = np.flatnonzero(nearest >= 0)
    positions[known], disparity[known] = rays.intersect(known, nearest[known])
    shaped = disparity.reshape(height, width)
    fresh: list[
        np.ndarray
    ] = []  # pixels that were found in the last two rounds, so that only their neighbours are asked
    for number in range(MOST_ROUNDS):
        before, fresh = fresh, []
        for step, axis in ((1, 1), (-1, 1), (1, 0), (-1, 0)):
            if number == 0:
                asked = _nearer_beside(shaped, step, axis)
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


def _beside(size: tuple[int, int], pixels: np.ndarray, step: int, axis: int, disparity: np.ndarray) -> np.ndarray:
    """The pixels one step from others that are farther than these."""
    width, height = size
    line, last = (pixels % width, width) if axis else (pixels // width, height)
    inside = (line + step >= 0) & (line + step < last)
    away = step if axis else step * width
    asked = np.zeros(len(disparity), bool)
    asked[pixels[inside] + away] = True
    beside = np.flatnonzero(asked)
    pixels = beside - away
    return beside[_is_nearer(disparity[pixels], disparity[beside])]


def _is_nearer(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether one disparity is so much larger than another one that this may be seen through a gap in its object."""
    return one > other + SAME_OBJECT * np.maximum(other, 0) + EPSILON


def _nearer_beside(disparity: np.ndarray, step: int, axis: int) -> np.ndarray:
    """The numbers of pixels of which the neighbour one step before is nearer."""
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
        step = np.abs(a - b) > STEP * np.maximum(a, b)
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
        inverse = camera.rotation.T
        self.ray_of = (inverse @ np.linalg.inv(camera.intrinsics)).astype(np.float32)
        self.away = (inverse @ camera.translation).astype(np.float32)
        self.back = scene.intrinsics.astype(np.float32)

    def intersect(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float] = (0.0, 0.0)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where the rays of the view's pixels, `offset` from their centres, meet the planes of the scene's pixels of
        some numbers: positions `[N, 2]`, NaN where they do not belong to the same object, and their disparity `[N]` in
        the view, -1 there."""
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
