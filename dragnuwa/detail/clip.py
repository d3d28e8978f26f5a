"""`restore` for pictures, drags and masks from other nodes: fits them to the clip, and samples the drags."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from ..carry.drawing import drawing_on
from ..carry.settings import CarrySettings
from ..common.clip_shape import ClipShape
from ..common.images import MODES, as_images, shape_of, size_at
from ..common.images import fit as fit_pictures
from ..common.interrupt import Progress, no_progress
from ..common.masks import MASKED, as_object_masks, fit_mask, masks_for
from ..trajectory import parse
from ..vision.inpainting.clean_plate import plate_for
from .restore import MOST_SIDE, ClipAndPicture, DetailSettings, Restored, restore_drawing

MAX_LONGER_SIDE = 2048  # px, default limit of the result's longer side
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
        masks: of the clip's size, of the picture's, or of the picture's fitted to the clip's aspect ratio. If all are
            empty, of whatever size, they are ignored.
        settings: how it is restored. If one side is 0, it follows from the other and the clip's aspect ratio; if both
            are, the picture's size is used, up to `MAX_LONGER_SIDE`. A derived side is even.
        device: to compute on.
        progress: called after each frame.

    Raises:
        InputError: as `restore_drawing`.
        TrajectoryError: as `parse`.
    """
    images, background = given.images, given.background
    frames, clip_height, clip_width = shape_of(images, "images")
    shape, fit = ClipShape(clip_width, clip_height, settings.interpolate * (max(2, frames) - 1) + 1), settings.fit
    whole = as_images(given.picture, "picture")[:1]
    start = _start(whole, images[:1], fit)
    if background is not None:
        whole_size, size = (whole.shape[2], whole.shape[1]), (start.shape[1], start.shape[0])
        background = plate_for(size, background, whole_size, shape.size, fit)[None]
    drawing = None
    if drags is not None:
        drawing = drawing_on(whole[0], parse(drags, width=shape.width, height=shape.height), shape,
                             settings=CarrySettings(fit=fit))  # fmt: skip
    full = start.shape[1], start.shape[0]
    start = start if device is None else start.to(device)
    restored = restore_drawing(
        ClipAndPicture(images, start[None], background),
        drawing,
        _masks(masks, whole[0], start, shape, fit),
        replace(
            settings,
            width=_side(settings.width, settings.height, shape.size, full),
            height=_side(settings.height, settings.width, shape.size[::-1], full[::-1]),
        ),
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


def _start(picture: Tensor, first: Tensor, mode: str) -> Tensor:
    """`[H, W, 3]`: the picture `[1, H, W, 3]`, fitted like the clip's first frame `[1, h, w, C]`, but at full size."""
    height, width = picture.shape[1:3]
    size = size_at(first.shape[2] / first.shape[1], width, height, mode)
    size = tuple(max(1, round(side * min(1, MOST_SIDE / max(size)))) for side in size)
    fitted = fit_pictures(picture, *size, mode)
    if mode == "pad":
        inside = fit_mask(torch.ones(1, height, width), *size, mode)[..., None].to(fitted) > 0.5
        fitted = torch.where(inside, fitted, fit_pictures(first, *size, "stretch").to(fitted))
    return fitted[0]


def _side(wanted: int, other: int, clip: tuple[int, int], full: tuple[int, int]) -> int:
    """A side of the result, from what is wanted of it and of the other one; and the same side and the other one of the
    clip and of the picture."""
    if wanted:
        return wanted
    if other:
        return _even(other * clip[0] / clip[1])
    return _even(full[0] * min(1, MAX_LONGER_SIDE / max(full)))


def _even(side: float) -> int:
    """Video codecs subsample chroma by two, and refuse odd sides."""
    return max(2, int(side) // 2 * 2)


def _masks(masks: Tensor | None, whole: Tensor, start: Tensor, shape: ClipShape, mode: str) -> Tensor | None:
    if masks is None:
        return None
    masks = as_object_masks(masks)
    if not (masks >= MASKED).any():
        return None
    size, full = ((one.shape[1], one.shape[0]) for one in (start, whole))
    return masks_for(size, masks, full, shape.size, mode)
