"""Checks the arguments of `restore`, and converts them to the pixels of its result."""

from __future__ import annotations

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from ..common.errors import InputError
from ..common.images import as_images, same_shape
from ..common.masks import MASKED, as_masks, check_size
from ..geometry.grids import Grid, rescaled
from ..trajectory.sampling import without_drift

ANALYSED = 192  # px, longer side of the analysed clip: finer detail is only the autoencoder's noise
LEAST_SIDE = 16  # px, of a clip
MOST_SIDE = 8192  # px, of the result


def check_pictures(
    images: Tensor, picture: Tensor, width: int | None, height: int | None, strength: float, follow: float
) -> tuple[Tensor, Tensor, Grid]:
    clip, picture = as_images(images, "images"), as_images(picture[None], "picture")[0]
    if len(clip) < 2:
        raise InputError("images should be a clip of at least two frames; found one. Connect the frames of a video.")
    if min(clip.shape[1:3]) < LEAST_SIDE or min(picture.shape[:2]) < LEAST_SIDE:
        raise InputError(f"images and picture should be at least {LEAST_SIDE} pixels wide and high.")
    full = (picture.shape[1] if width is None else width, picture.shape[0] if height is None else height)
    if not all(LEAST_SIDE <= side <= MOST_SIDE for side in full):
        raise InputError(f"width and height should be {LEAST_SIDE} to {MOST_SIDE}; found {full[0]}x{full[1]}.")
    for name, value in (("strength", strength), ("follow", follow)):
        if not 0 <= value <= 1:
            raise InputError(f"{name} should be from 0 to 1; found {value}.")
    _check_aspect("picture", (picture.shape[1], picture.shape[0]), clip)
    _check_aspect("width and height", full, clip)
    side = max(clip.shape[1:3])
    small = tuple(max(1, round(length * min(1, ANALYSED / side))) for length in (clip.shape[2], clip.shape[1]))
    return clip, picture, Grid(full, small)


def _check_aspect(what: str, size: tuple[int, int], clip: Tensor) -> None:
    height, width = clip.shape[1:3]
    if not same_shape(size, (width, height)):
        raise InputError(
            f"The {what} should have the clip's aspect ratio; found {size[0]}x{size[1]} for a clip of {width}x{height} "
            "pixels. Crop the picture as it was cropped for the clip."
        )


def check_frames(frames: int | None, of_clip: int) -> tuple[int, int]:
    """The number of frames of the result, and of result frames per clip frame."""
    frames = of_clip if frames is None else frames
    step, rest = divmod(frames - 1, of_clip - 1)
    if step < 1 or rest:
        raise InputError(
            f"frames should be a multiple of {of_clip - 1} plus 1 for a clip of {of_clip} frames; found {frames}."
        )
    return frames, step


def check_tracks(points: np.ndarray | None, visible: np.ndarray | None, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """`[N, F, 2]` in pixels of the clip, anchors without their drift, and `[N, F]`."""
    if points is None:
        return np.zeros((0, frames, 2)), np.zeros((0, frames), bool)
    points = np.asarray(points, np.float64)
    if points.ndim != 3 or points.shape[1:] != (frames, 2) or not np.isfinite(points).all():
        raise InputError(
            f"points should be finite [N, T, 2] with the result's {frames} frames; found {list(points.shape)}."
        )
    visible = np.ones(points.shape[:2], bool) if visible is None else np.asarray(visible, bool)
    if visible.shape != points.shape[:2]:
        raise InputError(f"visible should be [N, T] = {list(points.shape[:2])}; found {list(visible.shape)}.")
    return without_drift(points), visible if visible[:, :1].any() else visible & False


def in_result(points: np.ndarray, clip: Tensor, grid: Grid) -> np.ndarray:
    """Points of the clip in pixels of the result, inside it."""
    height, width = clip.shape[1:3]
    sides = np.array(grid.full)
    return rescaled(points, (width, height), sides).clip(0, sides - 1)


def check_masks(masks: Tensor | None, clip: Tensor, picture: Tensor, grid: Grid) -> np.ndarray | None:
    """`[M, H, W]` from 0 to 1, of the result's size."""
    if masks is None:
        return None
    masks = as_masks(masks, "masks")
    check_size(masks, (picture.shape[1], picture.shape[0]), (clip.shape[2], clip.shape[1]))
    if not (masks >= MASKED).any():
        return None
    return F.interpolate(masks[:, None], grid.full[::-1], mode="bilinear")[:, 0].cpu().numpy()
