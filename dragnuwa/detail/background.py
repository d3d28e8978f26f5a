"""The background's motion: that of the drags, that of the clip's optical flow, or none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ..carry.camera import one_motion
from ..carry.transforms import SimilarityWarp
from ..common.images import to_bytes
from ..trajectory.motion.similarity import REST
from ..vision.tracking.optical_flow import Estimator
from .agreement import LIMIT, truncated_l1
from .alignment import similarity_of
from .grid import Grid, look_up
from .layers import STILL, Layer, Warp, at_rest

SURE, LIKELY = 3, 2  # number of moving drags that agree on one motion
DOUBT = {SURE: 1.6, LIKELY: 0.85}  # largest error ratio to moving objects before a still background, to accept it
EDGE = 0.5  # coverage from which a pixel belongs to a region
SEEN = 0.8  # largest error ratio for a motion that only the clip shows


def find_background(
    clip: np.ndarray,
    points: np.ndarray,
    visible: np.ndarray,
    camera: SimilarityWarp | None,
    regions: Sequence[Layer],
    named: bool,
    flow: Estimator,
    grid: Grid,
) -> tuple[Warp, bool]:
    """The background's motion: the hypothesis that the clip agrees with. And whether all drags follow it, so that none
    of them moves an object in front of it.

    Args:
        clip: `[T, h, w, 3]` float32 from 0 to 1.
        points: `[N, T, 2]` px of the picture; N may be 0.
        visible: `[N, T]` bool.
        camera: the motion that `dragnuwa.carry.camera` found in the drags.
        regions: what the drags move if the background does not move with them.
        named: whether they come from masks. Several drags on one masked object move that object.
        flow: estimates optical flow.
        grid: of the picture and the clip.
    """
    if camera is not None:
        return camera.sources, False
    resting = _error(clip, at_rest, regions, grid)
    drags = _of_all_drags(points[..., 0] + 1j * points[..., 1], visible, grid)
    if drags is not None:
        warp, number = drags
        doubt = DOUBT[LIKELY if named and len(regions) == 1 else number]
        if _error(clip, warp, [], grid) < doubt * resting:
            return warp, True
    seen = _seen_motion(clip, flow, grid)
    return (seen if _error(clip, seen, regions, grid) < SEEN * resting else at_rest), False


def _of_all_drags(tracks: np.ndarray, visible: np.ndarray, grid: Grid) -> tuple[Warp, int] | None:
    """The one motion that all drags follow and the number of drags that move; None if there is none."""
    moves = visible.any(1) & (np.abs(tracks - tracks[:, :1]).max(1, initial=0) >= REST)
    number = min(int(moves.sum()), SURE)
    if number < LIKELY or not moves[visible.any(1)].all():
        return None
    motion = one_motion(tracks[moves], visible[moves], grid.full)
    return None if motion is None else (SimilarityWarp(motion).sources, number)


def _seen_motion(clip: np.ndarray, flow: Estimator, grid: Grid) -> Warp:
    """The motion of most of the clip's optical flow, accumulated from frame to frame."""
    here, steps = grid.to_small(grid.places), [STILL]
    for frame in clip[1:]:
        expected = look_up(clip[0], steps[-1].apply(here))
        step = similarity_of(
            flow(*(to_bytes(torch.from_numpy(one)) for one in (frame, expected))), np.ones(frame.shape[:2], bool)
        )
        steps.append(steps[-1] if step is None else steps[-1].after(step))
    return lambda places, time: grid.to_full(steps[time].apply(grid.to_small(places)))


def _error(clip: np.ndarray, warp: Warp, regions: Sequence[Layer], grid: Grid) -> float:
    """The mean error of the clip against its first frame with the background and the regions moved. Disoccluded pixels
    are ignored."""
    errors = []
    for time, frame in enumerate(clip[1:], 1):
        sources = warp(grid.places, time)
        expected, known = look_up(clip[0], grid.to_small(sources)), grid.inside(sources)
        for region in regions:
            moved = region.sources(grid.places, time, grid)
            share = look_up(region.opacity, moved) * grid.inside(moved) * region.shown[time]
            expected += share[..., None] * (look_up(clip[0], grid.to_small(moved)) - expected)
            known &= (share > EDGE) | (look_up(region.opacity, sources) < EDGE)
        difference = truncated_l1(expected, frame)
        errors.append(difference[known].mean() if known.any() else LIMIT)
    return float(np.mean(errors))
