"""What moves in a picture, how, and with what pixels.

A `Region` says what moves and how: it is found (`find`) before any pixel is touched. A `Layer` is a region with the
pixels that were cut out for it (`cut`). A `Composition` is a background with layers before it, from back to front;
`rendering` makes it, and renders its frames. All are immutable. Points are complex numbers x + iy in pixels, as in
`dragnuwa.geometry.warps`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from typing import Protocol

import cv2
import numpy as np
import torch
from torch import Tensor

from ..common.masks import FAINT
from ..geometry.grids import Box
from ..geometry.resampling import SHRUNK, look_up, smoothed
from ..geometry.similarity import SimilarityTransform
from ..geometry.warps import BendWarp, SimilarityWarp, Warp, resampled, scale_near
from ..vision.inpainting.fill_areas import AMONG

RIM = np.ones((5, 5), np.uint8)  # two pixels around an object, where its edge blends with the background
SURROUNDING_SHARE = 0.5  # of the surroundings of an object
SAMPLES = 16  # across and down, of what bends, by which it is found how far it moves
PX_PER_EXPOSURE = 1.0  # how far an object moves between two averaged instants
EDGE = (3, 3)  # px, kernel that softens the edges of binary masks
FAINTEST = 1e-6  # least opacity used as a divisor
NEUTRAL = 0.5  # grey

OBJECT, SURROUNDINGS, SHADOW, BACKGROUND = "object", "surroundings", "shadow", "background"
"""What a region is: a whole object, cut out by a mask, an outline or segmentation; what lies around a drag; the shadow
of the next region; or the whole picture behind all others."""


@dataclass(frozen=True)
class Region:
    """A part of a picture that moves as a whole.

    Attributes:
        box: its bounding box in the picture.
        opacity: `[h, w]` float32 from 0 to 1, in the box.
        weight: `[h, w]` float32 from 0 to 1, confidence that a pixel belongs to it.
        hole: `[h, w]` bool, what it disoccludes when it moves. For a whole object this includes its rim.
        warp: its motion, or None if it rests.
        shown: `[T]` bool, the frames in which it is visible.
        role: `OBJECT`, `SURROUNDINGS`, `SHADOW` or `BACKGROUND`.
        exact: whether its motion was drawn; otherwise it was estimated from a clip.
        ids: of the drags that move it, or of the object that it is.
        fill_from: `[H, W]` bool, of the whole picture: the sources for filling its hole; anything if None.
        grow: px by which its cut is still to be grown beyond the picture's edge (`cut`); below 0, shrunk.
        feather: px over which its cut is still to be feathered.
        distance: of its object (`MotionObject.distance`).
        exposures: its motions at evenly spaced instants of the time for which the shutter is open around each frame;
            empty without motion blur.
        soft: whether its edge was cut out of the picture, so that it has colours of its own there.
    """

    box: Box
    opacity: np.ndarray
    weight: np.ndarray
    hole: np.ndarray
    warp: Warp | None
    shown: np.ndarray
    role: str = OBJECT
    exact: bool = True
    ids: tuple[str, ...] = ()
    fill_from: np.ndarray | None = None
    grow: float = 0.0
    feather: float = 0.0
    distance: float | None = None
    exposures: tuple[Warp, ...] = ()
    soft: bool = False

    @property
    def moves(self) -> bool:
        return self.warp is not None

    @property
    def is_shadow(self) -> bool:
        return self.role == SHADOW

    @property
    def is_foreground(self) -> bool:
        """Whether it lies in front of the background even at rest; the background is never filled from it."""
        return self.exact and self.role in (OBJECT, SHADOW)

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        """The source in the picture of `positions` (complex, any shape) of a frame; NaN where unknown."""
        return positions if self.warp is None else self.warp.sources(positions, time)

    def reach(self, time: int, box: Box | None = None) -> Box:
        """The bounding box at a frame of what moves with it, in a box of the picture; its own by default."""
        box = box or self.box
        boxes = [box if warp is None else warp.reach(box, time) for warp in self.instants(time)]
        return reduce(Box.joined, boxes)

    def instants(self, time: int) -> tuple[Warp | None, ...]:
        """The motions that a frame averages: evenly spaced exposures, as many as the distance moved requires; only its
        own motion if that distance is short or nothing is blurred, as in frame 0, which is the picture."""
        if not self.exposures or time == 0:
            return (self.warp,)
        count = min(len(self.exposures), math.ceil(self._distance_moved(time) / PX_PER_EXPOSURE))
        if count < 2:
            return (self.warp,)
        step = len(self.exposures) / count
        return tuple(self.exposures[int((number + 0.5) * step)] for number in range(count))

    def _distance_moved(self, time: int) -> float:
        """How far it moves during an exposure, in px."""
        if isinstance(self.warp, BendWarp):
            return float(np.abs(np.diff([warp.points[time] for warp in self.exposures], axis=0)).sum(0).max())
        reach = self.warp.reach(self.box, time)
        corners = reach.corners()
        own = self.warp.sources(corners, time)
        if np.isnan(own).any():  # a mesh ends before the corners of its box
            x, y = (np.linspace(*ends, SAMPLES) for ends in ((reach.left, reach.right), (reach.top, reach.bottom)))
            places = x + 1j * y[:, None]
            sources = np.stack([warp.sources(places, time) for warp in self.exposures])  # [E, SAMPLES, SAMPLES]
            return float(np.nan_to_num(np.abs(np.diff(sources, axis=0))).sum(0).max())
        larger = np.abs(corners[-1] - corners[0]) / np.abs(own[-1] - own[0])
        sources = np.stack([warp.sources(corners, time) for warp in self.exposures])  # [E, 4]
        return larger * np.abs(np.diff(sources, axis=0)).sum(0).max()

    def at_rate(self, step: Fraction, frames: int) -> Region:
        """The region resampled to `frames` frames, each `step` of its own frames long."""
        times = [round(time * step) for time in range(frames)]
        exposures = tuple(resampled(warp, step) for warp in self.exposures)
        return replace(self, warp=resampled(self.warp, step), shown=self.shown[times], exposures=exposures)

    def scale(self, time: int) -> float:
        """How large it is at a frame, as a part of its size in the picture."""
        return scale_near(self.warp, self.box, time)

    def as_moving(self) -> Region:
        """The region with a motion, even if it rests, so that it is cut out, and what is behind it is filled."""
        return self if self.moves else replace(self, warp=SimilarityWarp(SimilarityTransform.at_rest(len(self.shown))))

    def opacity_in(self, size: tuple[int, int]) -> np.ndarray:
        """`[H, W]`: its opacity in the whole picture, of (width, height) `size`."""
        whole = np.zeros(size[::-1], self.opacity.dtype)
        whole[self.box.slices] = self.opacity
        return whole


def whole_picture(camera: Warp | None, size: tuple[int, int], frames: int) -> Region:
    """The background of a picture of (width, height) `size`, which moves with the camera or rests."""
    width, height = size
    opaque = np.ones((height, width), np.float32)
    return Region(Box(0, 0, width, height), opaque, opaque, opaque < 1, camera, np.ones(frames, bool), BACKGROUND)


def region_of_mask(mask: np.ndarray, warp: Warp | None, shown: np.ndarray, role: str = OBJECT) -> Region:
    """The region of an object under a mask `[H, W]` from 0 to 1, somewhere at least `FAINT`. A warp of None means at
    rest; shown is `[T]` bool."""
    hole = hole_of(mask)
    rows, columns = np.nonzero(hole)
    height, width = mask.shape
    box = Box.around(columns + 1j * rows, 1).within(width, height)
    opacity = np.maximum(mask, cv2.GaussianBlur(mask, EDGE, 0))[box.slices]
    hole = hole[box.slices]
    return Region(box, opacity, hole.astype(np.float32), hole, warp, shown, role)


def hole_of(mask: np.ndarray, above: float = FAINT) -> np.ndarray:
    """`[H, W]` bool: what an object disoccludes when it moves, including the rim where its edge blends with the
    background; from its mask `[H, W]` from 0 to 1, thresholded at `above` (exclusive)."""
    return cv2.dilate((mask > above).astype(np.uint8), RIM).astype(bool)


def union_of_holes(regions: Iterable[Region], size: tuple[int, int]) -> np.ndarray:
    """`[H, W]` bool: what any of the regions disoccludes in a picture of (width, height) `size`."""
    covered = np.zeros(size[::-1], bool)
    for region in regions:
        covered[region.box.slices] |= region.hole
    return covered


def disoccluded(regions: Sequence[Region], size: tuple[int, int]) -> np.ndarray:
    """`[2, H, W]` bool: what all regions disocclude when they move, and what whole objects do."""
    moving = [region for region in regions if region.moves]
    objects = [region for region in moving if region.role != SURROUNDINGS]
    return np.stack([union_of_holes(moving, size), union_of_holes(objects, size)])


def foreground_mask(regions: Sequence[Region], size: tuple[int, int], things: np.ndarray | None = None) -> np.ndarray:
    """`[H, W]` bool: foreground objects, from which the background behind others is not filled, and those connected
    areas of `things` `[H, W]` bool that touch what moves. A resting object, or such an area, counts as background for
    one that it mostly surrounds, such as a table for a cup."""
    foreground = [region for region in regions if region.is_foreground]
    moving = [union_of_holes([region], size) for region in foreground if region.moves]
    gone = np.logical_or.reduce([np.zeros(size[::-1], bool), *moving])
    rings = [cv2.dilate(hole.astype(np.uint8), RIM).astype(bool) & ~hole for hole in moving]
    found = gone.copy()
    for own in [union_of_holes([region], size) for region in foreground if not region.moves]:
        if not _surrounds_one(own, rings, SURROUNDING_SHARE):
            found |= own
    if things is not None and rings:
        touching = np.logical_or.reduce(rings)
        count, areas = cv2.connectedComponents((things & ~gone).astype(np.uint8))
        for number in range(1, count):
            own = areas == number
            if (own & touching).any() and not _surrounds_one(own, rings, AMONG):
                found |= own
    return found


def _surrounds_one(own: np.ndarray, rings: Sequence[np.ndarray], share: float) -> bool:
    """Whether a mask `[H, W]` bool covers more than that share of one of the rings."""
    return any((own & ring).sum() > share * ring.sum() for ring in rings)


@dataclass(frozen=True)
class Layer:
    """A region with its pixels.

    Attributes:
        region: what moves, and how; its opacity, weight and hole are those of the pixels.
        pixels: `[5, h, w]` in its box: colours, weight, opacity.
        limits: where in the picture its pixels may come from.
        margins: px to the left, above, to the right and below, by which its pixels go on beyond the region's box.
    """

    region: Region
    pixels: Tensor
    limits: Box
    margins: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def box(self) -> Box:
        """Of its pixels, in the picture."""
        (left, top, right, bottom), of = self.margins, self.region.box
        return Box(of.left - left, of.top - top, of.right + right, of.bottom + bottom)

    def masked(self, kept: np.ndarray) -> Layer:
        """Only its pixels where `kept` `[h, w]` bool holds."""
        opacity = self.region.opacity * kept
        pixels = torch.cat([self.pixels[:4], torch.from_numpy(opacity)[None].to(self.pixels)])
        return replace(self, region=replace(self.region, opacity=opacity), pixels=pixels)

    def unweighted(self) -> Layer:
        """The same at rest, and as a part of the background: it counts as nothing that is carried."""
        weight = np.zeros_like(self.region.weight)
        pixels = torch.cat([self.pixels[:3], torch.zeros_like(self.pixels[3:4]), self.pixels[4:]])
        return replace(self, region=replace(self.region, warp=None, weight=weight), pixels=pixels)

    def exposed(self, sources: Iterable[np.ndarray | None], time: int) -> tuple[Tensor, Tensor]:
        """With motion blur: the mean over several instants, with colours weighted by opacity. Where it has become
        smaller, it is smoothed first, as its details would alias.

        Args:
            sources: for each of one or more instants, as `looked_up` takes them; consumed one by one, to save memory.
            time: the frame.

        Returns:
            As `looked_up`.
        """
        sources, layer = iter(sources), self._smoothed(self.region.scale(time))
        moved, opacity = layer.looked_up(next(sources))
        count = 1
        for count, positions in enumerate(sources, 2):
            if count == 2:
                moved = moved * opacity
            other, share = layer.looked_up(positions)
            moved, opacity = moved + other * share, opacity + share
        if count == 1:
            return moved, opacity  # exact to the last bit
        return moved / opacity.clamp(min=FAINTEST), opacity / count

    def _smoothed(self, scale: float) -> Layer:
        """It without the details that it cannot show at a part of its size; colours count by their opacity."""
        if scale >= SHRUNK:
            return self
        colors, weight, opacity = self.pixels[:3], self.pixels[3:4], self.pixels[4:]
        own = smoothed(torch.cat([colors * opacity, opacity]), scale)
        shown = torch.where(own[3:] > FAINTEST, own[:3] / own[3:].clamp(min=FAINTEST), colors)
        return replace(self, pixels=torch.cat([shown, weight, own[3:]]))

    def looked_up(self, sources: np.ndarray | None) -> tuple[Tensor, Tensor]:
        """Its pixels at any points of a frame, whether it is visible there or not.

        Args:
            sources: `[h, w]` complex, the corresponding points of the picture, NaN where unknown; None for its box.

        Returns:
            `[4, h, w]`, its colours and weight; and `[1, h, w]`, its opacity.
        """
        if sources is None:
            return self.pixels[:4], self.pixels[4:]  # exact to the last bit
        inside = self.limits.holds(sources)
        origin = self.box.left + 1j * self.box.top
        in_box = np.where(inside, sources, origin) - origin
        own = look_up(self.pixels[3:], in_box)
        return (
            torch.cat([look_up(self.pixels[:3], in_box, "bicubic"), own[:1]]),
            own[1:] * torch.from_numpy(inside).to(own),
        )


@dataclass(frozen=True)
class Background:
    """What lies behind the layers.

    Attributes:
        region: the whole picture, which moves with the camera or rests.
        plate: `[6, H', W']`, the picture without the moving objects, with margins for a moving camera: colours,
            carried, disoccluded, cleared.
        frame_box: the picture in the plate.
        neutral: whether what the camera brings in at the border is grey.
    """

    region: Region
    plate: Tensor
    frame_box: Box
    neutral: bool = False

    def at(self, time: int) -> Frame:
        """It alone, in a frame."""
        sources = self.region.sources(self.region.box.positions(), time) if self.region.moves else None
        return Frame(self.looked_up(sources, self.region.scale(time)))

    @property
    def is_filled_around(self) -> bool:
        """Whether the plate has margins for a moving camera."""
        return self.plate.shape[1:] != self.resting.shape[1:]

    @property
    def resting(self) -> Tensor:
        """`[6, H, W]`, a view: the plate where the picture has it."""
        return self.plate[(slice(None), *self.frame_box.slices)]

    def looked_up(self, sources: np.ndarray | None, scale: float = 1.0) -> Tensor:
        """The background at any points of a frame.

        Args:
            sources: `[h, w]` complex, the corresponding points of the picture; None for the picture itself.
            scale: of its region in that frame, so that it does not alias where it has become smaller.

        Returns:
            `[6, h, w]`: colours, carried, disoccluded, cleared.
        """
        if sources is None:
            return self.resting.clone()
        in_plate = sources + (self.frame_box.left + 1j * self.frame_box.top)
        moved = torch.cat([look_up(self.plate[:3], in_plate, "bicubic", scale), look_up(self.plate[3:], in_plate)])
        inside = torch.from_numpy(self.region.box.holds(sources)).to(moved)  # [h, w]
        if self.neutral:
            moved[:3] = torch.lerp(torch.full_like(moved[:3], NEUTRAL), moved[:3], inside)
        moved[4] = torch.lerp(torch.ones_like(inside), moved[4], inside)
        moved[5] *= inside
        moved[3] = 1 - moved[4]
        return moved


class SeenBackground(Protocol):
    """What lies behind layers, such as `Background`, or a picture with depth (`dragnuwa.carry.depth.background`).

    Attributes:
        region: the whole picture.
    """

    region: Region

    def at(self, time: int) -> Frame:
        """It alone, in a frame."""


@dataclass(frozen=True)
class Composition:
    """A background with layers before it.

    Attributes:
        background: what lies behind the layers.
        layers: from back to front.
        image: `[3, H, W]` from 0 to 1: the picture that frame 0 shows; None if that is none, or is rendered, too.
    """

    background: SeenBackground
    layers: tuple[Layer, ...]
    image: Tensor | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the picture to whose pixels the layers refer."""
        return self.background.region.box.right, self.background.region.box.bottom

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """The background's and those of the layers, from back to front."""
        return self.background.region, *(layer.region for layer in self.layers)

    @cached_property
    def disoccluded(self) -> np.ndarray:
        """As `disoccluded`, of the layers."""
        return disoccluded(self.regions[1:], self.size)


@dataclass(frozen=True)
class Frame:
    """A rendered frame.

    Attributes:
        pixels: `[6, H, W]` from 0 to 1: as named below.
        disparity: `[H, W]` float32, 1 / depth of what each pixel shows, -1 where it shows nothing; None without depth.
    """

    pixels: Tensor
    disparity: np.ndarray | None = None

    @property
    def colors(self) -> Tensor:
        """`[3, H, W]`."""
        return self.pixels[:3]

    @property
    def carried(self) -> Tensor:
        """`[H, W]`, how much of each pixel is of a layer."""
        return self.pixels[3]

    @property
    def disoccluded(self) -> Tensor:
        """`[H, W]`, how much is disoccluded, or brought in by the camera."""
        return self.pixels[4]

    @property
    def cleared(self) -> Tensor:
        """`[H, W]`, how much is disoccluded by whole objects."""
        return self.pixels[5]
