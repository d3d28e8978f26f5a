"""Layers: parts of a clip that move as one, and their motion as a backward warp into the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..carry.regions import Region
from ..trajectory.motion.similarity import SimilarityTransform
from .grid import Grid, look_up

RIM = 0.004  # fraction of the picture's longer side by which moving layers are dilated

# From points of a frame (complex, px of the picture) and the frame's number to their sources in the picture; NaN where
# unknown.
Warp = Callable[[np.ndarray, int], np.ndarray]


STILL = SimilarityTransform(1, 0)
Pose = tuple[SimilarityTransform, np.ndarray | None]  # a layer's correction and bend


def at_rest(places: np.ndarray, time: int) -> np.ndarray:
    return places


@dataclass
class Layer:
    """The background, or something before it.

    Attributes:
        opacity: `[H, W]` float32 from 0 to 1, in the picture.
        warp: its motion before any correction.
        shown: `[T]` bool, the frames in which it is visible.
        from_drags: whether `warp` comes from drags, and so is exact, or from the clip.
        correction: of points of the frame, in pixels of the analysed clip, before `warp`; kept from frame to frame.
        bend: `[h, w]` complex, or None: further displacements for one frame, in the same pixels.
    """

    opacity: np.ndarray
    warp: Warp
    shown: np.ndarray
    from_drags: bool = True
    correction: SimilarityTransform = STILL
    bend: np.ndarray | None = None

    def sources(self, places: np.ndarray, time: int, grid: Grid) -> np.ndarray:
        """The sources in the picture of `places` of a frame; both complex, in px of the picture."""
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
    """What is visible of a layer at some points of a frame.

    Attributes:
        share: float32 from 0 to 1, its visible coverage of each point, after all layers in front of it.
        sources: complex, in px of the picture; undefined where the share is 0.
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

    Moving layers disocclude what the picture does not show: there, the background's share is 0.
    """

    def __init__(self, layers: list[Layer], grid: Grid):
        self.layers, self.grid = layers, grid
        moving = [layer.opacity for layer in layers[1:] if layer.warp is not at_rest]
        if moving:
            rim = 2 * max(1, round(RIM * max(grid.full))) + 1
            layers[0].opacity = 1 - cv2.dilate(np.max(moving, 0), np.ones((rim, rim), np.uint8))

    @property
    def poses(self) -> list[Pose]:
        """The correction and the bend of each layer, for the frame that they were last fitted to."""
        return [(layer.correction, layer.bend) for layer in self.layers]

    @poses.setter
    def poses(self, poses: list[Pose]) -> None:
        for layer, pose in zip(self.layers, poses, strict=True):
            layer.correction, layer.bend = pose

    def views(self, places: np.ndarray, time: int) -> list[View]:
        """The view of each layer at `places` (complex, px of the picture) of a frame."""
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
