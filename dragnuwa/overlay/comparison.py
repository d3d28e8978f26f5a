"""Draws the tracks that a video was meant to follow and those found in it over its frames."""

from __future__ import annotations

from itertools import count

import torch

from ..common.clip_shape import ClipShape
from ..common.images import as_images, to_bytes
from ..common.interrupt import Progress, checkpoint, no_progress
from ..vision.tracking.comparison import Comparison, compare
from ..vision.tracking.optical_flow import check_sides
from ..vision.tracking.point_tracker import LucasKanade
from .frames import over_frames
from .tracks import TrackLayer

FOUND_COLOR = "#ff00ff"  # of the tracks that were found, beside each drag's own colour


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
