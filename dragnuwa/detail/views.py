"""Regions of a picture as a clip shows them, and beside them corrections of their motion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from ..carry.layers import Region, union_of_holes
from ..common.masks import FAINT
from ..geometry.grids import Grid
from ..geometry.resampling import look_up
from ..geometry.similarity import AT_PLACE, SimilarityTransform

RIM = 0.004  # fraction of the picture's longer side by which moving layers are dilated


@dataclass(frozen=True)
class Correction:
    """How a layer's motion in one frame of the clip differs from its warp.

    Attributes:
        similarity: of points of the frame, in pixels of the analysed clip, before the warp.
        bend: `[h, w]` complex, or None: further displacements of these points.
    """

    similarity: SimilarityTransform = AT_PLACE
    bend: np.ndarray | None = None

    @property
    def is_none(self) -> bool:
        """Whether it changes nothing."""
        return self.bend is None and self.similarity == AT_PLACE

    def apply(self, positions: np.ndarray, grid: Grid) -> np.ndarray:
        """`positions` of a frame, corrected; both complex, in px of the picture."""
        if self.is_none:
            return positions
        small = grid.to_small(positions)
        turned = self.similarity.apply(small)
        if self.bend is not None:
            parts = (np.ascontiguousarray(part, np.float32) for part in (self.bend.real, self.bend.imag))
            bent = [look_up(part, small) for part in parts]
            turned = turned + bent[0] + 1j * bent[1]
        return grid.to_full(turned)

    def mixed(self, other: Correction, part: float) -> Correction:
        """Linear interpolation, from this at 0 to the other at 1."""
        if part == 0 or self is other:
            return self
        u, v = self.similarity, other.similarity
        whole = SimilarityTransform(u.factor + part * (v.factor - u.factor), u.shift + part * (v.shift - u.shift))
        if self.bend is None and other.bend is None:
            return Correction(whole)
        first, second = (0 if each.bend is None else each.bend for each in (self, other))
        return Correction(whole, (1 - part) * first + part * second)


@dataclass(frozen=True)
class View:
    """What is visible of a layer at some points of a frame.

    Attributes:
        share: float32 from 0 to 1, its visible coverage of each point, after all layers in front of it.
        sources: complex, in px of the picture; undefined where the share is 0.
    """

    share: np.ndarray
    sources: np.ndarray


class Views:
    """The views of a picture's background and of what moves before it, at any points of a frame.

    Moving regions disocclude what the picture does not show: there, the background's share is 0.

    Attributes:
        regions: the background, and what is before it from back to front, in pixels of the grid's picture.
        opacities: of each `[H, W]` float32, in the picture; the background's is 0 behind what moves.
    """

    def __init__(self, regions: Sequence[Region], grid: Grid):
        self.regions, self.grid = tuple(regions), grid
        self.opacities = [_compared(region.opacity_in(grid.full), region) for region in regions]
        moving = [of for of, region in zip(self.opacities[1:], self.regions[1:], strict=True) if region.moves]
        if moving:
            rim = 2 * max(1, round(RIM * max(grid.full))) + 1
            covered = cv2.dilate(np.max(moving, 0), np.ones((rim, rim), np.uint8))
            self.opacities[0] = 1 - np.maximum(covered, self._cut_by_edges())

    def _cut_by_edges(self) -> np.ndarray:
        """`[H, W]` float32: 1 where a region with a soft edge, such as hair, was visible, however faint."""
        soft = (region for region in self.regions[1:] if region.moves and region.soft)
        return union_of_holes(soft, self.grid.full).astype(np.float32)

    def at(self, positions: np.ndarray, time: int, corrections: Sequence[Correction]) -> list[View]:
        """The view of each layer at `positions` (complex, px of the picture) of a frame, from back to front; there is a
        correction for each layer."""
        return list(self._from_front(positions, time, corrections))[::-1]

    def of(self, number: int, positions: np.ndarray, time: int, corrections: Sequence[Correction]) -> View:
        """The view of one layer, as `at`."""
        return next(islice(self._from_front(positions, time, corrections), len(self.opacities) - 1 - number, None))

    def _from_front(self, positions: np.ndarray, time: int, corrections: Sequence[Correction]) -> Iterator[View]:
        left = np.ones(positions.shape, np.float32)
        for number in reversed(range(len(self.opacities))):
            sources, known = self.sources(number, positions, time, corrections[number])
            if self.regions[number].exposures:
                share = self._share(number, positions, time, corrections[number])
            else:
                share = look_up(self.opacities[number], sources, cv2.BORDER_REPLICATE) * known
            view = View((share * left).astype(np.float32), sources)
            yield view
            left = left - view.share

    def _share(self, number: int, positions: np.ndarray, time: int, correction: Correction) -> np.ndarray:
        """The layer's opacity at `positions` of a frame, averaged over its exposures."""
        total, count = 0, 0
        for sources in self.exposures(number, positions, time, correction):
            share = look_up(self.opacities[number], sources, cv2.BORDER_REPLICATE)
            total, count = total + share * self.grid.inside(sources), count + 1
        return total / count * self.regions[number].shown[time]

    def rests(self, number: int, correction: Correction) -> bool:
        """Whether a layer is where the picture has it."""
        return not self.regions[number].moves and correction.is_none

    def exposures(self, number: int, positions: np.ndarray, time: int, correction: Correction) -> Iterator[np.ndarray]:
        """The sources, as in `sources`, at each exposure that a frame averages."""
        positions = correction.apply(positions, self.grid)
        for warp in self.regions[number].instants(time):
            yield positions if warp is None else warp.sources(positions, time)

    def sources(
        self, number: int, positions: np.ndarray, time: int, correction: Correction
    ) -> tuple[np.ndarray, np.ndarray]:
        """The sources in the picture of `positions` of a frame, and whether the layer is shown there; all complex, in
        px of the picture."""
        region = self.regions[number]
        sources = region.sources(correction.apply(positions, self.grid), time)
        return sources, self.grid.inside(sources) & region.shown[time]


def _compared(opacity: np.ndarray, region: Region) -> np.ndarray:
    """`[H, W]`: how much of each pixel of a clip hides what is behind a region; a shadow hides it entirely."""
    return (opacity > FAINT).astype(np.float32) if region.is_shadow else opacity
