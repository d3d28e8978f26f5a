"""What moves, as regions: the objects of a drawing, the object or the surroundings that drags move, and what they bend.

Points are complex numbers x + iy in pixels, as in `dragnuwa.geometry.warps`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ..common.clip_shape import ClipShape
from ..common.interrupt import watched
from ..common.masks import MASKED, check_object_mask
from ..geometry.bending import is_at_end, lies_over_itself, mesh_of
from ..geometry.grids import Box
from ..geometry.similarity import REST, SimilarityTransform, fit_similarity
from ..geometry.warps import BendWarp, InverseDistanceWarp, SimilarityWarp
from ..trajectory import MotionObject, Track
from ..trajectory.bending import BentShape, bent_shape
from ..trajectory.objects import Outline, sampling
from ..trajectory.objects.masks import outline_mask
from ..trajectory.pins import CENTRE, bent_object, stiffness_of
from .layers import SHADOW, SURROUNDINGS, Region, region_of_mask

EXPOSURES = 32  # most instants that a motion-blurred frame averages
REST_FACTOR = 1e-6  # tolerance of the factor for a transform at rest
STRETCH = 0.5  # largest relative change in the distance of two neighbours in one layer
log = logging.getLogger(__name__)

FOLLOWED = 0.98  # of the pins' way: below this, it is told that an object does not follow them
JOINED = ("auto", "on")
STRAY = 0.1  # of the longest way: how far tracks may stray from a similarity that explains them


def regions_of_objects(
    objects: Sequence[MotionObject], clip: ClipShape, masks: np.ndarray | None = None
) -> list[Region]:
    """The regions of objects, in their order from back to front, whether they move or rest.

    Unlike what a drag carries, an object may be hidden when the clip begins: its outline says where it is.

    Args:
        objects: the enabled ones.
        clip: size and number of frames.
        masks: `[K, H, W]` from 0 to 1, of the clip's size, replacing the outlines; an empty one keeps the outline.

    Returns:
        One region per object, preceded by that of its shadow; none for an object that lies outside the picture.

    Raises:
        InputError: if a mask lies beside the outline that it replaces.
    """
    regions = []
    for k, each in enumerate(watched(objects)):
        mask = outline_mask(each.outline, clip.width, clip.height)
        if masks is not None and (masks[k] >= MASKED).any():
            check_object_mask(masks[k], mask, each.name or each.id)
            mask = masks[k]
        if (mask >= MASKED).any():
            region = _region(each, mask, clip)
            shadow = area_of(each.shadow, clip)
            if shadow is not None and region.moves:
                regions.append(_shadow_of(region, shadow))
            shape = bent_object(each, _fractions(clip), clip.size, mask)
            regions += [region] if shape is None else front_and_back(_bent(region, each, shape, clip))
    return regions


def _region(each: MotionObject, mask: np.ndarray, clip: ClipShape) -> Region:
    """An object with its finish, which also applies to a mask in place of the outline."""
    motion, shown = _motion(each, clip)
    unit = (clip.width * clip.height) ** 0.5
    return replace(
        region_of_mask(mask, None if motion is None else SimilarityWarp(motion), shown),
        ids=(each.id,),
        fill_from=area_of(each.fill_from, clip),
        grow=each.grow * unit,
        feather=each.feather * unit,
        distance=each.distance,
        exposures=() if motion is None or each.shutter == 0 else _exposures(each, clip),
    )


def _shadow_of(region: Region, area: np.ndarray) -> Region:
    """The shadow of an object: it moves as that does."""
    shadow = shadow_region(area, region.shown)
    return replace(shadow, warp=region.warp, ids=region.ids, fill_from=region.fill_from, exposures=region.exposures)


def shadow_region(area: np.ndarray, shown: np.ndarray) -> Region:
    """A shadow from its area `[H, W]` bool, as drawn; shown is `[T]` bool."""
    return region_of_mask(area.astype(np.float32), None, shown, SHADOW)


def area_of(outline: Outline, clip: ClipShape) -> np.ndarray | None:
    """`[H, W]` bool: the area inside an outline, or None if that is outside the picture."""
    area = outline_mask(outline, clip.width, clip.height) >= MASKED if outline else None
    return area if area is not None and area.any() else None


def _fractions(clip: ClipShape) -> np.ndarray:
    return np.arange(clip.frames) / (clip.frames - 1)


def _bent(region: Region, each: MotionObject, shape: BentShape, clip: ClipShape) -> Region:
    """The region of an object that bends, and then follows its own motion. A shadow only follows that."""
    own = shape.warp()
    warp = own.moved(_transform(each, _fractions(clip), clip))
    if each.shutter == 0:
        return replace(region, warp=warp)
    motions = (blurred.motion for blurred in _exposures(each, clip))
    bent = (own.at(times) for times in _instants(each, clip))
    return replace(region, warp=warp, exposures=tuple(map(BendWarp.moved, bent, motions)))


def _motion(each: MotionObject, clip: ClipShape) -> tuple[SimilarityTransform | None, np.ndarray]:
    """An object's warp, or None if it rests and is never hidden; and `[T]` bool, when it is visible."""
    fractions = _fractions(clip)
    shown = sampling.visibility(each, fractions)
    motion = _transform(each, fractions, clip)
    rests = np.abs(motion.factor - 1).max() < REST_FACTOR and np.abs(motion.shift).max() < REST
    return (None if rests and shown.all() else motion), shown


def _transform(each: MotionObject, fractions: np.ndarray, clip: ClipShape) -> SimilarityTransform:
    return between_centres(sampling.transform(each, fractions, np.array(clip.size, dtype=np.float64)))


def _exposures(each: MotionObject, clip: ClipShape) -> tuple[SimilarityWarp, ...]:
    """The motion at the midpoints of `EXPOSURES` equal parts of the time for which the shutter is open, centred on the
    frame. Beyond the clip's last frame the motion is extrapolated; otherwise that frame would be half sharp.
    """
    last = clip.frames - 1
    warps = []
    for of in _instants(each, clip):
        found = _transform(each, of.clip(0, last) / last, clip)
        if of[-1] > last:
            end, before = (_transform(each, np.array([time / last]), clip) for time in (last, 2 * last - of[-1]))
            on = end.after(before.inverse()).after(end)
            found.factor[-1:], found.shift[-1:] = on.factor, on.shift
        warps.append(SimilarityWarp(found))
    return tuple(warps)


def _instants(each: MotionObject, clip: ClipShape) -> np.ndarray:
    """`[E, T]` in frames: the midpoints of equal parts of the time for which the shutter is open."""
    late = (np.arange(EXPOSURES) + 0.5) / EXPOSURES - 0.5  # in units of the open time
    return np.arange(clip.frames) + each.shutter * late[:, None]


def between_centres(motion: SimilarityTransform) -> SimilarityTransform:
    """Converts a transform of coordinates from the picture's corner to coordinates from the centre of its first
    pixel."""
    return SimilarityTransform(motion.factor, motion.shift + (motion.factor - 1) * CENTRE)


def region_of_object(mask: np.ndarray, tracks: np.ndarray, shown: np.ndarray, ids: tuple[str, ...]) -> Region:
    """The region of the object under a mask `[H, W]`, which tracks `[m, T]` (complex) move as a whole; shown is `[T]`
    bool."""
    warp = SimilarityWarp(fit_similarity(tracks)) if moves(tracks) else None
    return replace(region_of_mask(mask, warp, shown), ids=ids)


def regions_around(
    tracks: np.ndarray, visible: np.ndarray, free: np.ndarray, taken: np.ndarray, radius: float
) -> list[tuple[np.ndarray, Region]]:
    """The surroundings of tracks without a mask, with the numbers of the tracks that move each: every pixel within
    `radius` of a track's start belongs to the nearest one.

    The weight is the drag maps' Gaussian, which has fallen to 0.5 where the region ends.

    Args:
        tracks: `[N, T]` complex, in pixels; visible: `[N, T]` bool.
        free: `[n]` int, those without a mask.
        taken: `[H, W]` bool, what belongs to masks.
        radius: in pixels.
    """
    if not len(free):
        return []
    nearest, distance = _nearest(tracks[free, 0], taken.shape)
    weight = np.exp(-np.log(2) * (distance / radius) ** 2).astype(np.float32)
    nearest[(distance > radius) | taken] = -1
    height, width = taken.shape
    regions = []
    for members in _moving_alike(tracks[free], radius):
        own = tracks[free[members]]  # [n, T]
        box = Box.around(own[:, 0], radius + 1).within(width, height)
        inside = np.isin(nearest[box.slices], members)
        if inside.any():
            warp = _warp(own, radius) if moves(own) else None
            opacity, shown = inside.astype(np.float32), visible[free[members]].any(0)
            region = Region(box, opacity, weight[box.slices], inside, warp, shown, SURROUNDINGS)
            regions.append((free[members], region))
    return regions


def _warp(tracks: np.ndarray, radius: float) -> SimilarityWarp | InverseDistanceWarp:
    return SimilarityWarp(fit_similarity(tracks)) if len(tracks) == 1 else InverseDistanceWarp(tracks, radius)


def _nearest(starts: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """For every pixel `[H, W]`, the nearest of `starts`, and its distance. If two share a pixel, the later one wins."""
    seeds = np.ones(shape, np.uint8)
    x, y = np.rint(starts.real).astype(int), np.rint(starts.imag).astype(int)
    seeds[y, x] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    of_label = np.zeros(labels.max() + 1, int)
    for index, (row, column) in enumerate(zip(y, x, strict=True)):
        of_label[labels[row, column]] = index
    nearest = of_label[labels]
    height, width = shape
    return nearest, np.abs(Box(0, 0, width, height).positions() - starts[nearest])


def _moving_alike(tracks: np.ndarray, radius: float) -> list[np.ndarray]:
    """Track indices of each region: neighbours whose surroundings touch, and whose distance hardly changes. A track at
    rest has its own layer, so that what it holds is not bent."""
    moves = np.abs(tracks - tracks[:, :1]).max(1) >= REST
    starts = tracks[:, 0]
    pairs = cKDTree(np.stack([starts.real, starts.imag], -1)).query_pairs(2 * radius, output_type="ndarray")  # [P, 2]
    u, v = pairs[moves[pairs].all(1)].T
    parting = np.abs((tracks[u] - starts[u, None]) - (tracks[v] - starts[v, None])).max(1, initial=0)
    alike = parting <= STRETCH * np.abs(starts[u] - starts[v])
    u, v = u[alike], v[alike]
    links = coo_array((np.ones(len(u)), (u, v)), shape=(len(tracks), len(tracks)))
    count, label = connected_components(links, directed=False)
    return [np.flatnonzero(label == number) for number in range(count)]


def moves(tracks: np.ndarray) -> bool:
    return bool(np.abs(tracks - tracks[:, :1]).max() >= REST)


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
            log_limit(region.warp.reached)


def log_limit(reached: np.ndarray) -> None:
    """Logs if an object cannot follow its pins; `reached` [T] as of `dragnuwa.geometry.bending.Bent`."""
    least = float(reached.min())
    if least < FOLLOWED:
        log.warning(
            "An object follows its pins only %.0f %% of the way in a frame, where it would turn inside out otherwise. "
            "Drag it less far, or let less of it stay.", 100 * least,
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
