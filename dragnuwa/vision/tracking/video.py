"""The motion of a video as trajectories: dense optical flow, and the Trajectory Sampler on it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from ...common.images import as_images, to_bytes
from ...common.interrupt import InterruptCheck, Progress, no_interrupt, no_progress
from ...trajectory import Trajectories, from_arrays
from .optical_flow import Estimator, check_sides, steps
from .tracks_from_flow import INTERVAL, anchors_of, choose, follow_steps, grid


def sample_video(
    video: torch.Tensor,
    *,
    count: int,
    seed: int,
    interval: float = INTERVAL,
    estimator: Estimator | None = None,
    check_interrupt: InterruptCheck = no_interrupt,
    progress: Progress = no_progress,
) -> Trajectories:
    """Samples tracks where a video moves, followed through all of its frames.

    Args:
        video: same format as `as_images`, at least two frames of 16x16 pixels.
        count: number of tracks, from 1; they are drawn with a probability proportional to how far they move.
        seed: of the anchors' positions and of the draw.
        interval: between anchors, in pixels at a picture height of 320.
        estimator: of the optical flow between two frames; OpenCV's DIS if None.
        check_interrupt: called for every frame.
        progress: called after each frame.

    Returns:
        "linear" tracks with one point per frame, on a canvas of the video's size; hidden once they leave the picture or
        are occluded.

    Raises:
        InputError: if the video has another shape or type.
        ValueError: if there are fewer than two frames, the frames are too small, or there are more tracks than anchors.
    """
    frames = as_images(video, "video")
    if len(frames) < 2:
        raise ValueError(
            "Expected a video of 2 frames or more to take the motion from; found a single frame. Connect a batch of "
            "frames, such as those of Get Video Components."
        )
    if seed < 0:
        raise ValueError(f"seed must be 0 or more; found {seed}.")
    height, width = frames.shape[1:3]
    check_sides(height, width)
    available = anchors_of((width, height), interval)
    if not 1 <= count <= available:
        raise ValueError(
            f"Expected from 1 to {available:,} tracks, at most one for each point of a grid with a spacing of "
            f"{interval:g} pixels; found a count of {count:,}. Set another count or a smaller interval."
        )
    rng = np.random.default_rng(seed)
    followed = steps(_shown(frames, check_interrupt, progress), estimator, check_interrupt)
    points, visible = follow_steps(grid((width, height), interval, rng), followed)
    chosen = choose(points, visible, rng, count)
    return from_arrays(points[chosen], visible[chosen], width=width, height=height)


def _shown(frames: torch.Tensor, check_interrupt: InterruptCheck, progress: Progress) -> Iterator[np.ndarray]:
    """Frames as uint8 `[H, W, 3]`, converted lazily."""
    for time, frame in enumerate(frames):
        check_interrupt()
        yield to_bytes(frame)
        progress(time + 1, len(frames))
