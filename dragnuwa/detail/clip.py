"""`restore` for pictures, drags and masks from other nodes: fits them to the clip, and samples the drags."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from ..carry.drawing import drawing_on, masks_at_picture, some_masks
from ..carry.settings import CarrySettings
from ..common.clip_shape import ClipShape, Size
from ..common.images import (
    MAX_LONGER_SIDE,
    MODES,
    FullSize,
    as_images,
    full_size,
    nearest_even,
    shape_of,
    uncropped_size,
)
from ..common.images import fit as fit_pictures
from ..common.interrupt import Progress, no_progress
from ..common.masks import fit_mask, masks_for
from ..trajectory import parse
from ..trajectory.objects.change import in_area
from ..vision.inpainting.clean_plate import plate_for, plate_of_whole
from .restore import MOST_SIDE, ClipAndPicture, DetailSettings, Restored, restore_drawing

COMPARED = 64  # px, longer side at which the picture and the first frame are compared
CLEARER, CLEAR = 0.5, 0.05  # another fit is suggested if its error is below this fraction, and lower by this much


def restore_clip(
    given: ClipAndPicture,
    drags: str | None = None,
    masks: Tensor | None = None,
    settings: DetailSettings = DetailSettings(),  # noqa: B008 (immutable)
    device: torch.device | None = None,
    progress: Progress = no_progress,
) -> Restored:
    """`dragnuwa.detail.restore.restore_drawing` for what other nodes give.

    Args:
        given: pictures of any size. The background is as `plate_for` takes it.
        drags: any text that `dragnuwa.trajectory.parse` reads; disabled drags and objects are ignored.
        masks: of the clip's size, of the picture's, or of the result's at full size. If all are empty, of whatever
            size, they are ignored.
        settings: how it is restored. The result has the aspect ratio of `dragnuwa.common.images.full_size`: the
            picture's, or the clip's if that was made to differ. If both sides are 0, it has that size, up to
            `MAX_LONGER_SIDE`; if one is, it follows from the other. A derived side is even.
        device: to compute on.
        progress: called after each frame.

    Raises:
        InputError: as `restore_drawing`.
        TrajectoryError: as `parse`.
    """
    images, fit = given.images, settings.fit
    frames, clip_height, clip_width = shape_of(images, "images")
    whole, clip = as_images(given.picture, "picture")[:1], (clip_width, clip_height)
    picture = whole.shape[2], whole.shape[1]
    video = full_size(picture, clip, fit, limit=MOST_SIDE)
    start = _start(whole, images[:1], video)
    background = plate_of_whole(given.background, picture, clip, video)
    if background is not None:
        background = plate_for((start.shape[1], start.shape[0]), background, picture, clip, video.mode)[None]
    drawing = None
    if drags is not None:
        drawn = in_area(parse(drags, width=clip_width, height=clip_height), video.area)
        shape = ClipShape(*uncropped_size(clip, video.area), settings.interpolate * (max(2, frames) - 1) + 1)
        how = "stretch" if video.is_whole else fit
        drawing = drawing_on(whole[0], drawn, shape, settings=CarrySettings(fit=how))
    start = start if device is None else start.to(device)
    restored = restore_drawing(
        ClipAndPicture(images, start[None], background, video.area),
        drawing,
        _masks(masks, whole[0], start, clip, fit, video),
        _at_size(settings, (start.shape[1], start.shape[0])),
        progress,
    )
    likely = _likeliest_fit(whole, images[:1], fit)
    if likely == fit:
        return restored
    hint = f"The clip's first frame looks like the picture fitted by {likely} rather than {fit}: set fit to {likely}."
    return replace(restored, report=f"{restored.report} {hint}")


def _likeliest_fit(picture: Tensor, first: Tensor, mode: str) -> str:
    """The fit that explains the clip's first frame best; `mode` unless another one is clearly better."""
    shrunk = min(1, COMPARED / max(first.shape[1:3]))
    size = tuple(max(1, round(side * shrunk)) for side in (first.shape[2], first.shape[1]))
    seen = fit_pictures(first, *size, "stretch").to(picture.device)

    def unlike(other: str) -> float:
        """1 minus the correlation of their colours, which brightness and contrast do not affect."""
        inside = fit_mask(torch.ones(1, *picture.shape[1:3]), *size, other) > 0.5  # bars may have any colour
        expected, found = (
            pixels[inside.to(picture.device)] for pixels in (fit_pictures(picture, *size, other), seen)
        )  # [P, 3]
        expected, found = expected - expected.mean(0), found - found.mean(0)
        return 1 - float((expected * found).sum() / (expected.norm() * found.norm()).clamp(min=1e-6))

    found = {other: unlike(other) for other in MODES}
    best = min(found, key=found.get)
    return best if found[best] < min(CLEARER * found[mode], found[mode] - CLEAR) else mode


def _start(picture: Tensor, first: Tensor, video: FullSize) -> Tensor:
    """`[H, W, 3]`: the picture `[1, H, W, 3]` as the video's first frame; bars are those of the clip's first frame
    `[1, h, w, C]`."""
    fitted = fit_pictures(picture, *video.size, video.mode)
    if video.mode == "pad":
        inside = fit_mask(torch.ones(1, *picture.shape[1:3]), *video.size, video.mode)[..., None].to(fitted) > 0.5
        fitted = torch.where(inside, fitted, fit_pictures(first, *video.size, "stretch").to(fitted))
    return fitted[0]


def _at_size(settings: DetailSettings, full: Size) -> DetailSettings:
    """With both sides of the result: from the other one and the aspect ratio of the picture at full size, or, if both
    are 0, that size up to `MAX_LONGER_SIDE`."""
    width, height = settings.width, settings.height
    if not width and not height:
        width = nearest_even(full[0] * min(1, MAX_LONGER_SIDE / max(full)))
    width = width or nearest_even(height * full[0] / full[1])
    return replace(settings, width=width, height=height or nearest_even(width * full[1] / full[0]))


def _masks(masks: Tensor | None, whole: Tensor, start: Tensor, clip: Size, mode: str, video: FullSize) -> Tensor | None:
    size, full = ((one.shape[1], one.shape[0]) for one in (start, whole))
    masks = masks_at_picture(masks, full, clip, mode) if video.is_whole else some_masks(masks)
    return None if masks is None else masks_for(size, masks, full, clip, video.mode)
