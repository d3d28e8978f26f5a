"""What bends: whether drags on one object bend it (`dragnuwa.geometry.warps`), and where it rests."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import cv2
import numpy as np

from ..geometry.bending import is_at_end, lies_over_itself, mesh_of
from ..geometry.grids import Box
from ..geometry.similarity import REST, fit_similarity
from ..geometry.warps import BendWarp
from ..trajectory import Track
from ..trajectory.bending import BentShape, bent_shape
from ..trajectory.pins import stiffness_of
from .layers import Region

log = logging.getLogger(__name__)

FOLLOWED = 0.98  # of the pins' way: below this, it is told that an object does not follow them
JOINED = ("auto", "on")
STRAY = 0.1  # of the longest way: how far tracks may stray from a similarity that explains them


def joined(drags: Sequence[Track]) -> np.ndarray:
    """`[N]` bool: which drags may bend what they lie on."""
    return np.array([drag.bend in JOINED for drag in drags], bool)


def bends(pins: Sequence[Track], ways: np.ndarray, mask: np.ndarray) -> bool:
    """Whether drags on the same object bend it: if one is always to; if an anchor holds it, or no similarity explains
    how they move; or if it is one drag, and begins at an end of the object.

    Args:
        pins: the drags.
        ways: `[m, T]` complex, where they are, in px of the mask.
        mask: `[H, W]` from 0 to 1, the object.
    """
    if not joined(pins).any():
        return False
    kinds = [pin.bend for pin in pins]
    moved = np.abs(ways - ways[:, :1]).max(1)
    if not (moved >= REST).any() and not any(pin.pin for pin in pins):
        return False
    if "on" in kinds:
        return True
    if len(pins) == 1:
        return kinds == ["auto"] and is_at_end(mesh_of(mask), ways[0, 0])
    if not all(kind == "auto" for kind in kinds):
        return False
    strays = np.abs(fit_similarity(ways).apply(ways[:, :1]) - ways).max()
    return bool((moved < REST).any() or strays > STRAY * moved.max())


def bent_shape_of(pins: Sequence[Track], ways: np.ndarray, mask: np.ndarray) -> BentShape:
    """An object that its drags bend; the arguments are those of `bends`."""
    fractions = np.arange(ways.shape[1]) / (ways.shape[1] - 1)
    return bent_shape(mask, pins, ways, fractions, stiffness_of(pins))


def bent_by(region: Region, shape: BentShape | None) -> list[Region]:
    """A region that bends as a shape does; the region itself without one."""
    return [region] if shape is None else front_and_back(replace(region, warp=shape.warp()))


def lies_over(region: Region) -> bool:
    """Whether it is only a part of an object that lies over another part of it."""
    return isinstance(region.warp, BendWarp) and region.warp.in_front


def log_limits(regions: Sequence[Region]) -> None:
    """Logs which of the regions cannot follow their pins."""
    for region in regions:
        if isinstance(region.warp, BendWarp) and not lies_over(region):
            reached = float(region.warp.reached.min())
            if reached < FOLLOWED:
                log.warning(
                    "An object follows its pins only %.0f %% of the way in a frame, where it would turn inside out "
                    "otherwise. Drag it less far, or let less of it stay.", 100 * reached,
                )  # fmt: skip


def front_and_back(region: Region) -> list[Region]:
    """A region whose warp is a `BendWarp`; and in front of it, if it ever lies over itself, what lies over another
    part."""
    warp = region.warp
    if not lies_over_itself(warp.rest.mesh, warp.points, warp.order):
        return [region]
    front, *exposures = (replace(each, in_front=True) for each in (warp, *region.exposures))  # they share the rasters
    return [region, replace(region, warp=front, exposures=tuple(exposures))]


def resting(regions: Sequence[Region], time: int) -> tuple[Box, np.ndarray] | None:
    """How much of each pixel of a frame is as in the picture, because what bends there rests.

    What bends is cut out as a whole, and the background behind it is filled as a whole. Around the part that stays, the
    picture still knows what the fill would have to invent.

    Args:
        regions: the background's, and those before it.

    Returns:
        A box, and `[h, w]` float32 from 0 to 1 in it, less than 1 near what moves; 0 outside. None if nothing bends or
        the camera moves.
    """
    background, *before = regions
    bending = [region for region in before if isinstance(region.warp, BendWarp)]
    if not bending or background.moves or not all(region.shown[time] for region in bending):
        return None
    reach = max(region.warp.rest.margin for region in bending)
    box = reduce(Box.joined, (region.box for region in bending)).grown(reach).common(background.box)
    stays, busy = (np.zeros((box.bottom - box.top, box.right - box.left), bool) for _ in range(2))
    for region in before:
        if isinstance(region.warp, BendWarp):
            _mark(stays, box, region.box, region.hole)
            for warp in region.instants(time):
                for place, area in warp.moving(time):
                    _mark(busy, box, place, area)
        elif region.moves:
            _mark(busy, box, region.box, region.hole)
            there = region.reach(time)
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
