"""A draft: the composition at the size at which the editor plays it.

Patch search finds other patches at another size, so that two sizes of the same picture would be filled differently.
Larger compositions are therefore filled like the draft: what plays is what a run shows.
"""

from __future__ import annotations

from torch import Tensor

from ..common.clip_shape import Size
from ..common.images import WHOLE, Area, size_at
from ..vision.inpainting.fill import FillHole, RecordedFill, fill_hole
from .drawing import Drawing
from .find import find
from .rendering import compose
from .settings import FILLS

LONGEST = 640  # px, the longer side of a draft, where the picture has as many


def draft_size(clip: Size, picture: Size, mode: str) -> Size:
    """(width, height) of the draft of a picture that is fitted to a clip by `mode`, with the clip's aspect ratio."""
    own = max(*size_at(clip[0] / clip[1], *picture, mode), *clip)
    scale = min(LONGEST, own) / max(clip)
    return tuple(max(2, round(side * scale)) for side in clip)


def filled_like_draft(start: Tensor, drawing: Drawing, area: Area = WHOLE) -> FillHole:
    """How a larger composition of the same drawing is to be filled.

    Args:
        start: `[H, W, 3]` from 0 to 1, the picture fitted to the clip, of the size `draft_size`.
        drawing: on that picture. With masks, which the editor does not have, and where the camera moves or nothing is
            copied, the larger one is filled without a draft.
        area: where the clip's frame lies in the larger one, as fractions of its sides.
    """
    if drawing.of_drags is not None or drawing.given is not None or drawing.settings.fill != FILLS[0]:
        return fill_hole
    found, recorded = find(drawing.at_size((start.shape[1], start.shape[0]))), RecordedFill()
    if found.background.moves:
        return fill_hole
    compose(found.background, found.regions, start.movedim(-1, 0), fill_with=recorded)
    return fill_hole if recorded.record is None else RecordedFill(recorded.record, area)
