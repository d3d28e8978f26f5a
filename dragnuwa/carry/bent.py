"""Layers that bend: which tracks are pins of one object, whether they bend it (`dragnuwa.carry.bend_warp`), and where
it rests."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ..geometry.bending import is_at_end, lies_over_itself, mesh_of
from ..geometry.grids import Box
from ..geometry.similarity import REST, fit_similarity
from ..trajectory import Track
from ..trajectory.bending import BentShape, bent_shape
from ..trajectory.pins import stiffness_of
from .bend_warp import BendWarp
from .layers import Layer, Stack

log = logging.getLogger(__name__)

FOLLOWED = 0.98  # of the pins' way: below this, it is told that an object does not follow them
JOINED = ("auto", "on")
STRAY = 0.1  # of the longest way: how far tracks may stray from a similarity that explains them


@dataclass(frozen=True)
class PinTracks:
    """What the drawing says of its tracks as pins.

    Attributes:
        tracks: the N tracks, of which the positions are known.
    """

    tracks: tuple[Track, ...]

    @classmethod
    def of(cls, tracks: Sequence[Track]) -> PinTracks | None:
        """None if none of the tracks may bend anything."""
        return cls(tuple(tracks)) if any(track.bend in JOINED for track in tracks) else None

    @property
    def joined(self) -> np.ndarray:
        """`[N]` bool: which may bend what they lie on."""
        return np.array([track.bend in JOINED for track in self.tracks], bool)

    def bends(self, members: Sequence[int], ways: np.ndarray, mask: np.ndarray) -> bool:
        """Whether tracks on the same object bend it: if one is always to; if an anchor holds it, or no similarity
        explains how they move; or if it is one drag, and begins at an end of the object.

        Args:
            members: the numbers of the tracks.
            ways: `[m, T]` complex, where they are, in px of the mask.
            mask: `[H, W]` from 0 to 1, the object.
        """
        kinds = [self.tracks[number].bend for number in members]
        moved = np.abs(ways - ways[:, :1]).max(1)
        if not (moved >= REST).any() and not any(self.tracks[number].pin for number in members):
            return False
        if "on" in kinds:
            return True
        if len(members) == 1:
            return kinds == ["auto"] and is_at_end(mesh_of(mask), ways[0, 0])
        if not all(kind == "auto" for kind in kinds):
            return False
        strays = np.abs(fit_similarity(ways).apply(ways[:, :1]) - ways).max()
        return bool((moved < REST).any() or strays > STRAY * moved.max())

    def shape(self, members: Sequence[int], ways: np.ndarray, mask: np.ndarray) -> BentShape:
        """An object that its tracks bend; the arguments are those of `bends`."""
        pins = [self.tracks[number] for number in members]
        fractions = np.arange(ways.shape[1]) / (ways.shape[1] - 1)
        return bent_shape(mask, pins, ways, fractions, stiffness_of(pins))


def lies_over(layer: Layer) -> bool:
    """Whether it is only a part of an object that lies over another part of it."""
    return isinstance(layer.warp, BendWarp) and layer.warp.in_front


def told_limits(layers: Sequence[Layer]) -> None:
    """Logs which of the layers cannot follow their pins."""
    for layer in layers:
        if isinstance(layer.warp, BendWarp) and not lies_over(layer):
            reached = float(layer.warp.reached.min())
            if reached < FOLLOWED:
                log.warning(
                    "An object follows its pins only %.0f %% of the way in a frame, where it would turn inside out "
                    "otherwise. Drag it less far, or let less of it stay.", 100 * reached,
                )  # fmt: skip


def bent_layers(layer: Layer) -> list[Layer]:
    """A layer whose warp is a `BendWarp`; and in front of it, if it ever lies over itself, what lies over another
    part."""
    warp = layer.warp
    if not lies_over_itself(warp.rest.mesh, warp.points, warp.order):
        return [layer]
    front, *exposures = (replace(each, in_front=True) for each in (warp, *layer.exposures))  # they share the rasters
    return [layer, replace(layer, warp=front, exposures=tuple(exposures))]


def resting(stack: Stack, time: int) -> np.ndarray | None:
    """How much of each pixel of a frame is as in the picture, because what bends there rests.

    A thing that bends is cut out as a whole, and the ground behind it is filled as a whole. Around the part that stays,
    the picture still knows what the fill would have to invent.

    Returns:
        `[H, W]` float32 from 0 to 1, less than 1 near what moves; None if nothing bends or the camera moves.
    """
    bending = [layer for layer in stack.things if isinstance(layer.warp, BendWarp)]
    if not bending or stack.background.warp is not None or not all(layer.shown[time] for layer in bending):
        return None
    width, height = stack.size
    stays = np.zeros((height, width), bool)
    busy = np.zeros((height, width), bool)
    reach = 1
    for layer in stack.things:
        if isinstance(layer.warp, BendWarp):
            stays[layer.box.slices] |= layer.hole
            reach = max(reach, layer.warp.rest.margin)
            for warp in layer.instants(time):
                _mark(busy, warp, time)
        elif layer.warp is not None:
            busy[layer.box.slices] |= layer.hole
            busy[_reach(layer, time, stack.size).slices] = True
    if not stays.any():
        return None
    way = cv2.distanceTransform((~busy).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5) if busy.any() else np.inf
    return np.where(stays, np.clip(way / reach, 0, 1), 0).astype(np.float32)


def _mark(busy: np.ndarray, warp: BendWarp, time: int) -> None:
    """Adds where a bent mesh moves, before and now, and what is around it."""
    height, width = busy.shape
    for box, area in warp.moving(time):
        part = box.within(width, height)
        if not part.empty:
            rows, columns = (slice(part.top - box.top, part.bottom - box.top),
                             slice(part.left - box.left, part.right - box.left))  # fmt: skip
            busy[part.slices] |= area[rows, columns]


def _reach(layer: Layer, time: int, size: tuple[int, int]) -> Box:
    return layer.reach(time).within(*size)
