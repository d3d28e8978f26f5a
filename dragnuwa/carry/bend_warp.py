"""The motion of a layer that bends: a bent mesh (`dragnuwa.trajectory.bending`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ..geometry.bending import Raster
from ..geometry.grids import Box
from ..geometry.similarity import SimilarityTransform
from ..trajectory.bending import BentShape

KEPT = 4  # frames whose raster is kept: those of a layer are asked for several times in turn


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
    _kept: dict[int, Raster] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, shape: BentShape) -> BendWarp:
        return cls(Raster.at_rest(shape.mesh), shape.points, shape.order, shape.reached)

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        return self._raster(time).sources(positions, self.in_front)

    def reach(self, box: Box, time: int) -> Box:
        return Box.around(self.points[time], self.rest.margin)

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
        return replace(self, points=points, _kept={})

    def moved(self, motion: SimilarityTransform) -> BendWarp:
        """The same, and then moved as a whole."""
        points = motion.factor[:, None] * self.points + motion.shift[:, None]
        return replace(self, points=points, _kept={})

    def _raster(self, time: int) -> Raster:
        if time not in self._kept:
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[time] = self.rest.bent(self.points[time], self.order)
        return self._kept[time]
