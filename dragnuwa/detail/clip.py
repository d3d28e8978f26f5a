"""`restore` for pictures, drags and masks as they come from other nodes: cropped as for the clip, and sampled."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..clip_shape import ClipShape
from ..images import as_masks, crop, masks_for, shape_of
from ..interrupt import InterruptCheck, never
from ..tracking.optical_flow import Estimator
from ..trajectory import Trajectories, parse
from .restore import Restored, restore

MOST = 2048  # px, longer side of the result where none is asked for


def restore_clip(
    images: Tensor,
    picture: Tensor,
    drags: str | None = None,
    masks: Tensor | None = None,
    *,
    width: int = 0,
    height: int = 0,
    strength: float = 1.0,
    flow: Estimator | None = None,
    device: torch.device | None = None,
    check_interrupt: InterruptCheck = never,
    progress: Callable[[int], None] | None = None,
) -> Restored:
    """
    Args:
        images: `[T, h, w, C]`, the clip.
        picture: `[B, H, W, C]`, of which the first is used, cropped to the clip's aspect ratio.
        drags: any text that `dragnuwa.trajectory.parse` reads; those that are switched off do not count.
        masks: of the clip's size, of the picture's, or of the picture's cropped to the clip's aspect ratio. Where all
            are empty, of whatever size, there is none.
        width, height: of the result in pixels; where one is 0, as the other and the clip's aspect ratio say; where both
            are, the picture's, up to `MOST`. A side that is not asked for is even.
        device: to compute on.
        progress: called with the number of each frame that is done.
        strength, flow, check_interrupt: as for `restore`.

    Raises:
        InputError: as `restore`.
        TrajectoryError: as `parse`.
    """
    frames, clip_height, clip_width = shape_of(images, "images")
    shape = ClipShape(clip_width, clip_height, max(2, frames))
    shape_of(picture, "picture")
    start = crop(picture[:1], shape.width / shape.height)[0]
    points = visible = None
    if drags is not None:
        tracks: Trajectories = parse(drags, width=shape.width, height=shape.height)
        sampled = tracks.at_frames(shape)
        points, visible = sampled.points, sampled.visible
    return restore(
        images,
        start if device is None else start.to(device),
        points=points,
        visible=visible,
        masks=_masks(masks, picture[0], start, shape),
        width=_side(width, height, shape.width, shape.height, start.shape[1], start.shape[0]),
        height=_side(height, width, shape.height, shape.width, start.shape[0], start.shape[1]),
        strength=strength,
        flow=flow,
        check_interrupt=check_interrupt,
        progress=progress,
    )


def _side(wanted: int, other: int, clip_side: int, clip_other: int, side: int, other_side: int) -> int:
    if wanted:
        return wanted
    if other:
        return _even(other * clip_side / clip_other)
    return _even(side * min(1, MOST / max(side, other_side)))


def _even(side: float) -> int:
    """Video codecs halve the colours' resolution, and refuse odd sides."""
    return max(2, int(side) // 2 * 2)


def _masks(masks: Tensor | None, picture: Tensor, start: Tensor, shape: ClipShape) -> Tensor | None:
    if masks is None:
        return None
    masks = as_masks(masks, "masks")
    if not masks.any():
        return None
    size, whole = ((one.shape[1], one.shape[0]) for one in (start, picture))
    return masks_for(size, masks, whole, shape.size)
