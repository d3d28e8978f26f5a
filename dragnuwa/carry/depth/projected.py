"""The motion of a layer in a picture with depth, as a moving camera sees it.

A layer moves in the picture as it was drawn to, at its own depth. One that stands on the ground never sinks into it:
dragged down in the picture, it comes nearer, as far as the ground there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np
from scipy import ndimage

from ...common.kept import Kept
from ...geometry.grids import Box
from ...geometry.similarity import SimilarityTransform
from ...geometry.warps import BendWarp, SimilarityWarp, Warp, similarity_near
from ..layers import Region
from ..rendering import OPAQUE
from .camera import FLAT_RELIEF, ROUNDS, PinholeCamera, disparity_at, intersect, rays_at
from .scene import DepthScene, Plane

TRUSTED = (0.05, 0.95)  # quantiles of a layer's disparity; beyond them, that of what is beside it was taken for its own
INNER = np.ones((5, 5), np.uint8)  # px from its edge, where depth is blurred
SMOOTH = 0.06  # of the root of its area: relief that is kept
FOOT = 0.15  # of its height: its lowest part, and how far around that the ground is looked at
STANDS = 0.25  # part of the disparity by which a layer's foot may differ from the ground on which it stands
EVEN = 0.05  # the same, of the ground from a plane
NEARNESS_RANGE = (0.2, 5.0)  # how many times as near the ground brings a layer
FEW_POSITIONS = 12
FORWARD_ROUNDS = 8  # of finding where a warp takes a point
TOLERANCE = 1e-3  # px
PARTS_OF_BLUR = 4  # steps per sigma of a relief's blur, at which it is looked up first
MOST_STEP = 8  # px, of those steps
FRAMES_KEPT = 2  # as many as are rendered at once
BAND = 64  # rows of a frame that are looked up at a time: what is computed for them stays in the processor's cache


@dataclass(frozen=True)
class Relief:
    """Where a layer is in depth.

    Attributes:
        disparity: `[h, w]` float32 in its box, smooth, also beyond its edge.
        foot: x + iy, in pixels of the picture: its lowest point.
        ground: what it stands on; None for what stands on nothing.
        grows: whether it grows as the ground brings it nearer, and shrinks as that takes it away. Otherwise it keeps
            its size, and is never taken farther away.
        smooth: px, the sigma of the Gaussian by which the disparity was blurred; 0 if it was not.
    """

    disparity: np.ndarray
    foot: complex
    ground: Plane | None
    grows: bool = False
    smooth: float = 0.0

    @cached_property
    def middle(self) -> float:
        """The disparity of most of it."""
        return float(np.median(self.disparity))

    @cached_property
    def is_flat(self) -> bool:
        """Whether all of it is at one depth."""
        return bool(np.ptp(self.disparity) <= FLAT_RELIEF * self.disparity.max())


@dataclass(frozen=True)
class Projected:
    """A motion in a picture with depth, as a moving camera sees it (`dragnuwa.geometry.warps.DepthWarp`).

    Attributes:
        warp: the motion in the picture; None at rest.
        relief: where what moves is in depth.
        box: of the relief, in the picture.
        cameras: one for each frame.
        intrinsics: `[3, 3]`, of the picture.
    """

    warp: Warp | None
    relief: Relief
    box: Box
    cameras: Sequence[PinholeCamera]
    intrinsics: np.ndarray
    _similarities: dict[int, SimilarityTransform] = field(default_factory=dict, compare=False, repr=False)
    _reliefs: Kept = field(default_factory=lambda: Kept(FRAMES_KEPT), compare=False, repr=False)
    _meshes: Kept = field(default_factory=lambda: Kept(FRAMES_KEPT), compare=False, repr=False)

    @property
    def origin(self) -> complex:
        """The first pixel of its box."""
        return self.box.left + 1j * self.box.top

    def similarity(self, time: int) -> SimilarityTransform:
        """The similarity transform that its motion in the picture comes closest to, before the ground has its say."""
        if time not in self._similarities:
            self._similarities[time] = similarity_near(self.warp, self.box, time)
        return self._similarities[time]

    def nearer(self, time: int) -> float:
        """How many times as near as at first the ground has brought it."""
        ground, foot = self.relief.ground, self.relief.foot
        if ground is None:
            return 1.0
        there = self.similarity(time).apply(foot)
        nearer = float(np.clip(ground.at(there) / ground.at(foot), *NEARNESS_RANGE))
        return nearer if self.relief.grows else max(1.0, nearer)

    def nearness(self, time: int) -> float:
        """The disparity of most of it in a frame."""
        return self.relief.middle * self.nearer(time)

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        """As `Warp.sources`."""
        return self.seen(positions, time)[0]

    def seen(self, positions: np.ndarray, time: int) -> tuple[np.ndarray, np.ndarray]:
        """As `DepthWarp.seen`."""
        if positions.ndim != 2 or len(positions) <= BAND:
            return self._seen(positions, time)
        sources, disparity = np.empty(positions.shape, complex), np.empty(positions.shape)
        for top in range(0, len(positions), BAND):
            rows = slice(top, top + BAND)
            sources[rows], disparity[rows] = self._seen(positions[rows], time)
        return sources, disparity

    def _seen(self, positions: np.ndarray, time: int) -> tuple[np.ndarray, np.ndarray]:
        camera, nearer = self.cameras[time], self.nearer(time)
        rays, away = rays_at(camera, positions), camera.rotation.T @ camera.translation
        if (bent := self._bent(time)) is not None:
            sources = bent.sources(positions, 0)
            own = disparity_at(self.relief.disparity, sources - self.origin) * nearer
            return sources, intersect(own, rays, away, self.intrinsics)[1]
        own = np.full(positions.shape, self.relief.middle * nearer)
        if not self.relief.is_flat:
            own = self._met(own, positions, rays, time)
        places, seen = intersect(own, rays, away, self.intrinsics)
        sources = self._shrunk_about_foot(places, time)
        return (sources if self.warp is None else self.warp.sources(sources, time)), seen

    def _met(self, own: np.ndarray, positions: np.ndarray, rays: np.ndarray, time: int) -> np.ndarray:
        """The disparity of its relief where the rays of positions meet it, by fixed-point steps from `own`.

        Of a smooth relief, they are taken for a few positions, and more of them: what lies between is smooth, too.
        """
        step = self._step(positions)
        if step == 1:
            return self._steps(own, rays, time, ROUNDS)
        grid = _coarse(positions, step)
        few = self._steps(np.full(grid.shape, own.flat[0]), rays_at(self.cameras[time], grid), time, 2 * ROUNDS)
        return _refined(few, step, own.shape)

    def _steps(self, own: np.ndarray, rays: np.ndarray, time: int, rounds: int) -> np.ndarray:
        (relief, corner), nearer = self._moved_relief(time), self.nearer(time)
        away = self.cameras[time].rotation.T @ self.cameras[time].translation
        for _ in range(rounds):
            at = self._shrunk_about_foot(intersect(own, rays, away, self.intrinsics)[0], time)
            at = self.warp.sources(at, time) if isinstance(self.warp, SimilarityWarp) else at
            own = disparity_at(relief, at - corner) * nearer
        return own

    def _step(self, positions: np.ndarray) -> int:
        """The distance in px, a power of two, of positions of a grid from which the others follow; 1 for others."""
        finest = min(self.relief.smooth / PARTS_OF_BLUR, MOST_STEP)
        torn = self.warp is not None and not isinstance(self.warp, SimilarityWarp)
        if finest < 2 or torn or positions.ndim != 2 or min(positions.shape) < MOST_STEP:
            return 1
        return 2 ** int(np.log2(finest))

    def _bent(self, time: int) -> BendWarp | None:
        """A mesh as the camera sees its points, as the only frame; None of what is no mesh, or is in part behind the
        camera. So nothing is torn where the depth has a step, such as that of an arm before a body."""
        if not isinstance(self.warp, BendWarp):
            return None
        found = self._meshes.made(time, lambda: self._projected_mesh(self.warp, time))
        return None if np.isnan(found.points).any() else found

    def _projected_mesh(self, warp: BendWarp, time: int) -> BendWarp:
        there = self.project(warp.rest.mesh.points, time)
        return warp.with_points((there[:, 0] + 1j * there[:, 1])[None])

    def _moved_relief(self, time: int) -> tuple[np.ndarray, complex]:
        """The disparity `[h, w]` of what a motion has brought to each place of the picture, continued beyond it, and
        the first of those places; of what moves by a similarity transform, that of its own places."""
        if self.warp is None or isinstance(self.warp, SimilarityWarp):
            return self.relief.disparity, self.origin
        return self._reliefs.made(time, lambda: self._warped_relief(self.warp, time))

    def _warped_relief(self, warp: Warp, time: int) -> tuple[np.ndarray, complex]:
        """As `_moved_relief`, of what moves otherwise."""
        width, height = self.cameras[time].size
        frames_around = Box(-width, -height, 2 * width, 2 * height)  # pins may be pulled far away
        reach = warp.reach(self.box, time).common(frames_around)
        if reach.empty:
            return self.relief.disparity, self.origin
        sources = warp.sources(reach.positions(), time)
        found = disparity_at(self.relief.disparity, sources - self.origin)
        unknown = np.isnan(sources)
        if unknown.any() and not unknown.all():
            nearest = ndimage.distance_transform_edt(unknown, return_distances=False, return_indices=True)
            found = found[tuple(nearest)]
        return found, reach.left + 1j * reach.top

    def project(self, positions: np.ndarray, time: int) -> np.ndarray:
        """`[N, 3]`: x, y and disparity in a frame of points `[N]` (complex) of the picture that lie on it; NaN behind
        the camera."""
        own = disparity_at(self.relief.disparity, positions - self.origin) * self.nearer(time)
        there = self._grown_about_foot(self._forward(positions, time), time)
        camera = self.cameras[time]
        return camera.project_positions(there.real, there.imag, own.astype(np.float64), self.intrinsics)

    def reach(self, box: Box, time: int) -> Box:
        """As `Warp.reach`: a whole frame where part of it is behind the camera."""
        camera = self.cameras[time]
        moved = box if self.warp is None else self.warp.reach(box, time)
        corners = self._grown_about_foot(moved.corners(), time)
        disparity, nearer = self.relief.disparity, self.nearer(time)
        seen = np.concatenate([
            camera.project_positions(corners.real, corners.imag, np.full(4, float(each) * nearer), self.intrinsics)
            for each in (disparity.min(), disparity.max())
        ])  # fmt: skip
        if np.isnan(seen).any():
            return Box(0, 0, *camera.size)
        return Box.around(seen[:, 0] + 1j * seen[:, 1], 2)

    def _shrunk_about_foot(self, places: np.ndarray, time: int) -> np.ndarray:
        """Places to which the motion alone has taken what the ground has then made larger, about its foot."""
        if not self.relief.grows or self.relief.ground is None:
            return places
        foot = self.similarity(time).apply(self.relief.foot)
        return foot + (places - foot) / self.nearer(time)

    def _grown_about_foot(self, places: np.ndarray, time: int) -> np.ndarray:
        """Places to which the motion alone has taken it, as far from its foot as it has grown."""
        if not self.relief.grows or self.relief.ground is None:
            return places
        foot = self.similarity(time).apply(self.relief.foot)
        return foot + (places - foot) * self.nearer(time)

    def _forward(self, positions: np.ndarray, time: int) -> np.ndarray:
        """Where the motion in the picture takes points of it: of what is no mesh from the closest similarity on, by
        fixed-point steps."""
        if isinstance(self.warp, BendWarp):
            return self.warp.forward(positions.ravel(), time).reshape(positions.shape)
        similarity = self.similarity(time)
        there = similarity.apply(positions)
        if self.warp is None or isinstance(self.warp, SimilarityWarp):
            return there
        for _ in range(FORWARD_ROUNDS):
            missed = np.nan_to_num(positions - self.warp.sources(there, time))
            there = there + similarity.factor * missed
            if np.abs(missed).max(initial=0) < TOLERANCE:
                break
        return there


def _coarse(positions: np.ndarray, step: int) -> np.ndarray:
    """Every so many positions of a grid `[h, w]` (complex), and so many more beyond it that it lies between them."""
    rows, columns = (np.arange(0, side + step - 1, step) for side in positions.shape)
    first = positions[0, 0]
    return first + columns * (positions[0, 1] - first) + rows[:, None] * (positions[1, 0] - first)


def _refined(few: np.ndarray, step: int, shape: tuple[int, int]) -> np.ndarray:
    """`[h, w]` of that `shape`: between values `[r, c]` of every so many pixels, interpolated linearly."""
    scale = np.array([[1 / step, 0, 0], [0, 1 / step, 0]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(few, scale, shape[::-1], flags=how, borderMode=cv2.BORDER_REPLICATE)


def projected(region: Region, relief: Relief, cameras: Sequence[PinholeCamera], scene: DepthScene) -> Region:
    """A region of a picture with depth, as cameras see it, one for each frame."""

    def seen(warp: Warp | None) -> Projected:
        return Projected(warp, relief, region.box, cameras, scene.intrinsics)

    return replace(region, warp=seen(region.warp), exposures=tuple(seen(warp) for warp in region.exposures))


def foot_of(region: Region) -> complex:
    """The lowest point of a region, in pixels of the picture."""
    rows, columns = np.nonzero(region.opacity >= min(OPAQUE, float(region.opacity.max())))
    lowest = rows >= rows.max() - max(1, round(FOOT / 3 * np.ptp(rows)))
    return complex(region.box.left + columns[lowest].mean(), region.box.top + rows.max())


def own_disparity(scene: DepthScene, region: Region) -> tuple[np.ndarray, float]:
    """`[h, w]` float32: the disparity of a region in its box, from the picture's, smooth, and continued beyond it; and
    the sigma of the Gaussian by which it is smooth, in px."""
    found = scene.disparity[region.box.slices]
    inside = region.opacity >= min(OPAQUE, float(region.opacity.max()))
    inner = cv2.erode(inside.astype(np.uint8), INNER, borderValue=0) > 0
    inside = inner if inner.any() else inside
    low, high = np.quantile(found[inside], TRUSTED)
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    whole = found.clip(low, high)[tuple(nearest)]
    sigma = max(1.0, SMOOTH * float(np.sqrt(inside.sum())))
    return cv2.GaussianBlur(whole, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE).astype(np.float32), sigma


def ground_under(scene: DepthScene, region: Region, disparity: np.ndarray, hole: np.ndarray) -> Plane | None:
    """The ground on which a region stands, as a plane through what is seen around its foot; None if it stands on
    nothing that is seen there.

    Args:
        disparity: of the region, `[h, w]` in its box.
        hole: `[H, W]` bool, what is not ground.
    """
    foot = foot_of(region)
    height = region.box.bottom - region.box.top
    reach = max(6.0, FOOT * height)
    y, x = np.mgrid[: scene.size[1], : scene.size[0]]
    half = (region.box.right - region.box.left) / 2
    near = (np.abs(y - foot.imag) <= reach) & (np.abs(x - foot.real) <= half + reach) & ~hole & (scene.disparity > 0)
    rows, columns = np.nonzero(near)
    if len(rows) < FEW_POSITIONS:
        return None
    values = scene.disparity[near].astype(np.float64)
    terms = np.stack([columns, rows, np.ones(len(rows))], 1)
    weight = np.ones(len(rows))
    for _ in range(5):  # least absolute deviations, by weighted least squares
        found, *_ = np.linalg.lstsq(terms * weight[:, None], values * weight, rcond=None)
        weight = 1 / np.sqrt(np.maximum(np.abs(values - terms @ found), 1e-6))
    plane = Plane(*(float(each) for each in found))
    there, own = plane.at(foot), float(np.median(disparity[int(foot.imag) - region.box.top - int(reach / 2) :]))
    even = np.median(np.abs(values - terms @ found)) <= EVEN * there
    stands = even and plane.down >= 0 and abs(there - own) <= STANDS * own
    return plane if stands and there > 0 else None
