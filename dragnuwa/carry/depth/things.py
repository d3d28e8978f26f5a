"""Things of a picture with depth: layers that are dragged in it, and where a moving camera sees them.

A thing moves in the picture as it was drawn to, at its own depth. One that stands on the ground never sinks into it:
dragged down in the picture, it comes nearer, as far as the ground there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy import ndimage

from ...common.interrupt import checkpoint
from ...geometry.grids import Box
from ...geometry.similarity import AT_PLACE, SimilarityTransform, fit_similarity
from ...geometry.warps import InverseDistanceWarp, SimilarityWarp, Warp
from ..bend_warp import BendWarp
from ..layers import Layer
from .camera import PinholeCamera
from .scene import DepthScene, Plane
from .surface import ONE_WALL, ROUNDS, disparity_at, met, rays_of

OPAQUE = 0.5  # opacity from which a pixel counts as the thing's
TRUSTED = (0.05, 0.95)  # quantiles of a thing's disparity; beyond them, that of what is beside it was taken for its own
INNER = np.ones((5, 5), np.uint8)  # px from its edge, where depth is blurred
SMOOTH = 0.06  # of the root of its area: relief that is kept
FOOT = 0.15  # of its height: its lowest part, and how far around that the ground is looked at
STANDS = 0.25  # part of the disparity by which a thing's foot may differ from the ground on which it stands
EVEN = 0.05  # the same, of the ground from a plane
NEARER = (0.2, 5.0)  # how many times as near the ground brings a thing
FAR_AWAY = 1e4  # px, beyond every picture
MOST = 0.3  # of the picture's longer side
WIDER = 1.15  # than what comes into view
LEAST = 2  # px
TOUCHING = 3  # px, how near the border the rim of what it cuts off may end
SOFT = 4  # px at the border whose opacity is that of an edge


@dataclass(frozen=True)
class Thing:
    """
    Attributes:
        layer: its part of the picture, and its motion there.
        box: where its pixels are in the picture; it may reach beyond that.
        pixels: `[h, w, 4]` float32 from 0 to 1 in the box: its colours and opacity.
        disparity: `[h, w]` float32 in the box, smooth, also beyond its edge.
        foot: x + iy, in pixels of the picture: its lowest point.
        ground: what it stands on; None for what stands on nothing.
        grows: whether it grows as the ground brings it nearer, and shrinks as that takes it away. Otherwise it keeps
            its size, and is never taken farther away.
    """

    layer: Layer
    box: Box
    pixels: np.ndarray
    disparity: np.ndarray
    foot: complex
    ground: Plane | None
    grows: bool = False

    @property
    def origin(self) -> complex:
        """The first pixel of its box."""
        return self.box.left + 1j * self.box.top

    def moved(self, time: int, warp: Warp | None = None) -> tuple[SimilarityTransform, float]:
        """Where it is in the picture at a frame, and how many times as near as at first. `warp` is its motion at an
        instant around the frame, in place of its own."""
        motion = similarity_of(warp or self.layer.warp, time)
        if self.ground is None:
            return motion, 1.0
        foot = motion.apply(self.foot)
        nearer = float(np.clip(self.ground.at(foot) / self.ground.at(self.foot), *NEARER))
        if not self.grows:
            return motion, max(1.0, nearer)
        factor = motion.factor * nearer
        return SimilarityTransform(factor, foot - factor * self.foot), nearer

    def project(self, positions: np.ndarray, camera: PinholeCamera, scene: DepthScene, time: int) -> np.ndarray:
        """`[N, 3]`: x, y and disparity in a frame of points `[N]` (complex) of the picture that lie on it; NaN behind
        the camera.

        Args:
            scene: of the picture, for its camera.
        """
        motion, nearer = self.moved(time)
        own = disparity_at(self.disparity, positions - self.origin) * nearer
        there = motion.apply(positions)
        return camera.project_positions(there.real, there.imag, own.astype(np.float64), scene.intrinsics)

    def reach(self, camera: PinholeCamera, scene: DepthScene, time: int) -> Box:
        """The box of a frame outside of which it is not seen."""
        width, height = camera.size
        motion, nearer = self.moved(time)
        corners = motion.apply(self.box.corners())
        least, most = (float(each) * nearer for each in (self.disparity.min(), self.disparity.max()))
        seen = np.concatenate([
            camera.project_positions(corners.real, corners.imag, np.full(4, each), scene.intrinsics)
            for each in (least, most)
        ])  # fmt: skip
        if np.isnan(seen).any():
            return Box(0, 0, width, height)
        return Box.around(seen[:, 0] + 1j * seen[:, 1], 2).within(width, height)

    def sources(
        self, camera: PinholeCamera, scene: DepthScene, time: int, window: Box, warp: Warp | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """What of it a camera sees.

        Args:
            scene: of the picture, for its camera.
            window: part of the frame.
            warp: as for `moved`.

        Returns:
            `[h, w]` complex, the points of the picture that the window's pixels show of it, NaN behind the camera; and
            `[h, w]`, their disparity.
        """
        motion, nearer = self.moved(time, warp)
        rays = rays_of(camera, window)  # [h, w, 3]
        away = camera.turn.T @ camera.shift
        own = np.full(rays.shape[:2], float(np.median(self.disparity)) * nearer)
        back = motion.inverse()
        positions, seen = met(own, rays, away, scene.intrinsics)
        positions = back.apply(positions)
        relief = np.ptp(self.disparity) > ONE_WALL * self.disparity.max()
        for _ in range(ROUNDS if relief else 0):
            own = disparity_at(self.disparity, positions - self.origin) * nearer
            positions, seen = met(own, rays, away, scene.intrinsics)
            positions = back.apply(positions)
        return positions, seen

    def looked_up(self, positions: np.ndarray) -> np.ndarray:
        """`[h, w, 4]`: its pixels at points `[h, w]` (complex) of the picture; nothing beyond its box, and at NaN."""
        at = np.nan_to_num(positions - self.origin, nan=-FAR_AWAY)
        x, y = (part.clip(-FAR_AWAY, FAR_AWAY).astype(np.float32) for part in (at.real, at.imag))
        found = cv2.remap(self.pixels[..., :3], x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        opacity = cv2.remap(self.pixels[..., 3], x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return np.concatenate([found, opacity[..., None]], -1)


def similarity_of(warp: Warp | None, time: int) -> SimilarityTransform:
    """A layer's motion at a frame, as a whole."""
    if warp is None:
        return AT_PLACE
    if isinstance(warp, SimilarityWarp):
        return warp.motion.at(time)
    raise TypeError(f"{type(warp).__name__} has no single transform per frame.")


def as_whole(layer: Layer) -> Layer:
    """A layer that moves by one similarity transform: surroundings of several drags hardly bend, and what bends in a
    picture is rigid in its depth."""
    if isinstance(layer.warp, BendWarp):
        return replace(layer, warp=SimilarityWarp(fit_similarity(layer.warp.points.T)), exposures=())
    if isinstance(layer.warp, InverseDistanceWarp):
        return replace(layer, warp=SimilarityWarp(fit_similarity(layer.warp.points)))
    return layer


def foot_of(layer: Layer) -> complex:
    """The lowest point of a layer, in pixels of the picture."""
    rows, columns = np.nonzero(layer.opacity >= min(OPAQUE, float(layer.opacity.max())))
    lowest = rows >= rows.max() - max(1, round(FOOT / 3 * np.ptp(rows)))
    return complex(layer.box.left + columns[lowest].mean(), layer.box.top + rows.max())


def own_disparity(scene: DepthScene, layer: Layer) -> np.ndarray:
    """`[h, w]` float32: the disparity of a layer in its box, from the picture's; smooth, and continued beyond it."""
    found = scene.disparity[layer.box.slices]
    inside = layer.opacity >= min(OPAQUE, float(layer.opacity.max()))
    inner = cv2.erode(inside.astype(np.uint8), INNER, borderValue=0) > 0
    inside = inner if inner.any() else inside
    low, high = np.quantile(found[inside], TRUSTED)
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    whole = found.clip(low, high)[tuple(nearest)]
    sigma = max(1.0, SMOOTH * float(np.sqrt(inside.sum())))
    return cv2.GaussianBlur(whole, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE).astype(np.float32)


def ground_under(scene: DepthScene, layer: Layer, disparity: np.ndarray, hole: np.ndarray) -> Plane | None:
    """The ground on which a thing stands, as a plane through what is seen around its foot; None if it stands on
    nothing that is seen there.

    Args:
        disparity: of the thing, `[h, w]` in its box.
        hole: `[H, W]` bool, what is not ground.
    """
    foot = foot_of(layer)
    height = layer.box.bottom - layer.box.top
    reach = max(6.0, FOOT * height)
    y, x = np.mgrid[: scene.size[1], : scene.size[0]]
    half = (layer.box.right - layer.box.left) / 2
    near = (np.abs(y - foot.imag) <= reach) & (np.abs(x - foot.real) <= half + reach) & ~hole & (scene.disparity > 0)
    rows, columns = np.nonzero(near)
    if len(rows) < 12:
        return None
    values = scene.disparity[near].astype(np.float64)
    terms = np.stack([columns, rows, np.ones(len(rows))], 1)
    weight = np.ones(len(rows))
    for _ in range(5):  # least absolute deviations, by weighted least squares
        found, *_ = np.linalg.lstsq(terms * weight[:, None], values * weight, rcond=None)
        weight = 1 / np.sqrt(np.maximum(np.abs(values - terms @ found), 1e-6))
    plane = Plane(*(float(each) for each in found))
    there, own = plane.at(foot), float(np.median(disparity[int(foot.imag) - layer.box.top - int(reach / 2) :]))
    even = np.median(np.abs(values - terms @ found)) <= EVEN * there
    stands = even and plane.down >= 0 and abs(there - own) <= STANDS * own
    return plane if stands and there > 0 else None


def continued(thing: Thing, scene: DepthScene, cameras: Sequence[PinholeCamera]) -> Thing:
    """A thing that the picture's border cuts off, continued beyond it as far as a moving camera brings that into view.

    The thing as it is seen by the cameras, one for each frame: the same where nothing of it is cut off by the border
    of the picture that `scene` is of."""
    width, height = scene.size
    size = np.array([width, height, width, height])
    box, opacity = thing.box, thing.pixels[..., 3]
    rows, columns = np.nonzero(opacity >= OPAQUE)
    if not len(rows) or thing.layer.is_shadow:
        return thing
    ends = (columns.min() + box.left, rows.min() + box.top, width - 1 - columns.max() - box.left,
            height - 1 - rows.max() - box.top)  # fmt: skip
    cut_off = np.array([end <= TOUCHING for end in ends])
    wanted = np.zeros(4)
    for time, camera in enumerate(cameras):
        checkpoint()
        if cut_off.any():
            wanted = np.fmax(wanted, _come_in(thing, camera, scene, time))
    margins = np.minimum(np.ceil(wanted * WIDER) + LEAST, MOST * size.max())
    margins = np.where(cut_off, margins, 0).astype(int)
    return _grown(thing, margins, ends) if margins.any() else thing


def _come_in(thing: Thing, camera: PinholeCamera, scene: DepthScene, time: int) -> np.ndarray:
    """`[4]`: how far the picture's borders (left, top, right, bottom) have come into a frame, in the thing's pixels."""
    width, height = scene.size
    box = thing.box
    x, y = np.linspace(box.left, box.right - 1, 5), np.linspace(box.top, box.bottom - 1, 5)
    on = [0 + 1j * y, x + 0j, width - 1 + 1j * y, x + 1j * (height - 1)]
    found = [thing.project(each, camera, scene, time) for each in on]  # [5, 3] each
    own = float(np.median(thing.disparity))
    enlarged = max(float(np.nanmedian(found[0][:, 2])) / own if own > 0 else 1.0, 0.2)
    into = [found[0][:, 0].max(), found[1][:, 1].max(), width - 1 - found[2][:, 0].min(),
            height - 1 - found[3][:, 1].min()]  # fmt: skip
    return np.nan_to_num(np.array(into)) / enlarged


def _grown(thing: Thing, margins: np.ndarray, ends: tuple[int, int, int, int]) -> Thing:
    """The thing with margins (left, top, right, bottom) beyond what the picture shows of it: mirrored at its border,
    which leaves neither a seam nor a blur there."""
    left, top, right, bottom = (int(each) for each in margins)
    lost = [max(end, 0) + SOFT if margin else 0 for end, margin in zip(ends, margins, strict=True)]
    box = thing.box
    rows, columns = thing.pixels.shape[:2]
    inner = thing.pixels[lost[1] : rows - lost[3], lost[0] : columns - lost[2]]
    if not inner.size:
        return thing
    around = ((top + lost[1], bottom + lost[3]), (left + lost[0], right + lost[2]), (0, 0))
    disparity = np.pad(thing.disparity, ((top, bottom), (left, right)), mode="edge")
    larger = Box(box.left - left, box.top - top, box.right + right, box.bottom + bottom)
    return replace(thing, box=larger, pixels=np.pad(inner, around, mode="symmetric"), disparity=disparity)
