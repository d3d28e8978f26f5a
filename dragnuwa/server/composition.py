"""The composition of a drawing for the page: the picture, what lies behind the objects that move, and these with their
pixels and motions, from which the page draws every frame itself (`web/core/compose.js`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from torch import Tensor

from ..carry.borders import past_borders
from ..carry.draft import KeptParts, LargeCut, draft_size, filled_like_draft, most_pixels
from ..carry.drawing import check_something_moves, drawing_on
from ..carry.find import Found, find
from ..carry.layers import Composition, Region
from ..carry.rendering import compose, cut
from ..common.clip_shape import ClipShape
from ..common.images import with_longer_side
from ..trajectory import Trajectories
from ..vision.inpainting.fill import RecordedFill
from ..vision.segmentation.prepared import PreparedPicture
from .composition_body import written

LONGEST = 1280  # px, maximum longer side of a composition
SHORTEST = 64  # px, the least that a page may ask for
MOST_PIXELS = 24_000_000  # of all objects together, if each filled the picture
MOST_FRAMES = 96  # instants at most; of longer clips, evenly spaced ones


def composed_size(
    clip: ClipShape, picture: tuple[int, int], mode: str, longest: int, drawing: Trajectories
) -> tuple[int, int]:
    """(width, height) of a composition: with at most `longest` pixels, never more than the picture has, or the clip
    where that has more; and less if many objects move, but not less than a draft.

    Args:
        picture: its (width, height).
        mode: how it is fitted to the clip.
    """
    aspect = clip.width / clip.height
    draft = draft_size(clip.size, picture, mode)
    wanted = min(longest, most_pixels(clip.size, picture, mode), LONGEST)
    objects = drawing.enabled_objects
    count = sum(track.enabled for track in drawing.tracks) + sum(1 + bool(each.shadow) for each in objects)
    many = (MOST_PIXELS / max(1, count) * max(aspect, 1 / aspect)) ** 0.5
    longer = min(wanted, many)
    return draft if longer <= max(draft) else with_longer_side(clip.size, longer)


@dataclass(frozen=True)
class Fitted:
    """A picture as it is fitted to a clip.

    Attributes:
        start: `[H, W, 3]` from 0 to 1, of the size `composed_size`.
        draft: the same of the size `draft_size`, if that is smaller.
        large: the same of the size `cut_size`, if that is larger.
        parts: kept for this picture and clip.
    """

    start: Tensor
    draft: Tensor | None = None
    large: Tensor | None = None
    parts: KeptParts = field(default_factory=KeptParts)


def composition(picture: PreparedPicture, fitted: Fitted, drawing: Trajectories, clip: ClipShape) -> bytes:
    """What `dragnuwa.carry.carry_clip` renders with default settings, as layers.

    Args:
        picture: prepared for this clip.
        fitted: the same, fitted to it.
        drawing: drags and objects.
        clip: size and number of frames.

    Returns:
        As `dragnuwa.server.composition_body.written`.

    Raises:
        ValueError: as `carry_clip`, if the drags carry nothing.
    """
    drawn = drawing_on(picture, drawing, clip)
    check_something_moves(drawn, drawing)
    image, parts = fitted.start.movedim(-1, 0), fitted.parts
    found = find(drawn.at_size((image.shape[2], image.shape[1])))
    sources = [{"tracks": region.ids} for region in found.of_drags]
    sources += [{"object": region.ids[0]} for region in found.of_objects]
    times = np.linspace(0, clip.frames - 1, min(clip.frames, MOST_FRAMES)).round().astype(int)
    lifted, fill_with = _lifted(found), RecordedFill(fills=parts.fills)
    cut_with = partial(cut, cut_one=parts.cut_region)
    if fitted.large is not None:
        cut_with = LargeCut(drawn, fitted.large, parts)
    if fitted.draft is not None:
        fill_with = filled_like_draft(fitted.draft, drawn, cut_with=cut_with, fills=parts.fills)

    def composed(regions: Sequence[Region]) -> Composition:
        return past_borders(compose(found.background, cut_with(regions, image), image, fill_with=fill_with))

    return written(composed(found.regions), sources, times, None if lifted is None else composed(lifted))


def _lifted(found: Found) -> list[Region] | None:
    """The regions where each object at rest is one that moves, but not away; None if no object rests."""
    if all(region.moves for region in found.of_objects):
        return None
    return [*found.of_drags, *(region.as_moving() for region in found.of_objects)]
