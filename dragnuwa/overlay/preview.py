"""Previews drags over a picture or the frames of a video, with drag maps and masks below them."""

from __future__ import annotations

import torch

from ..common.clip_shape import MAX_MODEL_FRAMES, MIN_MODEL_FRAMES, ClipShape
from ..common.images import as_images
from ..common.interrupt import Progress, no_progress
from ..trajectory import Trajectories, parse
from . import maps, tracks
from .frames import over_frames


def preview(
    image: torch.Tensor | None,
    trajectories: str | Trajectories,
    frames: int,
    *,
    flow: torch.Tensor | None = None,
    mask: torch.Tensor | None = None,
    progress: Progress = no_progress,
) -> torch.Tensor:
    """Draws drags over a picture or a video, frame by frame.

    Args:
        image: `[1, H, W, C]` or `[T, H, W, C]`, same format as `as_images`.
        trajectories: the drags, or anything that `dragnuwa.trajectory.parse` reads.
        frames: T, of the clip.
        flow: `[T, 2, H, W]` drag maps to show below the drags.
        mask: same format as `as_masks`, to tint below the drags.
        progress: called after each frame.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU.

    Raises:
        InputError: if the pictures or masks have another shape or type.
        ValueError: if there is no picture, or numbers of frames or sizes differ.
        TrajectoryError: if the drags cannot be read.
    """
    if image is None:
        raise ValueError("There is no picture to draw on. Connect an image to the Trajectory Editor.")
    pictures = as_images(image)
    if not MIN_MODEL_FRAMES <= frames <= MAX_MODEL_FRAMES or len(pictures) not in (1, frames):
        raise ValueError(
            f"Expected one picture or {frames} of them ({MIN_MODEL_FRAMES} to {MAX_MODEL_FRAMES} frames); "
            f"found {len(pictures)}. Set 'frames' to the clip's number of frames."
        )
    height, width = pictures.shape[1:3]
    drags = parse(trajectories, width=width, height=height)
    images, layers = pictures.expand(frames, -1, -1, -1), []  # [T, H, W, 3]
    if flow is not None:
        layers.append(maps.FlowLayer(flow, images))
    if mask is not None:
        layers.append(maps.MaskLayer(mask, images))
    layers.append(tracks.DragLayer(drags, ClipShape(width, height, frames)))
    return over_frames(images, layers, progress)
