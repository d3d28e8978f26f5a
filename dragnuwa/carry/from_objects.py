"""Regions of the objects of the trajectory format: the area in each outline, moved, rotated and scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..common.clip_shape import ClipShape
from ..common.interrupt import watched
from ..common.masks import MASKED, check_object_mask
from ..geometry.similarity import REST, SimilarityTransform
from ..geometry.warps import BendWarp, SimilarityWarp
from ..trajectory import MotionObject
from ..trajectory.bending import BentShape
from ..trajectory.objects import Outline, sampling
from ..trajectory.objects.bending import CENTRE, bent_object
from ..trajectory.objects.masks import outline_mask
from .bent import front_and_back
from .layers import SHADOW, Region, region_of_mask

EXPOSURES = 32  # most instants that a motion-blurred frame averages
ALIKE = 1e-6  # tolerance of the factor for a transform at rest


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
    rests = np.abs(motion.factor - 1).max() < ALIKE and np.abs(motion.shift).max() < REST
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
