"""What another camera sees of a picture with depth: for each of its pixels the place of the picture that it shows.

Every pixel of the picture is projected into the view, and of those that meet in one pixel the nearest is kept. Its
plane says exactly which place of the picture that pixel shows. Pixels between the projected ones, as where the camera
comes nearer, are shown by the plane of a neighbour, as far as the picture goes on there as the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ...geometry.grids import Box
from .edge_parts import NEAR, PARTS, parts_of
from .rays import Rays
from .scene import STEP, DepthScene
from .surface import rays_of, seen_surface

MOST_ROUNDS = 8  # px between projected pixels that are filled, twice
EPSILON = 1e-9


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
        parts: `[K, P, 2]` float32, the positions that parts of those pixels show; NaN where they show nothing.
        beside: `[K, P]` bool, where that is the soft edge of a thing, beside the pixels that have its depth.
        second: `[K, P, 2]` float32, the positions that are seen where those are not opaque; NaN where nothing is.
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
        return self.project_positions(np.arange(width), np.arange(height)[:, None], scene.disparity, scene.intrinsics)

    def project_positions(
        self, x: np.ndarray, y: np.ndarray, disparity: np.ndarray, intrinsics: np.ndarray
    ) -> np.ndarray:
        """`[..., 3]`: the same of positions (x, y) of a picture with `intrinsics`, computed as precisely as `disparity`
        is given. The three are broadcast."""
        return np.stack(self._projected(x, y, disparity, intrinsics), -1)

    def _projected(self, x: np.ndarray, y: np.ndarray, disparity: np.ndarray, intrinsics: np.ndarray):
        dtype = disparity.dtype
        matrix = (self.intrinsics @ self.turn @ np.linalg.inv(intrinsics)).astype(dtype)
        moved = (self.intrinsics @ self.shift).astype(dtype)
        x, y = x.astype(dtype), y.astype(dtype)
        parts = [row[0] * x + (row[1] * y + row[2]) + by * disparity for row, by in zip(matrix, moved, strict=True)]
        ahead = parts[2]  # 1 / disparity times as far as the pixel's depth
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(ahead > EPSILON, 1 / ahead, np.nan).astype(dtype)
        return parts[0] * scale, parts[1] * scale, disparity * scale

    def project_apart(self, scene: DepthScene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As `project`, x, y and disparity `[H, W]` each."""
        width, height = scene.size
        return self._projected(np.arange(width), np.arange(height)[:, None], scene.disparity, scene.intrinsics)


def view_with_edges(
    scene: DepthScene, camera: PinholeCamera, owner: np.ndarray, device: torch.device | str = "cpu"
) -> ViewWithEdges:
    """What a camera sees of a scene, and of the parts of pixels at the edges of things.

    Args:
        owner: `[H, W]` int32, for pixels beside a thing, which may show it in part, the number of its last pixel; for
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
    found = seen_surface(scene, rays_of(camera, Box(0, 0, *camera.size)), camera.turn.T @ camera.shift)
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
    positions[known], disparity[known] = rays.meet(known, nearest[known])
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
            found, near = rays.meet(asked, nearest[asked - (step if axis else step * width)])
            better = near > disparity[asked]
            # What curves away from the camera ends sooner than the plane of a neighbour.
            asked, numbers = asked[better], rays.number(found[better])
            found, near = rays.meet(asked, numbers)
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
    """Whether one disparity is so much larger than another one that this may be seen through a gap in its thing."""
    return one > other + NEAR * np.maximum(other, 0) + EPSILON


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
