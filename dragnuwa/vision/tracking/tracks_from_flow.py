"""The Trajectory Sampler: tracks from dense flow (arXiv 2308.08089, "Trajectory Sampler")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat

import numpy as np
import torch
from scipy.ndimage import map_coordinates

from ...common.images import as_images, to_bytes
from ...common.interrupt import Progress, checkpoint, no_progress
from ...trajectory import Trajectories, from_arrays
from .optical_flow import Estimator, check_sides, steps

INTERVAL = 16  # px between anchors at REFERENCE_HEIGHT
REFERENCE_HEIGHT = 320  # px
MOST_TRACKS = 8


def sample_tracks(
    flow: np.ndarray,
    rng: np.random.Generator,
    *,
    count: int | None = None,
    occluded: np.ndarray | None = None,
    interval: float = INTERVAL,
) -> tuple[np.ndarray, np.ndarray]:
    """Samples tracks where there is motion.

    Anchors lie on a grid, jittered within their cells. Each is followed through the flow with bilinear sampling, and
    tracks are drawn with a probability proportional to their length (uniformly if nothing moves).

    Args:
        flow: `[T-1, H, W, 2]` displacement in pixels (x, y) from each pixel's centre to the next frame; finite.
        rng: source of all randomness.
        count: number of tracks, at least 1; drawn from 1 to 8 if None. Limited by the number of anchors.
        occluded: `[T-1, H, W]` bool, pixels that are occluded in the next frame; None for none.
        interval: grid spacing in pixels at a picture height of 320.

    Returns:
        points `[N, T, 2]` float64 pixels, (0, 0) being the centre of the top left pixel; visible `[N, T]` bool. A point
        that leaves the picture or is occluded stays invisible, at the edge or where it was last seen.

    Raises:
        ValueError: if flow is not `[T-1, H, W, 2]` or not finite, occluded has another shape, count is below 1 or
            interval is not positive.
    """
    _check(flow, count, occluded)
    anchors = grid(flow.shape[2:0:-1], interval, rng)
    points, visible = follow(anchors, flow, occluded)
    chosen = choose(points, visible, rng, count)
    return points[chosen], visible[chosen]


def choose(points: np.ndarray, visible: np.ndarray, rng: np.random.Generator, count: int | None) -> np.ndarray:
    """Indices of the tracks to draw from those that `follow` returns, in the order drawn. Arguments as for
    `sample_tracks`."""
    steps = np.linalg.norm(np.diff(points, axis=1), axis=2) * (visible[:, 1:] & visible[:, :-1])
    weight = steps.sum(1)  # [A] px
    count = min(int(rng.integers(1, MOST_TRACKS + 1)) if count is None else count, len(points))
    if np.count_nonzero(weight) < count:  # too few moving tracks: allow still ones
        weight = weight + max(weight.max(), 1.0) * 1e-6
    return rng.choice(len(points), count, replace=False, p=weight / weight.sum())


def grid(size: tuple[int, int], interval: float, rng: np.random.Generator) -> np.ndarray:
    """Anchors `[A, 2]` (x, y): one at random in each cell of a grid of `interval` px at a picture height of 320."""
    width, height = size
    rows, columns = _cells(size, interval)
    y, x = np.mgrid[:rows, :columns].reshape(2, -1)
    corner = np.stack([x, y], 1) + rng.uniform(0, 1, (rows * columns, 2))  # [A, 2] cells
    points = corner * (width / columns, height / rows) - 0.5
    return np.clip(points, 0, (width - 1, height - 1))


def anchors_of(size: tuple[int, int], interval: float) -> int:
    """How many anchors `grid` returns: the maximum number of tracks."""
    rows, columns = _cells(size, interval)
    return rows * columns


def _cells(size: tuple[int, int], interval: float) -> tuple[int, int]:
    """Rows and columns of the grid."""
    if not 0 < interval < float("inf"):
        raise ValueError(f"interval must be a positive number of pixels; found {interval}.")
    width, height = size
    cell = interval * height / REFERENCE_HEIGHT
    return max(1, round(height / cell)), max(1, round(width / cell))


def follow(anchors: np.ndarray, flow: np.ndarray, occluded: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Moves `anchors` `[A, 2]` along `flow`: points `[A, T, 2]` and visible `[A, T]`, as in `sample_tracks`."""
    return follow_steps(anchors, zip(flow, repeat(None) if occluded is None else occluded, strict=False))


def follow_steps(
    anchors: np.ndarray, steps: Iterable[tuple[np.ndarray, np.ndarray | None]]
) -> tuple[np.ndarray, np.ndarray]:
    """As `follow`, one step at a time: flow `[H, W, 2]` to the next frame, and occluded `[H, W]` or None, as
    `dragnuwa.vision.tracking.optical_flow.steps` yields them.

    Raises:
        ValueError: if flow is not finite.
    """
    points, visible = [anchors], [np.ones(len(anchors), bool)]
    for field, occluded in steps:
        if not np.isfinite(field).all():
            raise ValueError("flow must be finite; found NaN or infinity. Fill what the flow estimator left undefined.")
        here, most = points[-1], np.array(field.shape[1::-1]) - 1
        there = here + bilinear(field, here)
        seen = visible[-1] & ((there >= 0) & (there <= most)).all(1)
        if occluded is not None:
            x, y = np.rint(here).astype(int).T
            hidden = occluded[y, x]
            seen &= ~hidden
            there = np.where(hidden[:, None], here, there)
        points.append(np.where(visible[-1][:, None], np.clip(there, 0, most), here))
        visible.append(seen)
    return np.stack(points, 1), np.stack(visible, 1)


def bilinear(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Values `[A, C]` float64 of `field` `[H, W, C]` at `points` `[A, 2]` (x, y), with its edge repeated outside."""
    planes, coordinates = np.moveaxis(field, -1, 0), points.T[::-1]
    found = [map_coordinates(plane, coordinates, output=np.float64, order=1, mode="nearest") for plane in planes]
    return np.stack(found, axis=1)


def _check(flow: np.ndarray, count: int | None, occluded: np.ndarray | None) -> None:
    if flow.ndim != 4 or flow.shape[-1] != 2 or 0 in flow.shape:
        raise ValueError(f"flow must be [T-1, H, W, 2] and not empty; found {list(flow.shape)}.")
    if occluded is not None and occluded.shape != flow.shape[:3]:
        raise ValueError(
            f"occluded must be [T-1, H, W] = {list(flow.shape[:3])} as flow is; found {list(occluded.shape)}."
        )
    if count is not None and count < 1:
        raise ValueError(f"count must be at least 1 track; found {count}.")


def sample_video(
    video: torch.Tensor,
    *,
    count: int,
    seed: int,
    interval: float = INTERVAL,
    estimator: Estimator | None = None,
    progress: Progress = no_progress,
) -> Trajectories:
    """Samples tracks where a video moves, followed through all of its frames.

    Args:
        video: same format as `as_images`, at least two frames of 16x16 pixels.
        count: number of tracks, from 1; they are drawn with a probability proportional to how far they move.
        seed: of the anchors' positions and of the draw.
        interval: between anchors, in pixels at a picture height of 320.
        estimator: of the optical flow between two frames; OpenCV's DIS if None.
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
    followed = steps(_shown(frames, progress), estimator)
    points, visible = follow_steps(grid((width, height), interval, rng), followed)
    chosen = choose(points, visible, rng, count)
    return from_arrays(points[chosen], visible[chosen], width=width, height=height)


def _shown(frames: torch.Tensor, progress: Progress) -> Iterator[np.ndarray]:
    """Frames as uint8 `[H, W, 3]`, converted lazily."""
    for time, frame in enumerate(frames):
        checkpoint()
        yield to_bytes(frame)
        progress(time + 1, len(frames))
