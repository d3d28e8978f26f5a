"""Layers that bend: which tracks are pins of one object, whether they bend it (`dragnuwa.carry.bend_warp`), and where
it rests."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

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


def resting(stack: Stack, time: int) -> tuple[Box, np.ndarray] | None:
    """How much of each pixel of a frame is as in the picture, because what bends there rests.

    A thing that bends is cut out as a whole, and the ground behind it is filled as a whole. Around the part that stays,
    the picture still knows what the fill would have to invent.

    Returns:
        A box, and `[h, w]` float32 from 0 to 1 in it, less than 1 near what moves; 0 outside. None if nothing bends or
        the camera moves.
    """
    bending = [layer for layer in stack.things if isinstance(layer.warp, BendWarp)]
    if not bending or stack.background.warp is not None or not all(layer.shown[time] for layer in bending):
        return None
    reach = max(layer.warp.rest.margin for layer in bending)
    box = reduce(Box.joined, (layer.box for layer in bending)).grown(reach).within(*stack.size)
    stays, busy = (np.zeros((box.bottom - box.top, box.right - box.left), bool) for _ in range(2))
    for layer in stack.things:
        if isinstance(layer.warp, BendWarp):
            _mark(stays, box, layer.box, layer.hole)
            for warp in layer.instants(time):
                for place, area in warp.moving(time):
                    _mark(busy, box, place, area)
        elif layer.warp is not None:
            _mark(busy, box, layer.box, layer.hole)
            there = layer.reach(time)
            _mark(busy, box, there, np.ones((there.bottom - there.top, there.right - there.left), bool))
    if not busy.any():
        return box, stays.astype(np.float32)
    way = cv2.distanceTransform((~busy).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    return box, np.where(stays, np.minimum(way / reach, 1), 0).astype(np.float32)


def _mark(whole: np.ndarray, box: Box, place: Box, area: np.ndarray) -> None:
    """Adds an area `[h, w]` bool of a place to that of a box."""
    common = place.common(box)
    if not common.empty:
        whole[common.shifted(-box.left, -box.top).slices] |= area[common.shifted(-place.left, -place.top).slices]
