"""Previews drags over a picture or the frames of a video, with drag maps and masks below them."""

from __future__ import annotations

from itertools import count

import torch

from ..common.clip_shape import MAX_MODEL_FRAMES, MIN_MODEL_FRAMES, ClipShape
from ..common.images import as_images, to_bytes
from ..common.interrupt import Progress, checkpoint, no_progress
from ..trajectory import Trajectories, parse
from ..vision.tracking.optical_flow import check_sides
from ..vision.tracking.point_tracker import Comparison, LucasKanade, compare
from . import maps, tracks
from .tracks import TrackLayer, over_frames

FOUND_COLOR = "#ff00ff"  # of the tracks that were found, beside each drag's own colour


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


def compare_images(
    images: torch.Tensor | None, trajectories: str, progress: Progress = no_progress
) -> tuple[Comparison, torch.Tensor]:
    """`compare` by Lucas-Kanade for a video in ComfyUI's format, and the video with both kinds of tracks drawn over it.

    Args:
        images: `[T, H, W, C]`, same format as `as_images`.
        trajectories: any text that `dragnuwa.trajectory.parse` reads.
        progress: called after each frame, when it is tracked and when it is drawn.

    Returns:
        The comparison, and `[T, H, W, 3]` from 0 to 1 with the drags in their own colours and the found tracks in
        magenta.

    Raises:
        InputError: if the video has another shape or type.
        ValueError: if there is no video or its frames are too small for tracking, and as `compare`.
    """
    frames = None if images is None else as_images(images)
    if frames is None or len(frames) < 2:
        raise ValueError("There is no video to measure. Connect the pictures of VAE Decode, at least 2 frames.")
    check_sides(*frames.shape[1:3])
    steps = count(1)

    def tracked() -> None:
        checkpoint()
        progress(next(steps), 2 * len(frames))

    tracker = LucasKanade()
    found = compare(to_bytes(frames), trajectories, tracker)
    clip = ClipShape(frames.shape[2], frames.shape[1], len(frames))
    colors = [track.color for track in found.tracks]
    layers = [
        TrackLayer(found.target, found.visible, colors, clip),
        TrackLayer(found.found, found.kept, [FOUND_COLOR] * len(colors), clip),
    ]
    drawn = over_frames(frames, layers, lambda done, all_: progress(all_ + done, 2 * all_))
    return found, drawn
