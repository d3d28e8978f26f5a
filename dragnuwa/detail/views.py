"""Regions of a picture as a clip shows them, and beside them corrections of their motion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from ..carry.layers import Region, union_of_holes
from ..common.masks import FAINT
from ..geometry.grids import Grid, look_up, smooth
from ..geometry.similarity import AT_PLACE, SimilarityTransform

RIM = 0.004  # fraction of the picture's longer side by which moving layers are dilated
REACH = 8.0  # px of the analysed clip, sigma over which changes of light and colour are averaged
FINE = 2.5  # px, sigma over which the fine difference is averaged
NOISE = 10 / 255  # fine difference due to any video model's autoencoder
UNLIKE = 30 / 255  # fine difference above the noise at which trust has fallen to 1/e
SHADE, OTHER = 16 / 255, 60 / 255  # common change of light or colour, and scale at which trust falls to 1/e
LIMIT = 60 / 255  # the per-pixel error is clipped here
FAINT_CHANGE = 12 / 255  # standard deviation of the sampling's noise in light and colour
SPREAD = 1.5  # frames, sigma of the temporal weights
BEFORE_AND_AFTER = 4  # frames before and after
BLUR = 0.7  # px, sigma that closes gaps between splatted points
FAINTEST = 1e-3  # least weight of a pixel that was splatted to


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


def truncated_l1(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """`[...]` float32: the mean absolute error of the colours `[..., 3]`, clipped at `LIMIT`, so that outliers do not
    dominate."""
    return np.minimum(_mean(np.abs(found - expected)), np.float32(LIMIT))


def _mean(colors: np.ndarray) -> np.ndarray:
    """The mean of `[..., 3]`; NumPy's own is slow along so short a dimension."""
    return (colors[..., 0] + colors[..., 1] + colors[..., 2]) / np.float32(3)


@dataclass(frozen=True)
class Agreement:
    """
    Attributes:
        trust: `[h, w]` float32 from 0 to 1, confidence that the clip shows the layer there.
        change: `[h, w, 3]` float32, the low-frequency change of light and colour in the clip.
    """

    trust: np.ndarray
    change: np.ndarray

    def mixed(self, other: Agreement, part: float) -> Agreement:
        """Linear interpolation, from this at 0 to the other at 1."""
        if part == 0:
            return self
        return Agreement(
            self.trust + np.float32(part) * (other.trust - self.trust),
            self.change + np.float32(part) * (other.change - self.change),
        )


def compare(found: np.ndarray, expected: np.ndarray, weight: np.ndarray, belief: float = 1.0) -> Agreement:
    """Compares a frame with what a layer predicts.

    The difference is split into low frequencies (light and colour) and the rest. The low frequencies may be intended by
    the model; what exceeds the noise is kept as `change`. The rest means that something else is there.

    Args:
        found: `[h, w, 3]` float32 from 0 to 1, the frame.
        expected: the same, the layer's prediction.
        weight: `[h, w]` float32, the layer's coverage of each pixel.
        belief: above 0, at most 1: how much the clip is trusted. Below 1, differences have to be 1 / belief times as
            large to count as much.
    """
    difference = found - expected
    change = smooth(difference, weight, REACH)
    fine = _mean(np.abs(difference - change))
    fine = smooth(np.maximum(fine - NOISE / belief, 0), weight, FINE)
    much = _mean(np.abs(change))
    trust = np.exp(-((belief * fine / UNLIKE) ** 2) - (belief * np.maximum(much - SHADE / belief, 0) / OTHER) ** 2)
    kept = much**2 / (much**2 + (FAINT_CHANGE / belief) ** 2)  # Wiener's filter
    return Agreement(trust.astype(np.float32), (change * kept[..., None]).astype(np.float32))


def full_agreement(size: tuple[int, int]) -> Agreement:
    """The agreement for a clip of (width, height) `size` that is not trusted at all."""
    return Agreement(np.ones(size[::-1], np.float32), np.zeros((*size[::-1], 3), np.float32))


class History:
    """The agreement of one layer over time: neighbouring frames are averaged along the motion.

    A clip's noise makes trust and light flicker from frame to frame, and with them the visible detail. The agreement of
    a frame is splatted into the picture's coordinates, and read from there as a mean over equally many frames before
    and after it, so that it does not lag behind light that changes steadily.

    Args:
        size: (width, height) of the analysed clip.
    """

    def __init__(self, size: tuple[int, int]):
        self.size = size
        self._splatted: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # of each frame, [h, w, 4] and [h, w]
        self._means: dict[int, np.ndarray] = {}  # cached by frame since the last frame was added

    def add(self, time: int, agreement: Agreement, share: np.ndarray, sources: np.ndarray) -> None:
        """Splats a frame, and drops those that are no longer needed.

        Args:
            share: `[h, w]`, the layer's visible coverage of each pixel of the frame.
            sources: `[h, w]` complex, their sources in the picture, in pixels of the analysed clip.
        """
        width, height = self.size
        column, row = (np.rint(np.nan_to_num(part)).astype(int) for part in (sources.real, sources.imag))
        there = (share > 0) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
        place, weight = (row * width + column)[there], share[there]
        values = np.concatenate([agreement.trust[..., None], agreement.change], -1)[there]  # [n, 4]
        sums = [np.bincount(place, weight * of, width * height) for of in (*values.T, 1.0)]
        splat = cv2.GaussianBlur(np.stack(sums, -1).reshape(height, width, 5).astype(np.float32), (0, 0), BLUR)
        self._splatted[time] = splat[..., :4], splat[..., 4]
        self._splatted.pop(time - 2 * BEFORE_AND_AFTER - 2, None)
        self._means = {}

    def at(self, time: int, sources: np.ndarray) -> Agreement:
        """The mean over the frames around `time`, at sources as for `add`."""
        if time not in self._means:
            self._means[time] = self._mean(time)
        found = look_up(self._means[time], sources)
        return Agreement(np.ascontiguousarray(found[..., 0]), np.ascontiguousarray(found[..., 1:]))

    def _mean(self, time: int) -> np.ndarray:
        """`[h, w, 4]`, trust and change in the picture's coordinates."""
        reach = min(BEFORE_AND_AFTER, time - min(self._splatted), max(self._splatted) - time)
        near = range(time - reach, time + reach + 1)
        counts = np.exp(-0.5 * np.square((np.array(near) - time) / SPREAD)).astype(np.float32)
        total = sum(count * self._splatted[frame][1] for frame, count in zip(near, counts, strict=True))
        values = sum(count * self._splatted[frame][0] for frame, count in zip(near, counts, strict=True))
        return values / np.maximum(total, FAINTEST)[..., None]
