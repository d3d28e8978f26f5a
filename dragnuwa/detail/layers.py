"""Layers: what may have moved in a clip as one, and where in the picture each of their places comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..carry.regions import Region
from .grid import Grid, look_up

RIM = 0.004  # of the picture's longer side, around what moves, which may still be of it

# From places in a frame (complex, px of the picture) and the frame's number to where in the picture their content
# comes from; NaN where that is unknown.
Warp = Callable[[np.ndarray, int], np.ndarray]


@dataclass(frozen=True)
class Similarity:
    """A similarity transform in one frame: `q = factor * p + shift`, complex, in pixels of the analysed clip."""

    factor: complex = 1
    shift: complex = 0

    def apply(self, points: np.ndarray) -> np.ndarray:
        return self.factor * points + self.shift

    def after(self, first: Similarity) -> Similarity:
        """`first`, and then this one."""
        return Similarity(self.factor * first.factor, self.factor * first.shift + self.shift)


STILL = Similarity()
Pose = tuple[Similarity, "np.ndarray | None"]  # a layer's correction and bend


def at_rest(places: np.ndarray, time: int) -> np.ndarray:
    return places


@dataclass
class Layer:
    """The background, or something before it.

    Attributes:
        opacity: `[H, W]` float32 from 0 to 1, where it is in the picture.
        warp: how it moves, as far as that is known beforehand.
        shown: `[T]` bool, when it is there.
        told: whether drags tell `warp`, which is exact then, or the clip alone.
        correction: of places in the frame: what the clip says beside `warp`. It stays from frame to frame.
        bend: `[h, w]` complex, or None: further displacements of places, in the same pixels, for one frame.
    """

    opacity: np.ndarray
    warp: Warp
    shown: np.ndarray
    told: bool = True
    correction: Similarity = STILL
    bend: np.ndarray | None = None

    def sources(self, places: np.ndarray, time: int, grid: Grid) -> np.ndarray:
        """Where in the picture the content of `places` of a frame comes from; both complex, in px of the picture."""
        if self.bend is None and self.correction == STILL:
            return self.warp(places, time)
        small = grid.to_small(places)
        turned = self.correction.apply(small)
        if self.bend is not None:
            parts = (np.ascontiguousarray(part, np.float32) for part in (self.bend.real, self.bend.imag))
            bent = [look_up(part, small) for part in parts]
            turned = turned + bent[0] + 1j * bent[1]
        return self.warp(grid.to_full(turned), time)


@dataclass(frozen=True)
class View:
    """What is seen of a layer in a frame, on some of its places.

    Attributes:
        share: float32 from 0 to 1, how much of each place it covers and no other layer before it does.
        sources: complex, in px of the picture; where unknown, the share is 0 and the number of no use.
    """

    share: np.ndarray
    sources: np.ndarray


def background_layer(warp: Warp, frames: int, grid: Grid) -> Layer:
    width, height = grid.full
    return Layer(np.ones((height, width), np.float32), warp, np.ones(frames, bool))


def region_layer(region: Region, grid: Grid) -> Layer:
    width, height = grid.full
    opacity = np.zeros((height, width), np.float32)
    opacity[region.box.slices] = region.opacity
    return Layer(opacity, region.warp.sources if region.moves else at_rest, region.shown)


class Stack:
    """Layers, back to front; the first is the background.

    What has left its place has uncovered something that the picture does not show: there, the background's share is 0.
    """

    def __init__(self, layers: list[Layer], grid: Grid):
        self.layers, self.grid = layers, grid
        moving = [layer.opacity for layer in layers[1:] if layer.warp is not at_rest]
        if moving:
            rim = 2 * max(1, round(RIM * max(grid.full))) + 1
            layers[0].opacity = 1 - cv2.dilate(np.max(moving, 0), np.ones((rim, rim), np.uint8))

    @property
    def poses(self) -> list[Pose]:
        """How each layer is placed in the frame that it was last fitted to."""
        return [(layer.correction, layer.bend) for layer in self.layers]

    @poses.setter
    def poses(self, poses: list[Pose]) -> None:
        for layer, pose in zip(self.layers, poses, strict=True):
            layer.correction, layer.bend = pose

    def views(self, places: np.ndarray, time: int) -> list[View]:
        """Of each layer at `places` (complex, px of the picture) of a frame."""
        found, left = [], np.ones(places.shape, np.float32)
        for layer in reversed(self.layers):
            view = self._view(layer, places, time, left)
            found.append(view)
            left = left - view.share
        return found[::-1]

    def _view(self, layer: Layer, places: np.ndarray, time: int, left: np.ndarray) -> View:
        sources = layer.sources(places, time, self.grid)
        known = self.grid.inside(sources) & layer.shown[time]
        share = look_up(layer.opacity, sources, cv2.BORDER_REPLICATE) * known
        return View((share * left).astype(np.float32), sources)
