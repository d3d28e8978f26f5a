"""Whether drags move something, in videos of which nobody knows what they show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..tracking.optical_flow import estimate
from .metrics import check_frames

RADIUS = 3  # px of a picture 128 high, of the disc around a drag
REFERENCE_HEIGHT = 128


@dataclass(frozen=True)
class Response:
    """The video's motion f where and when a drag is meant to move by d, over all steps of all drags together.

    Attributes:
        along: sum of f . d over sum of d . d. 1 where all moves as it is dragged, 0 where nothing does or only
            across, negative where it moves against the drags.
        direction: sum of f . d over sum of |f| |d|, from -1 to 1: the mean cosine of the angle between motion and drag,
            weighted by how far both go; 0 for a video that does not move.
    """

    along: float
    direction: float


def drag_response(frames: np.ndarray, target: np.ndarray, visible: np.ndarray) -> Response:
    """Motion at the drags, by dense optical flow (DIS; Kroeger et al., arXiv 1603.03590).

    f is the mean flow of a disc around the place at which the drag is at the step's beginning. It needs no picture to
    begin with and no cut-out to look for. On its own it does not say that a drag is the cause: things may move by
    themselves. So it is compared with that of a video of the same noise, picture and prompt without drags.

    What moves must have texture or an edge in the disc, and must be where the drag is: a thing that lags behind by more
    than its size counts as resting, and one that fills the disc and a hole in it as less than whole. The true clip
    therefore does not reach 1 exactly, and stands beside it.

    Args:
        frames: `[T, H, W, 3]` uint8, 16 px or more on each side.
        target: `[N, T, 2]`, the drags, (x, y) in pixels.
        visible: `[N, T]` bool; a step counts where its drag is visible at both ends.

    Raises:
        ValueError: if the shapes do not belong together, or no visible drag moves.
    """
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
    flow, _ = estimate(frames)  # [T-1, H, W, 2]
    radius = max(1.0, RADIUS * frames.shape[1] / REFERENCE_HEIGHT)
    motion = np.stack([[_mean(flow[t], track[t], radius) for t in range(len(flow))] for track in target])  # [N, T-1, 2]
    projected = float((motion * drags).sum())
    both = float((np.linalg.norm(motion, axis=-1) * np.linalg.norm(drags, axis=-1)).sum())
    return Response(projected / intended, projected / both if both > 0 else 0.0)


def _mean(flow: np.ndarray, point: np.ndarray, radius: float) -> np.ndarray:
    """Of `flow` `[H, W, 2]` in the disc around a point, of which the nearest pixel of the picture is always a part."""
    height, width = flow.shape[:2]
    x, y = np.clip(point, 0, (width - 1, height - 1))
    rows, columns = np.ogrid[:height, :width]
    disc = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    disc[round(float(y)), round(float(x))] = True
    return flow[disc].mean(0)
