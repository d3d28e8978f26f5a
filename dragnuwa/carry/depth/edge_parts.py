"""What parts of pixels at the edges of things show: the nearest thing, of which an edge may be soft, and the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .rays import Rays

NEAR = 0.02  # part of the disparity, by which neighbours of a view's pixel are the same thing
PARTS = tuple((dx, dy) for dx in (-0.25, 0.25) for dy in (-0.25, 0.25))  # px from a pixel's centre


def parts_of(
    rays: Rays, edges: np.ndarray, nearest: np.ndarray, disparity: np.ndarray, owner: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What parts of pixels show, of the things in them and beside them: as `ViewWithEdges` has it."""
    width, height = rays.camera.size
    column, row = edges % width, edges // width
    around = [edges]
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        around.append((row + dy).clip(0, height - 1) * width + (column + dx).clip(0, width - 1))
    layers = [_TwoLayers.of(len(edges)) for _ in PARTS]
    for found, offset in zip(layers, PARTS, strict=True):
        for other in around:
            some = np.flatnonzero(disparity[other] >= 0)
            positions, _, whole, soft = rays.met_softly(edges[some], nearest[other[some]], offset, owner)
            # Again with the plane of the place that was found: what is curved has others there.
            fine = whole | soft
            some, there = some[fine], rays.number(positions[fine])
            there = np.where(whole[fine], there, owner[there])
            positions, near, whole, soft = rays.met_softly(edges[some], there, offset, owner)
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
        hides = better & (nearness > own * (1 + NEAR)) & ~self.beside[some]
        self.second[some[hides]], self.second_nearness[some[hides]] = self.first[some[hides]], own[hides]
        behind = ~better & ~beside & (nearness < own * (1 - NEAR)) & (nearness > self.second_nearness[some])
        self.second[some[behind]], self.second_nearness[some[behind]] = positions[behind], nearness[behind]
        new = some[better]
        self.first[new], self.nearness[new], self.beside[new] = positions[better], nearness[better], beside[better]
