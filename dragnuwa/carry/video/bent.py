"""How pins bend an object that is followed through a clip, on top of what it does there.

The mesh and its deformation are those of the frame in which the object was drawn. The object's own motion takes both to
another frame, so that a pin is moved along with the object, and one that rests holds its place on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ...common.clip_shape import ClipShape
from ...geometry.bending import Mesh, Raster, carried
from ...geometry.grids import Box
from ...geometry.similarity import REST, SimilarityTransform
from ...geometry.warps import BendWarp
from ...trajectory import MotionObject, Track
from ...trajectory.bending import BentShape
from ...trajectory.pins import bent_object, pins_of, ways_of
from ..layers import Layer
from ..regions import CENTRE, bends, bent_shape_of, front_and_back
from ..rendering import OPAQUE

ONE_MORE = 2  # px beyond the last pixel of an object, for its soft edge


@dataclass(frozen=True, eq=False)
class Bend:
    """
    Attributes:
        shape: in pixels of the frame in which the object was drawn, at each frame of the clip.
        pins: `[k]` complex, where its pins hold it there.
    """

    shape: BentShape
    pins: np.ndarray

    def rests(self, time: int) -> bool:
        """Whether a frame shows it as it is."""
        return bool(np.abs(self.shape.points[time] - self.shape.mesh.points).max() < REST)

    def moved(self, places: np.ndarray, time: int) -> np.ndarray:
        """Where places (complex, any shape) of the frame in which it was drawn are bent to."""
        flat = np.ravel(places)
        return carried(self.shape.mesh, self.shape.points[time], flat).reshape(np.shape(places))

    @property
    def margin(self) -> int:
        """px over which it goes over into what rests."""
        return Raster.at_rest(self.shape.mesh).margin

    def moving(self, layer: Layer | None, time: int, own: SimilarityTransform) -> list[tuple[Box, np.ndarray]]:
        """Where it does not rest in a frame, of which the layer was cut out, as of `BendWarp.moving`; `own` as of
        `placed`."""
        return self._warp(layer, time, own, own).moving(0)

    def placed(self, layer: Layer, time: int, own: SimilarityTransform, onto: SimilarityTransform) -> list[Layer]:
        """A layer cut out of one frame, bent, as the only frame of another: it, and before it what lies over another
        part of it.

        Args:
            own: from the frame in which the object was drawn to that of the layer.
            onto: from the first of these to the frame that is made.
        """
        region = replace(layer.region, warp=self._warp(layer, time, own, onto))
        return [replace(layer, region=each) for each in front_and_back(region)]

    def _warp(self, layer: Layer | None, time: int, own: SimilarityTransform, onto: SimilarityTransform) -> BendWarp:
        mesh = _moved(self.shape.mesh, own)
        rest = (
            Raster.at_rest(mesh) if layer is None else replace(Raster.at_rest(mesh), least_margin=_beyond(mesh, layer))
        )
        points = onto.apply(self.shape.points[time : time + 1])
        return BendWarp(rest, points, self.shape.order, self.shape.reached[time : time + 1])


def bend_of_object(each: MotionObject, mask: np.ndarray, clip: ClipShape) -> Bend | None:
    """That of an object by its pins; None without any. `mask` `[H, W]` from 0 to 1 is of the frame in which it was
    drawn."""
    fractions = np.arange(clip.frames) / (clip.frames - 1)
    shape = bent_object(each, fractions, clip.size, mask)
    if shape is None:
        return None
    starts = ways_of(pins_of(each), fractions[:1], np.array(clip.size, dtype=np.float64))[:, 0]
    return Bend(shape, starts - CENTRE)


def bend_of_drags(drags: Sequence[Track], ways: np.ndarray, mask: np.ndarray) -> Bend | None:
    """That of what drags lie on, if they bend it (`dragnuwa.carry.regions.bends`, with the same arguments)."""
    return Bend(bent_shape_of(drags, ways, mask), ways[:, 0]) if bends(drags, ways, mask) else None


def _moved(mesh: Mesh, motion: SimilarityTransform) -> Mesh:
    """A mesh in another frame of the same size."""
    return replace(mesh, points=motion.apply(mesh.points), step=mesh.step * abs(motion.factor))


def _beyond(mesh: Mesh, layer: Layer) -> int:
    """px from a mesh to the farthest pixel of a layer: what walks has another silhouette in each frame, and none of it
    may be lost."""
    region = layer.region
    there = region.opacity >= OPAQUE
    if not there.any():
        return 0
    corners = mesh.points[mesh.triangles] - (region.box.left + 1j * region.box.top)  # [m, 3]
    outside = np.ones(there.shape, np.uint8)
    for triangle in np.rint(np.stack([corners.real, corners.imag], -1)).astype(np.int32):
        cv2.fillConvexPoly(outside, triangle, 0)
    way = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_5)
    return int(np.ceil(way[there].max())) + ONE_MORE
