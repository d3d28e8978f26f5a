"""Drafts: compositions that are smaller than the video of a run, and look like it.

What the editor plays is to be what a run shows. Matting finds another edge at another size, and patch search other
patches. So a smaller composition is cut out at the run's size and then made smaller, and a larger one is filled as the
draft was (`RecordedFill`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from torch import Tensor

from ..common.clip_shape import WHOLE, Area, Size
from ..common.images import MAX_LONGER_SIDE, fit, size_at, with_longer_side
from ..common.kept import Kept, digest
from ..geometry.grids import Box, shares
from ..vision.inpainting.fill import FillHole, RecordedFill, fill_hole
from .drawing import Drawing
from .find import find
from .layers import FAINTEST, Layer, Region
from .rendering import CutOut, compose, cut, cut_region, is_cut, layer_of
from .settings import FILLS

LONGEST_DRAFT = 640  # px, the longer side of a draft, where the picture has as many
CUT = "box", "opacity", "weight", "hole", "soft", "grow", "feather"
"""What cutting changes of a region."""
LARGEST_KEPT = 2**21  # px of an edge, 36 MB
TOUCHED = 0.1  # part of a pixel: less of what is filled at the run's size is no hole at a smaller one


def most_pixels(clip: Size, picture: Size, mode: str) -> float:
    """px, the longer side at which a picture that is fitted to a clip by `mode` has its own pixels; the clip's where
    that has more."""
    return max(*size_at(clip[0] / clip[1], *picture, mode), *clip)


def draft_size(clip: Size, picture: Size, mode: str) -> Size:
    """(width, height) of the draft of a picture that is fitted to a clip by `mode`, with the clip's aspect ratio: the
    size at which the editor plays it."""
    return with_longer_side(clip, min(LONGEST_DRAFT, most_pixels(clip, picture, mode)))


def cut_size(clip: Size, picture: Size, mode: str) -> Size:
    """(width, height) at which what moves is cut out for a draft: that of a run in the picture's size."""
    return with_longer_side(clip, min(MAX_LONGER_SIDE, most_pixels(clip, picture, mode)))


@dataclass(frozen=True)
class KeptParts:
    """What a composition of a picture has that does not depend on where things move, only on which: kept for the next
    drawing on it, as most are changes of the last one."""

    edges: Kept = field(default_factory=lambda: Kept(4))
    fills: Kept = field(default_factory=lambda: Kept(4))

    def cut_region(self, region: Region, pixels: np.ndarray) -> tuple[Region, np.ndarray | None]:
        """As `dragnuwa.carry.rendering.cut_region`, once for each object."""
        if region.opacity.size > LARGEST_KEPT:
            return cut_region(region, pixels)
        finish = region.role, region.moves, region.grow, region.feather
        key = pixels.shape, region.box, digest(region.opacity, region.hole), finish
        done, colors = self.edges.made(key, lambda: cut_region(region, pixels))
        return replace(region, **{name: getattr(done, name) for name in CUT}), colors


class LargeCut:
    """Cuts out what a drawing moves at the size of a run, for smaller compositions. As `rendering.cut` for those of
    `find(drawing)` at any smaller size, at rest or moving."""

    def __init__(self, drawing: Drawing, image: Tensor, parts: KeptParts | None = None):
        """
        Args:
            drawing: on the picture.
            image: `[H, W, 3]` from 0 to 1, the picture fitted to the clip, of the size `cut_size`.
            parts: kept for this picture and clip.
        """
        self.parts = parts or KeptParts()
        self.image = image.movedim(-1, 0)
        self.drawing = drawing.at_size((image.shape[1], image.shape[0]))
        self._layers: dict[tuple[bool, ...], tuple[Layer, ...]] = {}

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """Of the size at which they are cut."""
        return find(self.drawing).regions

    def __call__(self, regions: Sequence[Region], image: Tensor) -> tuple[Layer, ...]:
        """
        Args:
            regions: of the same drawing at a smaller size.
            image: `[3, H, W]` from 0 to 1, of that size.
        """
        moving = tuple(region.moves for region in regions)
        if moving not in self._layers:
            own = zip(self.regions, moving, strict=True)
            large = [region.as_moving() if moves else region for region, moves in own]
            self._layers[moving] = cut(large, self.image, self.parts.cut_region)
        layers = zip(regions, self._layers[moving], strict=True)
        return tuple(
            smaller(layer, region, image) if is_cut(region) else layer_of(region, image, None)
            for region, layer in layers
        )


def smaller(layer: Layer, region: Region, image: Tensor) -> Layer:
    """A layer as it looks in a smaller picture.

    Args:
        layer: that was cut out of the picture at a larger size.
        region: the same at the smaller size, before it is cut.
        image: `[3, H, W]` from 0 to 1, the smaller picture.
    """
    (height, width), large = image.shape[1:], layer.region
    across, down = layer.limits.right / width, layer.limits.bottom / height
    left, top, right, bottom = large.box.left, large.box.top, large.box.right, large.box.bottom
    box = Box(int(left / across), int(top / down), math.ceil(right / across), math.ceil(bottom / down))
    box = box.within(width, height)
    rows = shares(box.top * down - top, down, box.bottom - box.top, bottom - top)
    columns = shares(box.left * across - left, across, box.right - box.left, right - left)

    def averaged(values: np.ndarray) -> np.ndarray:
        return np.einsum("yr,rc...,xc->yx...", rows, values.astype(np.float32), columns, optimize=True)

    opacity = averaged(large.opacity)
    colors = averaged(layer.pixels[:3].movedim(0, -1).cpu().numpy() * large.opacity[..., None])
    colors = (colors / np.maximum(opacity, FAINTEST)[..., None]).clip(0, 1)
    hole = averaged(large.hole) > TOUCHED
    opacity = np.where(opacity > 1 - FAINTEST, 1, opacity).astype(np.float32)
    shape = {"box": box, "opacity": opacity, "weight": hole.astype(np.float32), "hole": hole, "soft": large.soft}
    return layer_of(replace(region, **shape, grow=0.0, feather=0.0), image, colors)


def filled_like_draft(
    start: Tensor,
    drawing: Drawing,
    area: Area = WHOLE,
    cut_with: CutOut = cut,
    fills: Kept | None = None,
) -> FillHole:
    """How a composition that is larger than the draft is filled. Patch search finds other patches at another size, and
    what plays should be what a run shows.

    Args:
        start: `[H, W, 3]` from 0 to 1, the picture fitted to the clip, of the size `draft_size`.
        drawing: on that picture. With masks, which the editor does not have, and where nothing is copied, the larger
            one is filled without a draft.
        area: where the clip's frame lies in that of the larger one, as fractions of its sides.
        cut_with: cuts out what moves in the draft.
        fills: as of `RecordedFill`.
    """
    is_masked = drawing.of_drags is not None or drawing.given is not None
    if drawing.is_empty or is_masked or drawing.settings.fill != FILLS[0]:
        return fill_hole
    found, recorded = find(drawing.at_size((start.shape[1], start.shape[0]))), RecordedFill(fills=fills)
    image = start.movedim(-1, 0)
    compose(found.background, cut_with(found.regions, image), image, fill_with=recorded)
    return fill_hole if recorded.record is None else RecordedFill(recorded.record, area, fills)


def draft_of(picture: Tensor, drawing: Drawing) -> tuple[Tensor, LargeCut]:
    """A picture's draft: it of the size `draft_size`, and how it is cut out.

    Args:
        picture: `[H, W, 3]` from 0 to 1.
        drawing: on it, prepared for the clip.
    """
    of = drawing.picture
    start, large = (
        fit(picture[None], *size(of.clip, of.picture, of.mode), of.mode)[0] for size in (draft_size, cut_size)
    )
    return start, LargeCut(drawing, large)
