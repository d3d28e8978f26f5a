"""What another camera sees of a picture with depth: for each of its pixels the place of the picture that it shows.

Every pixel of the picture is projected into the view, and of those that meet in one pixel the nearest is kept. Its
plane says exactly which place of the picture that pixel shows. Pixels between the projected ones, as where the camera
comes nearer, are shown by the plane of a neighbour, as far as the picture goes on there as the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .scene import STEP, DepthScene

ALIKE = STEP / 2  # part of the disparity by which two pixels of one thing may differ from its plane
NEAR = 0.02  # the same, by which neighbours of a view's pixel are the same thing
MOST_ROUNDS = 8  # px between projected pixels that are filled, twice
EPSILON = 1e-9
SOFT = 1.5  # px from a thing's last pixel, where it may be seen in part
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
        edges: `[K]`, the numbers of pixels at the edges of things.
        parts: `[K, P, 2]` float32, the places that parts of those pixels show; NaN where they show nothing.
        beside: `[K, P]` bool, where that is the soft edge of a thing, beside the pixels that have its depth.
        second: `[K, P, 2]` float32, the places that are seen where those are not opaque; NaN where nothing is.
    """

    edges: np.ndarray
    parts: np.ndarray
    beside: np.ndarray
    second: np.ndarray


@dataclass(frozen=True)
class PinholeCamera:
    """Where a camera is, against the one that took the picture.

    Attributes:
        turn: `[3, 3]`, and shift `[3]`: a point X is at turn @ X + shift for it.
        intrinsics: `[3, 3]`, in pixels.
        size: (width, height) of its frames.
    """

    turn: np.ndarray
    shift: np.ndarray
    intrinsics: np.ndarray
    size: tuple[int, int]

    def project(self, scene: DepthScene) -> np.ndarray:
        """`[H, W, 3]` float32: x, y and disparity, in its frames, of a scene's pixels; NaN behind the camera."""
        width, height = scene.size
        return self.project_places(np.arange(width), np.arange(height)[:, None], scene.disparity, scene.intrinsics)

    def project_places(self, x: np.ndarray, y: np.ndarray, disparity: np.ndarray, intrinsics: np.ndarray) -> np.ndarray:
        """`[..., 3]`: the same of places (x, y) of a picture with `intrinsics`, computed as precisely as `disparity` is
        given. The three are broadcast."""
        dtype = disparity.dtype
        matrix = (self.intrinsics @ self.turn @ np.linalg.inv(intrinsics)).astype(dtype)
        moved = (self.intrinsics @ self.shift).astype(dtype)
        x, y = x.astype(dtype), y.astype(dtype)
        parts = [row[0] * x + row[1] * y + row[2] + by * disparity for row, by in zip(matrix, moved, strict=True)]
        ahead = parts[2]  # 1 / disparity times as far as the pixel's depth
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.stack([parts[0] / ahead, parts[1] / ahead, disparity / ahead], -1)
        found[ahead <= EPSILON] = np.nan
        return found


def view_with_edges(
    scene: DepthScene, camera: PinholeCamera, owner: np.ndarray, device: torch.device | str = "cpu"
) -> ViewWithEdges:
    """What a camera sees of a scene, and of the parts of pixels at the edges of things.

    Args:
        owner: `[H, W]` int32, for pixels beside a thing, which may show it in part, the number of its last pixel; for
            others their own.
        device: where pixels are projected.
    """
    look, nearest = _Look(scene, camera), _nearest(scene, camera, device)
    seen = look.filled(nearest)
    edges = np.flatnonzero(_edges(seen.disparity))
    parts = look.parts(edges, nearest, seen.disparity.ravel(), owner.ravel())
    return ViewWithEdges(seen.sources, seen.disparity, edges, *parts)


def view(scene: DepthScene, camera: PinholeCamera, wanted: np.ndarray, device: torch.device | str = "cpu") -> View:
    """What a camera sees of a scene in some pixels, `wanted` `[H, W]` bool; `device` as above."""
    nearest = _nearest(scene, camera, device)
    nearest[~wanted.ravel()] = -1
    return _Look(scene, camera).filled(nearest, wanted)


def _nearest(scene: DepthScene, camera: PinholeCamera, device: torch.device | str) -> np.ndarray:
    """For each pixel of the view the number of the nearest pixel of the picture that falls on it; -1 without one."""
    width, height = camera.size
    places = torch.from_numpy(camera.project(scene)).to(device).reshape(-1, 3)
    column, row = places[:, 0].round(), places[:, 1].round()
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    number = torch.nonzero(inside)[:, 0]
    target = row[number].long() * width + column[number].long()
    disparity = places[number, 2]
    buffer = torch.full((width * height,), -1.0, device=places.device)
    buffer.scatter_reduce_(0, target, disparity, "amax")
    won = disparity == buffer[target]
    found = torch.full((width * height,), -1, dtype=torch.long, device=places.device)
    found[target[won]] = number[won]
    return found.cpu().numpy()


class _Look:
    """Rays of a view, and where they meet the planes of a scene's pixels."""

    def __init__(self, scene: DepthScene, camera: PinholeCamera):
        self.scene, self.camera = scene, camera
        self.planes = scene.planes.reshape(-1, 3)
        self.far = scene.disparity.ravel()
        inverse = camera.turn.T
        self.ray_of = (inverse @ np.linalg.inv(camera.intrinsics)).astype(np.float32)
        x, y = np.meshgrid(*(np.arange(side, dtype=np.float64) for side in camera.size))
        rays = np.stack([x, y, np.ones_like(x)], -1) @ self.ray_of.T.astype(np.float64)
        self.rays = rays.reshape(-1, 3).astype(np.float32)  # [H * W, 3], of the view's pixels, in the scene
        self.away = (inverse @ camera.shift).astype(np.float32)
        self.scale = (1 + self.planes @ self.away).astype(np.float32)

    def meet(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float] = (0.0, 0.0)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where the rays of the view's pixels, `offset` from their centres, meet the planes of the scene's pixels of
        some numbers: places `[N, 2]`, NaN where they do not belong to the same thing, and their disparity `[N]` in
        the view, -1 there."""
        places, disparity = self._met(pixels, numbers, offset)
        there = self._number(places)
        wrong = ~(disparity >= 0) | ~self._inside(places) | ~self._alike(there, numbers) | ~self._near(places, numbers)
        places[wrong] = np.nan
        disparity[wrong] = -1
        return places, disparity

    def _met(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        planes = self.planes[numbers]
        rays = self.rays[pixels] + (self.ray_of[:, :2] @ np.float32(offset))
        with np.errstate(divide="ignore", invalid="ignore"):
            disparity = np.einsum("nk,nk->n", planes, rays) / self.scale[numbers]
            places = (rays - self.away * disparity[:, None]) @ self.scene.intrinsics.T.astype(np.float32)
            return places[:, :2] / places[:, 2:], disparity

    def _inside(self, places: np.ndarray) -> np.ndarray:
        width, height = self.scene.size
        x, y = places.T
        with np.errstate(invalid="ignore"):
            return (x > -0.5) & (y > -0.5) & (x < width - 0.5) & (y < height - 0.5)

    def _alike(self, there: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """`[N]` bool: whether the picture's pixels of some numbers `there` show the things of others, by their
        disparity."""
        width = self.scene.size[0]
        across, down = (slope.ravel()[numbers] for slope in self.scene.slopes)
        expected = self.far[numbers] + across * (there % width - numbers % width)
        expected += down * (there // width - numbers // width)
        found = self.far[there]
        return np.abs(found - expected) <= ALIKE * np.maximum(found, expected)

    def _near(self, places: np.ndarray, numbers: np.ndarray, reach: float = 0.5) -> np.ndarray:
        """`[N]` bool: whether places are as near to pixels as the slopes of these are known."""
        width = self.scene.size[0]
        fine = np.ones(len(numbers), bool)
        for thin, place, own in zip(self.scene.thin, places.T, (numbers % width, numbers // width), strict=True):
            fine &= ~thin.ravel()[numbers] | (np.abs(place - own) <= reach)
        return fine

    def filled(self, nearest: np.ndarray, wanted: np.ndarray | None = None) -> View:
        """The view from the nearest pixel of each of its pixels, with those between filled by their neighbours, which
        `nearest` has then too. Only `wanted` pixels, if they are given."""
        width, height = self.camera.size
        places = np.full((width * height, 2), np.nan, np.float32)
        disparity = np.full(width * height, -1, np.float32)
        known = np.flatnonzero(nearest >= 0)
        places[known], disparity[known] = self.meet(known, nearest[known])
        shaped = disparity.reshape(height, width)
        for _ in range(MOST_ROUNDS):
            changed = False
            for step, axis in ((1, 1), (-1, 1), (1, 0), (-1, 0)):
                beside = np.full((height, width), -1, np.float32)
                to, of = _shifted(step, axis)
                beside[to] = shaped[of]
                # What is farther than a neighbour may be seen through a gap in that neighbour's thing.
                nearer = beside > shaped + NEAR * np.maximum(shaped, 0) + EPSILON
                asked = np.flatnonzero(nearer if wanted is None else nearer & wanted)
                if not len(asked):
                    continue
                source = nearest[asked - (step if axis else step * width)]
                found, near = self.meet(asked, source)
                better = near > disparity[asked]
                # What curves away from the camera ends sooner than the plane of a neighbour.
                asked, number = asked[better], self._number(found[better])
                found, near = self.meet(asked, number)
                better = near > disparity[asked]
                chosen = asked[better]
                places[chosen], disparity[chosen] = found[better], near[better]
                nearest[chosen] = self._number(found[better])
                changed |= bool(better.any())
            if not changed:
                break
        return View(places.reshape(height, width, 2), shaped)

    def parts(
        self, edges: np.ndarray, nearest: np.ndarray, disparity: np.ndarray, owner: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What parts of pixels show, of the things in them and beside them: as `ViewWithEdges` has it."""
        width, height = self.camera.size
        column, row = edges % width, edges // width
        around = [edges]
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            around.append((row + dy).clip(0, height - 1) * width + (column + dx).clip(0, width - 1))
        layers = [_TwoLayers.of(len(edges)) for _ in PARTS]
        for found, offset in zip(layers, PARTS, strict=True):
            for other in around:
                some = np.flatnonzero(disparity[other] >= 0)
                places, _, whole, soft = self._met_softly(edges[some], nearest[other[some]], offset, owner)
                # Again with the plane of the place that was found: what is curved has others there.
                fine = whole | soft
                some, there = some[fine], self._number(places[fine])
                there = np.where(whole[fine], there, owner[there])
                places, near, whole, soft = self._met_softly(edges[some], there, offset, owner)
                found.add(some[whole | soft], places[whole | soft], near[whole | soft], soft[whole | soft])
        return tuple(np.stack([getattr(each, name) for each in layers], 1) for name in ("first", "beside", "second"))

    def _met_softly(
        self, pixels: np.ndarray, numbers: np.ndarray, offset: tuple[float, float], owner: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """As `meet`, with `[N]` bool twice: where the picture shows the same thing, and where it does so in part."""
        places, disparity = self._met(pixels, numbers, offset)
        there = self._number(places)
        fine = (disparity >= 0) & self._inside(places)
        whole = fine & self._alike(there, numbers) & self._near(places, numbers)
        soft = fine & ~whole & (owner[there] != there)
        soft &= self._alike(owner[there], numbers) & self._near(places, numbers, SOFT)
        return places, disparity, whole, soft

    def _number(self, places: np.ndarray) -> np.ndarray:
        width, height = self.scene.size
        with np.errstate(invalid="ignore"):
            column, row = (np.nan_to_num(np.rint(part)).clip(-1e6, 1e6).astype(np.int64) for part in places.T)
        return row.clip(0, height - 1) * width + column.clip(0, width - 1)


@dataclass
class _TwoLayers:
    """Of K pixels the nearest that is seen there, and what is behind that.

    Attributes:
        first, second: `[K, 2]` float32, places; NaN for none.
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
        places, none = np.full((count, 2), np.nan, np.float32), np.full(count, -1, np.float32)
        return cls(places, places.copy(), none, none.copy(), np.zeros(count, bool))

    def add(self, some: np.ndarray, places: np.ndarray, nearness: np.ndarray, beside: np.ndarray) -> None:
        """What is seen in some of the pixels, too."""
        own = self.nearness[some]
        better = nearness > own
        hides = better & (nearness > own * (1 + NEAR)) & ~self.beside[some]
        self.second[some[hides]], self.second_nearness[some[hides]] = self.first[some[hides]], own[hides]
        behind = ~better & ~beside & (nearness < own * (1 - NEAR)) & (nearness > self.second_nearness[some])
        self.second[some[behind]], self.second_nearness[some[behind]] = places[behind], nearness[behind]
        new = some[better]
        self.first[new], self.nearness[new], self.beside[new] = places[better], nearness[better], beside[better]


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
