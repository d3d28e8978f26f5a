"""Metrics of a video and of the tracks found in it: functions of arrays, independent of tracker and model.

Tracks are `[N, T, 2]` (x, y) in pixels, (0, 0) being the centre of the top left pixel; visible `[N, T]` bool says where
a track counts. Frames are `[T, H, W, 3]` uint8.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

RESPONSE_RADIUS = 3  # px at `REFERENCE_HEIGHT`, of the disc around a drag in `drag_response`
REFERENCE_HEIGHT = 128


def objmc(predicted: np.ndarray, target: np.ndarray, visible: np.ndarray) -> float:
    """ObjMC: the mean Euclidean distance between where points were found and where they were meant to be, in pixels.

    DragAnything (arXiv 2403.07420, "Evaluation Metrics"). The mean runs over all visible points and frames, including
    the first frame. Positions of invisible points have no influence, not even NaN.

    Args:
        predicted: `[N, T, 2]`, the tracks found in the result.
        target: `[N, T, 2]`, the intended tracks.
        visible: `[N, T]`, where the intended tracks are visible.

    Raises:
        ValueError: if the shapes do not match, no point is visible, or a visible one is not finite.
    """
    found, meant = _visible(predicted, target, visible)
    return float(np.hypot(*(found - meant).T).mean())


def relative_objmc(predicted: np.ndarray, target: np.ndarray, visible: np.ndarray) -> float:
    """`objmc` divided by that of a still video, in which every point stays where it is in frame 0.

    0 is perfect, 1 is no better than a still video; wrong motion can exceed 1.

    Raises:
        ValueError: as `objmc`, or if the intended tracks do not move while visible.
    """
    error = objmc(predicted, target, visible)
    still = objmc(np.broadcast_to(np.asarray(target)[:, :1], np.shape(target)), target, visible)
    if still == 0:
        raise ValueError(
            "Relative ObjMC compares with a still video, and no intended track moves while it is visible. "
            "Give at least one drag that moves."
        )
    return error / still


def undragged_motion(found: np.ndarray, visible: np.ndarray) -> float:
    """How far undragged points wander, in pixels: the median of their maximum distances from their start in frame 0.

    Args:
        found: `[N, T, 2]`, their tracks in the result.
        visible: `[N, T]`, where they are not occluded.

    Raises:
        ValueError: as `objmc`, or if no point is visible after frame 0.
    """
    start = np.broadcast_to(np.asarray(found)[:, :1], np.shape(found))
    _visible(found, start, visible)
    if not visible[:, 1:].any():
        raise ValueError("No undragged point is visible after the first frame, so their motion cannot be measured.")
    distance = np.where(visible, np.linalg.norm(np.where(visible[..., None], found - start, 0), axis=-1), 0)  # [N, T]
    return float(np.median(distance[visible[:, 1:].any(1)].max(1)))


@dataclass(frozen=True)
class Response:
    """The video's motion f at each step where a drag is meant to move by d, summed over all steps of all drags.

    Attributes:
        along: sum of f . d over sum of d . d. 1 if everything moves as dragged, 0 if nothing moves or only
            perpendicular to the drags, negative if it moves against them.
        direction: sum of f . d over sum of |f| |d|, from -1 to 1: the mean cosine of the angle between motion and drag,
            weighted by the lengths of both; 0 for a still video.
    """

    along: float
    direction: float


def drag_response(frames: np.ndarray, target: np.ndarray, visible: np.ndarray) -> Response:
    """Motion at the drags, by dense optical flow (DIS; Kroeger et al., arXiv 1603.03590).

    f is the mean flow over a disc around the drag's position at the beginning of the step, so neither a start picture
    nor a cut-out is needed. On its own it does not show that a drag is the cause, since objects may move by themselves:
    compare with a video from the same noise, picture and prompt without drags.

    The moving object must have texture or an edge in the disc, and must be where the drag is: an object that lags by
    more than its size counts as still, and one that does not fill the disc counts in part. The ground-truth clip
    therefore does not reach exactly 1, and is measured as well.

    Args:
        frames: `[T, H, W, 3]` uint8, 16 px or more on each side.
        target: `[N, T, 2]`, the drags, (x, y) in pixels.
        visible: `[N, T]` bool; a step counts where its drag is visible at both ends.

    Raises:
        ValueError: if the shapes do not match, or no visible drag moves.
    """
    from .optical_flow import check_sides, dense_inverse_search

    check_frames(frames)
    if target.ndim != 3 or target.shape != (*visible.shape, 2) or target.shape[1] != len(frames):
        raise ValueError(
            f"target must be [N, T, 2] and visible [N, T] with T = {len(frames)}; found {list(target.shape)} and "
            f"{list(visible.shape)}."
        )
    drags = np.diff(target, axis=1)  # [N, T-1, 2]
    drags = drags * (visible[:, 1:] & visible[:, :-1])[..., None]
    intended = float(np.square(drags).sum())
    if not intended > 0:
        raise ValueError("No drag moves while it is visible. Give at least one that does.")
    check_sides(*frames.shape[1:3])
    radius = max(1.0, RESPONSE_RADIUS * frames.shape[1] / REFERENCE_HEIGHT)
    search = dense_inverse_search()
    motion = np.empty(drags.shape)  # [N, T-1, 2]
    for time, pair in enumerate(pairwise(frames)):
        flow = search(*pair)
        motion[:, time] = [_mean_flow(flow, point, radius) for point in target[:, time]]
    projected = float((motion * drags).sum())
    both = float((np.linalg.norm(motion, axis=-1) * np.linalg.norm(drags, axis=-1)).sum())
    return Response(projected / intended, projected / both if both > 0 else 0.0)


def _mean_flow(flow: np.ndarray, point: np.ndarray, radius: float) -> np.ndarray:
    """Mean of `flow` `[H, W, 2]` over the disc around a point, which always includes the nearest pixel."""
    height, width = flow.shape[:2]
    x, y = np.clip(point, 0, (width - 1, height - 1))
    nearest, reach = (round(float(y)), round(float(x))), math.ceil(radius) + 1
    top, left = (max(0, center - reach) for center in nearest)
    rows, columns = np.ogrid[top : min(height, nearest[0] + reach + 1), left : min(width, nearest[1] + reach + 1)]
    disc = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    disc[nearest[0] - top, nearest[1] - left] = True
    return flow[top:, left:][: disc.shape[0], : disc.shape[1]][disc].mean(0)


def check_frames(frames: np.ndarray) -> None:
    """
    Raises:
        ValueError: if the video is not `[T, H, W, 3]` uint8 with at least 2 frames.
    """
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8 or len(frames) < 2 or 0 in frames.shape:
        raise ValueError(
            f"A video must be [T, H, W, 3] uint8 with at least 2 frames; found {list(frames.shape)} {frames.dtype}."
        )


def _visible(predicted: np.ndarray, target: np.ndarray, visible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Checks the arguments and returns the visible positions `[P, 2]`."""
    predicted, target, visible = (np.asarray(value) for value in (predicted, target, visible))
    if predicted.ndim != 3 or predicted.shape[-1] != 2 or not predicted.shape == target.shape == (*visible.shape, 2):
        raise ValueError(
            "predicted and target must be [N, T, 2] and visible [N, T] of the same tracks; found "
            f"{list(predicted.shape)}, {list(target.shape)} and {list(visible.shape)}."
        )
    if visible.dtype != bool:
        raise ValueError(f"visible must be bool; found {visible.dtype}.")
    if not visible.any():
        raise ValueError(
            f"None of {visible.shape[0]} tracks is visible in any of {visible.shape[1]} frames, so nothing can be "
            "measured. Give at least one visible track."
        )
    found, meant = predicted[visible].astype(np.float64), target[visible].astype(np.float64)
    if not (np.isfinite(found).all() and np.isfinite(meant).all()):
        raise ValueError(
            "A visible position is NaN or infinite. A tracker must report the last known position of a lost point."
        )
    return found, meant
