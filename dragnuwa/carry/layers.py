"""Layers: the parts of a picture, and how each part moves.

A `Stack` is a background with layers in front of it, from back to front. It is built from drags, masks and objects
(`from_tracks`, `from_objects`, `find`) or from a clip (`dragnuwa.detail`), and rendered by `rendering`. It is
immutable. Points are complex numbers x + iy in pixels, as in `dragnuwa.geometry.warps`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce

import cv2
import numpy as np

from ..common.masks import FAINT
from ..geometry.grids import Box
from ..geometry.similarity import SimilarityTransform
from ..geometry.warps import SimilarityWarp, Warp, resampled
from .bend_warp import BendWarp

RIM = np.ones((5, 5), np.uint8)  # two pixels around an object, where its edge blends with the background
MOSTLY = 0.5  # of the surroundings of an object
PX_PER_EXPOSURE = 1.0  # how far an object moves between two averaged instants
EDGE = (3, 3)  # px, kernel that softens the edges of binary masks


@dataclass(frozen=True)
class Layer:
    """A part of a picture that moves as a whole.

    Attributes:
        box: its bounding box in the picture.
        opacity: `[h, w]` float32 from 0 to 1, in the box.
        weight: `[h, w]` float32 from 0 to 1, confidence that a pixel belongs to it.
        hole: `[h, w]` bool, what it disoccludes when it moves. For a whole object this includes its rim.
        warp: its motion, or None if it rests.
        shown: `[T]` bool, the frames in which it is visible.
        whole: whether it is a whole object, cut out by a mask, an outline or segmentation.
        foreground: whether it lies in front of the background even at rest; the background is never filled from it.
        exact: whether its motion was drawn; otherwise it was estimated from a clip.
        colors: `[h, w, 3]` float32 from 0 to 1, in the box: its foreground colours, without the background's where both
            are blended (`cut`); the picture's if None.
        is_shadow: whether it is the shadow of the next layer (`cut.with_shadows`).
        fill_from: `[H, W]` bool, of the whole picture: the sources for filling its hole; anything if None.
        grow: px by which its cut is still to be grown beyond the picture's edge (`cut`); below 0, shrunk.
        feather: px over which its cut is still to be feathered.
        distance: of its object (`MotionObject.distance`).
        exposures: its motions at evenly spaced instants of the time for which the shutter is open around each frame;
            empty without motion blur.
    """

    box: Box
    opacity: np.ndarray
    weight: np.ndarray
    hole: np.ndarray
    warp: Warp | None
    shown: np.ndarray
    whole: bool = False
    foreground: bool = False
    exact: bool = True
    colors: np.ndarray | None = None
    is_shadow: bool = False
    fill_from: np.ndarray | None = None
    grow: float = 0.0
    feather: float = 0.0
    distance: float | None = None
    exposures: tuple[Warp, ...] = ()

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        """The source in the picture of `positions` (complex, any shape) of a frame; NaN where unknown."""
        return positions if self.warp is None else self.warp.sources(positions, time)

    def reach(self, time: int) -> Box:
        """Its bounding box at a frame."""
        boxes = [self.box if warp is None else warp.reach(self.box, time) for warp in self.instants(time)]
        return reduce(Box.joined, boxes)

    def instants(self, time: int) -> tuple[Warp | None, ...]:
        """The motions that a frame averages: evenly spaced exposures, as many as the distance moved requires; only its
        own motion if that distance is short or nothing is blurred, as in frame 0, which is the picture."""
        if not self.exposures or time == 0:
            return (self.warp,)
        count = min(len(self.exposures), math.ceil(self._way(time) / PX_PER_EXPOSURE))
        if count < 2:
            return (self.warp,)
        step = len(self.exposures) / count
        return tuple(self.exposures[int((number + 0.5) * step)] for number in range(count))

    def _way(self, time: int) -> float:
        """How far it moves during an exposure, in px."""
        if isinstance(self.warp, BendWarp):
            return float(np.abs(np.diff([warp.points[time] for warp in self.exposures], axis=0)).sum(0).max())
        corners = self.warp.reach(self.box, time).corners()
        own = self.warp.sources(corners, time)
        larger = np.abs(corners[-1] - corners[0]) / np.abs(own[-1] - own[0])
        sources = np.stack([warp.sources(corners, time) for warp in self.exposures])  # [E, 4]
        return larger * np.abs(np.diff(sources, axis=0)).sum(0).max()

    def at_rate(self, step: Fraction, frames: int) -> Layer:
        """The layer resampled to `frames` frames, each `step` of its own frames long."""
        times = [round(time * step) for time in range(frames)]
        exposures = tuple(resampled(warp, step) for warp in self.exposures)
        return replace(self, warp=resampled(self.warp, step), shown=self.shown[times], exposures=exposures)

    def opacity_in(self, size: tuple[int, int]) -> np.ndarray:
        """`[H, W]`: its opacity in the whole picture, of (width, height) `size`."""
        whole = np.zeros(size[::-1], self.opacity.dtype)
        whole[self.box.slices] = self.opacity
        return whole


@dataclass(frozen=True)
class Stack:
    """
    Attributes:
        size: (width, height) of the picture to whose pixels the layers refer.
        background: the whole picture, moved by the camera.
        things: the layers in front of it, from back to front.
    """

    size: tuple[int, int]
    background: Layer
    things: tuple[Layer, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, from back to front."""
        return self.background, *self.things

    def at_rate(self, step: Fraction, frames: int) -> Stack:
        """The stack resampled to `frames` frames, each `step` of its own frames long."""
        things = tuple(thing.at_rate(step, frames) for thing in self.things)
        return replace(self, background=self.background.at_rate(step, frames), things=things)

    @cached_property
    def left(self) -> np.ndarray:
        """`[2, H, W]` bool: what all layers disocclude when they move, and what whole objects do."""
        moving = [layer for layer in self.things if layer.warp is not None]
        return np.stack([holes(moving, self.size), holes([layer for layer in moving if layer.whole], self.size)])

    @cached_property
    def not_ground(self) -> np.ndarray:
        """`[H, W]` bool: foreground objects, from which the background behind others is not filled. A resting object
        counts as background for one that it mostly surrounds, such as a table for a cup."""
        foreground = [layer for layer in self.things if layer.foreground]
        moving = [holes([layer], self.size) for layer in foreground if layer.warp is not None]
        rings = [cv2.dilate(hole.astype(np.uint8), RIM).astype(bool) & ~hole for hole in moving]

        def is_ground(layer: Layer) -> bool:
            own = holes([layer], self.size)
            return any((own & ring).sum() > MOSTLY * ring.sum() for ring in rings)

        return holes([layer for layer in foreground if layer.warp is not None or not is_ground(layer)], self.size)


def background(camera: Warp | None, size: tuple[int, int], frames: int) -> Layer:
    """The whole picture of (width, height) `size`, which moves with the camera or rests."""
    width, height = size
    opaque = np.ones((height, width), np.float32)
    return Layer(Box(0, 0, width, height), opaque, opaque, opaque < 1, camera, np.ones(frames, bool))


def whole_thing(mask: np.ndarray, motion: SimilarityTransform | None, shown: np.ndarray) -> Layer:
    """The layer of an object under a mask `[H, W]` from 0 to 1, somewhere at least `FAINT`. A warp of None means at
    rest; shown is `[T]` bool."""
    hole = gone(mask)
    rows, columns = np.nonzero(hole)
    height, width = mask.shape
    box = Box.around(columns + 1j * rows, 1).within(width, height)
    opacity = np.maximum(mask, cv2.GaussianBlur(mask, EDGE, 0))[box.slices]
    hole = hole[box.slices]
    warp = None if motion is None else SimilarityWarp(motion)
    return Layer(box, opacity, hole.astype(np.float32), hole, warp, shown, whole=True)


def gone(mask: np.ndarray, above: float = FAINT) -> np.ndarray:
    """`[H, W]` bool: what an object disoccludes when it moves, including the rim where its edge blends with the
    background; from its mask `[H, W]` from 0 to 1, thresholded at `above` (exclusive)."""
    return cv2.dilate((mask > above).astype(np.uint8), RIM).astype(bool)


def holes(layers: Sequence[Layer], size: tuple[int, int]) -> np.ndarray:
    """`[H, W]` bool: what any of the layers disoccludes in a picture of (width, height) `size`."""
    covered = np.zeros(size[::-1], bool)
    for layer in layers:
        covered[layer.box.slices] |= layer.hole
    return covered
