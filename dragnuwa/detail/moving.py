"""Objects that move in a clip without a drag, segmented by optical flow and the picture's colours."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from ..carry.layers import Layer
from ..common.images import to_bytes
from ..geometry.grids import Box, Grid
from ..geometry.resampling import look_up
from ..geometry.similarity import fit_similarity
from ..geometry.warps import SimilarityWarp
from ..vision.segmentation.outline import cut_in_band
from ..vision.tracking.optical_flow import Estimator, estimate
from .agreement import truncated_l1

AWAY = 2.5  # px of the analysed clip, least motion relative to the background
SMALLEST = 0.004  # fraction of the picture's area
MOST = 6  # objects; the largest are kept
TRACKS = 400  # used to fit an object's motion
WITHIN = 2.0  # px of the analysed clip, largest residual of an inlier
ROUNDS = 4  # of refitting to the inliers
AGREEING = 0.5  # least fraction of inliers
BETTER = 0.6  # largest ratio of an object's error to the background's
CUT_SIDE = 256  # px, longer side of the picture for segmentation
BAND = 0.04  # of its side: largest distance of the object's edge from the flow's


def find_moving(
    clip: np.ndarray, picture: np.ndarray, background: Layer, flow: Estimator, grid: Grid
) -> tuple[Layer, ...]:
    """
    Args:
        clip: `[T, h, w, 3]` float32 from 0 to 1, at the analysed size.
        picture: `[H, W, 3]` uint8.
        background: how it moves.
        flow: estimates optical flow.
        grid: of the picture and the clip.
    """
    positions, alive = _travel(to_bytes(torch.from_numpy(clip)), flow, grid)  # [T, h, w]
    sources = np.stack([background.sources(here, time) for time, here in enumerate(positions)])
    away = np.abs(grid.to_small(sources) - grid.to_small(grid.positions))
    moves = (np.where(alive, away, 0).max(0) > AWAY).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.medianBlur(moves, 5))
    by_size = sorted(range(1, count), key=lambda label: -stats[label, cv2.CC_STAT_AREA])[:MOST]
    found = []
    for label in by_size:
        if stats[label, cv2.CC_STAT_AREA] < SMALLEST * moves.size:
            break
        thing = labels == label
        warp = _motion(positions[:, thing].T, alive[:, thing].T, grid)
        if warp is not None and _explains(clip, warp, grid.positions[thing], background, grid):
            found.append(_layer(_cut(picture, thing), warp, len(clip)))
    return tuple(found[::-1])


def _layer(cut: np.ndarray, warp: SimilarityWarp, frames: int) -> Layer:
    """The layer of an object cut out as `[H, W]` bool."""
    height, width = cut.shape
    box, opacity = Box(0, 0, width, height), cut.astype(np.float32)
    return Layer(box, opacity, opacity, cut, warp, np.ones(frames, bool), whole=True, exact=False)


def _travel(frames: np.ndarray, flow: Estimator, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """The positions of frame 0's pixels in each frame (complex `[T, h, w]`, px of the picture), and whether they are
    still tracked."""
    steps, occluded = estimate(frames, flow)
    here = grid.to_small(grid.positions)
    positions, alive = [here], [np.ones(here.shape, bool)]
    for step, hidden in zip(steps, occluded, strict=True):
        moved = look_up(step, positions[-1])
        alive.append(alive[-1] & (look_up(hidden.astype(np.float32), positions[-1]) < 0.5))
        positions.append(positions[-1] + moved[..., 0] + 1j * moved[..., 1])
    return grid.to_full(np.stack(positions)), np.stack(alive)


def _motion(tracks: np.ndarray, alive: np.ndarray, grid: Grid) -> SimilarityWarp | None:
    """The similarity that most of the tracks `[n, T]` follow, or None."""
    some = np.linspace(0, len(tracks) - 1, min(TRACKS, len(tracks))).astype(int)
    tracks, alive = tracks[some], alive[some]
    within, kept = WITHIN / max(grid.scale), np.ones(len(tracks), bool)
    for _ in range(ROUNDS):
        motion = fit_similarity(tracks[kept], alive[kept])
        strays = np.where(alive, np.abs(tracks - motion.apply(tracks[:, :1])), 0).max(1)
        kept = strays <= max(within, float(np.quantile(strays, AGREEING)))
    return SimilarityWarp(motion) if (strays <= within).mean() >= AGREEING else None


def _explains(clip: np.ndarray, warp: SimilarityWarp, starts: np.ndarray, background: Layer, grid: Grid) -> bool:
    """Whether the motion of the points `starts` (complex `[n]`) explains the clip much better than the background."""
    moved = warp.motion.apply(starts[:, None])  # [n, T]
    ours = theirs = 0.0
    first = clip[0]
    began = look_up(first, grid.to_small(starts)[None])
    for time in range(1, len(clip)):
        now = look_up(clip[time], grid.to_small(moved[None, :, time]))
        rest = look_up(first, grid.to_small(background.sources(moved[None, :, time], time)))
        ours += float(truncated_l1(now, began).mean())
        theirs += float(truncated_l1(now, rest).mean())
    return ours < BETTER * theirs


def _cut(picture: np.ndarray, thing: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: the object within a rough mask `[h, w]`, by the picture's own colours."""
    height, width = picture.shape[:2]
    shrunk = min(1.0, CUT_SIDE / max(width, height))
    size = (max(2, round(width * shrunk)), max(2, round(height * shrunk)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    rough = cv2.resize(thing.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    cut = cut_in_band(small, rough, round(BAND * CUT_SIDE)).astype(np.float32)
    return cv2.resize(cut, (width, height), interpolation=cv2.INTER_CUBIC) > 0.5
