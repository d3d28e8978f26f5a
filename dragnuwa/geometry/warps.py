"""How layers of a picture move: by a similarity transform, an inverse-distance warp between tracks, or a bent mesh.

Points are complex numbers x + iy in pixels, as in `dragnuwa.geometry.similarity`. Warps are backward: they map
points of a frame to their source in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Protocol

import numpy as np

from ..common.kept import Kept
from .bending import Raster, carried
from .bending.mesh import signed_areas
from .grids import Box
from .similarity import AT_PLACE, SimilarityTransform, closest_similarity

DISTANCES = 2**22  # pairs of points and tracks processed at a time
SAMPLES = 9  # points along each side by which the scale of a warp is found, and the similarity that is closest
CACHED_RASTERS = 4  # frames whose raster is kept: those of a layer are asked for several times in turn


class Warp(Protocol):
    """The motion of a layer."""

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        """The source in the picture of `positions` (complex, any shape) of a frame; NaN where unknown."""

    def reach(self, box: Box, time: int) -> Box:
        """The bounding box, in a frame, of the picture's `box`."""


class DepthWarp(Warp, Protocol):
    """The motion of a layer in a picture with depth, as a camera sees it."""

    def seen(self, positions: np.ndarray, time: int) -> tuple[np.ndarray, np.ndarray]:
        """The source in the picture of `positions` `[h, w]` (complex) of a frame, NaN behind the camera; and the
        disparity (1 / depth) of what is seen there, -1 behind the camera."""

    def nearness(self, time: int) -> float:
        """The disparity of most of the layer in a frame, for the order of layers."""


@dataclass(frozen=True)
class SimilarityWarp:
    """A similarity transform: the layer is translated, rotated and scaled as a whole."""

    motion: SimilarityTransform

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        return (positions - self.motion.shift[time]) / self.motion.factor[time]

    def reach(self, box: Box, time: int) -> Box:
        corners = self.motion.factor[time] * box.corners() + self.motion.shift[time]
        return Box.around(corners, 1)


@dataclass(frozen=True)
class InverseDistanceWarp:
    """Tracks that are close and move alike: the motion between them is interpolated by Shepard's inverse-distance
    weights ("A two-dimensional interpolation function for irregularly-spaced data", 1968), exact on the tracks.

    Attributes:
        points: `[n, T]` complex.
        radius: in pixels, of what a track carries.
    """

    points: np.ndarray
    radius: float

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        """As `Warp.sources`; NaN where no track is near."""
        there, displacement = self.points[:, time], self.points[:, time] - self.points[:, 0]
        flat, moved = positions.ravel(), np.empty(positions.size, complex)
        step = max(1, DISTANCES // len(there))
        for first in range(0, len(flat), step):
            part = flat[first : first + step]
            distance = np.abs(part[:, None] - there)  # [P, n]
            weight = 1 / (distance**4 + 1e-9)
            moved[first : first + step] = np.where(
                distance.min(1) <= 2 * self.radius, part - (weight @ displacement) / weight.sum(1), np.nan
            )
        return moved.reshape(positions.shape)

    def reach(self, box: Box, time: int) -> Box:
        return Box.around(self.points[:, time], 2 * self.radius)


@dataclass(frozen=True)
class ResampledWarp:
    """A warp resampled to another frame rate, by linear interpolation between its frames.

    Attributes:
        warp: the original.
        step: frames of the original per frame of this one.
    """

    warp: Warp
    step: Fraction

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        before, part = divmod(time * self.step, 1)
        first = self.warp.sources(positions, int(before))
        if not part:
            return first
        return first + float(part) * (self.warp.sources(positions, int(before) + 1) - first)

    def reach(self, box: Box, time: int) -> Box:
        before, part = divmod(time * self.step, 1)
        first = self.warp.reach(box, int(before))
        return first.joined(self.warp.reach(box, int(before) + 1)) if part else first


def resampled(warp: Warp | None, step: Fraction) -> Warp | None:
    """`ResampledWarp`, or the warp itself if the rates are the same; None stays None."""
    if isinstance(warp, ResampledWarp):
        warp, step = warp.warp, warp.step * step
    return warp if warp is None or step == 1 else ResampledWarp(warp, step)


def scale_near(warp: Warp | None, box: Box, time: int) -> float:
    """How large a warp shows what is in a box of the picture, as a part of its size: the square root of the median
    growth of areas."""
    if warp is None:
        return 1.0
    if isinstance(warp, SimilarityWarp):
        return float(np.abs(warp.motion.factor[time]))
    if isinstance(warp, BendWarp):
        return warp.scale(time)
    places = _samples(warp.reach(box, time))
    sources = warp.sources(places, time)
    across, down = warp.sources(places + 1, time) - sources, warp.sources(places + 1j, time) - sources
    areas = np.abs((across.conj() * down).imag)[box.holds(sources)]
    middle = float(np.median(areas[np.isfinite(areas)])) if np.isfinite(areas).any() else 0.0
    return middle**-0.5 if middle > 0 else 1.0


def similarity_near(warp: Warp | None, box: Box, time: int) -> SimilarityTransform:
    """The similarity transform that a warp comes closest to in a frame, for what is in a box of the picture."""
    if warp is None:
        return AT_PLACE
    if isinstance(warp, SimilarityWarp):
        return warp.motion.at(time)
    places = _samples(warp.reach(box, time))
    sources = warp.sources(places, time)
    inside = box.holds(sources)
    if np.unique(sources[inside]).size < 2:
        return AT_PLACE
    return closest_similarity(sources[inside], places[inside])


def _samples(box: Box) -> np.ndarray:
    """`[SAMPLES * SAMPLES]` complex: evenly spaced points of a box."""
    x, y = np.linspace(box.left, box.right - 1, SAMPLES), np.linspace(box.top, box.bottom - 1, SAMPLES)
    return (x + 1j * y[:, None]).ravel()


@dataclass(frozen=True)
class BendWarp:
    """A bent mesh, as a motion (`dragnuwa.geometry.warps.Warp`).

    Attributes:
        rest: the mesh at rest.
        points: `[T, n]` complex, its points in each frame.
        order: `[m]` int, its triangles from back to front.
        reached: `[T]`, as of `dragnuwa.geometry.bending.Bent`.
        in_front: whether it is only what lies over another part of the same object.
    """

    rest: Raster
    points: np.ndarray
    order: np.ndarray
    reached: np.ndarray
    in_front: bool = False
    _rasters: Kept = field(default_factory=lambda: Kept(CACHED_RASTERS), compare=False, repr=False)

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        return self._raster(time).sources(positions, self.in_front)

    def reach(self, box: Box, time: int) -> Box:
        if self.in_front:
            return self._raster(time).box_in_front
        return Box.around(self.points[time], self.rest.margin)

    def forward(self, positions: np.ndarray, time: int) -> np.ndarray:
        """Where a frame shows points `[N]` (complex) of the picture that lie on it, or beside it."""
        return carried(self.rest.mesh, self.points[time], positions)

    def scale(self, time: int) -> float:
        """How large it is in a frame, as a part of its size at rest."""
        mesh = self.rest.mesh
        return float(np.sqrt(np.abs(signed_areas(self.points[time][mesh.triangles])).sum() / np.abs(mesh.areas).sum()))

    def moving(self, time: int) -> list[tuple[Box, np.ndarray]]:
        """Where it does not rest, before it moved and now: boxes, and areas `[h, w]` bool in them."""
        return [
            (Box(left, top, left + area.shape[1], top + area.shape[0]), area)
            for (left, top), area in self._raster(time).moving()
        ]

    def at(self, times: np.ndarray) -> BendWarp:
        """The same at `times` [T] of its frames, between them and somewhat beyond the last one."""
        first = np.clip(np.floor(times).astype(int), 0, len(self.points) - 2)
        part = (times - first)[:, None]
        points = self.points[first] + part * (self.points[first + 1] - self.points[first])
        return self.with_points(points)

    def with_points(self, points: np.ndarray) -> BendWarp:
        """The same mesh with other `points` `[T, n]`."""
        return replace(self, points=points, _rasters=Kept(CACHED_RASTERS))

    def moved(self, motion: SimilarityTransform) -> BendWarp:
        """The same, and then moved as a whole."""
        return self.with_points(motion.factor[:, None] * self.points + motion.shift[:, None])

    def _raster(self, time: int) -> Raster:
        return self._rasters.made(time, lambda: self.rest.bent(self.points[time], self.order))
