"""The composition of a drawing for the page: the picture, what lies behind the objects that move, and these with their
pixels and motions, from which the page draws every frame itself (`web/core/compose.js`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from ..carry.draft import LargeCut, draft_size, filled_like_draft, most_pixels
from ..carry.drawing import check_something_moves, drawing_on
from ..carry.find import Found, find
from ..carry.layers import Composition, Region
from ..carry.rendering import compose, cut
from ..common.clip_shape import ClipShape
from ..common.images import with_longer_side
from ..trajectory import Trajectories
from ..vision.inpainting.fill import fill_hole
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


def composition(
    picture: PreparedPicture,
    start: Tensor,
    drawing: Trajectories,
    clip: ClipShape,
    draft: Tensor | None = None,
    large: Tensor | None = None,
) -> bytes:
    """What `dragnuwa.carry.carry_clip` renders with default settings, as layers.

    Args:
        picture: prepared for this clip.
        start: `[H, W, 3]` from 0 to 1, the picture fitted to the clip, of the size `composed_size`.
        drawing: drags and objects.
        clip: size and number of frames.
        draft: `[H, W, 3]`, the same of the size `draft_size`, if that is smaller.
        large: `[H, W, 3]`, the same of the size `cut_size`, if that is larger.

    Returns:
        As `dragnuwa.server.composition_body.written`.

    Raises:
        ValueError: as `carry_clip`, if the drags carry nothing.
    """
    drawn = drawing_on(picture, drawing, clip)
    check_something_moves(drawn, drawing)
    found = find(drawn.at_size((start.shape[1], start.shape[0])))
    sources = [{"tracks": region.ids} for region in found.of_drags]
    sources += [{"object": region.ids[0]} for region in found.of_objects]
    times = np.linspace(0, clip.frames - 1, min(clip.frames, MOST_FRAMES)).round().astype(int)
    image, lifted = start.movedim(-1, 0), _lifted(found)
    cut_with = cut if large is None else LargeCut(drawn, large)
    fill_with = fill_hole if draft is None else filled_like_draft(draft, drawn, cut_with=cut_with)

    def composed(regions: Sequence[Region]) -> Composition:
        return compose(found.background, cut_with(regions, image), image, fill_with=fill_with)

    return written(composed(found.regions), sources, times, None if lifted is None else composed(lifted))


def _lifted(found: Found) -> list[Region] | None:
    """The regions where each object at rest is one that moves, but not away; None if no object rests."""
    if all(region.moves for region in found.of_objects):
        return None
    return [*found.of_drags, *(region.as_moving() for region in found.of_objects)]
