"""The background's motion, that of the drags, that of the clip's optical flow, or none; and objects that move in a clip
without a drag, segmented by optical flow and the picture's colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np
import torch

from ..carry.layers import Layer
from ..common.images import to_bytes
from ..geometry.grids import Box, Grid
from ..geometry.resampling import look_up
from ..geometry.similarity import AT_PLACE, REST, SimilarityTransform, fit_similarity, one_motion
from ..geometry.warps import SimilarityWarp, Warp, resampled
from ..vision.segmentation.outline import cut_in_band
from ..vision.tracking.optical_flow import Estimator, estimate
from .agreement import LIMIT, truncated_l1
from .alignment import similarity_of

SURE, LIKELY = 3, 2  # number of moving drags that agree on one motion
DOUBT = {SURE: 1.6, LIKELY: 0.85}  # largest error ratio to moving objects before a still background, to accept it
EDGE = 0.5  # least coverage of a pixel that belongs to a region
SEEN = 0.8  # largest error ratio for a motion that only the clip shows
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


@dataclass(frozen=True)
class SeenWarp:
    """The motion of most of a clip's optical flow behind the objects.

    Attributes:
        steps: for each frame, from its points to frame 0's, in pixels of the analysed clip.
        grid: of the picture and the clip.
    """

    steps: Sequence[SimilarityTransform]
    grid: Grid

    def sources(self, positions: np.ndarray, time: int) -> np.ndarray:
        return self.grid.to_full(self.steps[time].apply(self.grid.to_small(positions)))

    def reach(self, box: Box, time: int) -> Box:
        corners = (self.grid.to_small(box.corners()) - self.steps[time].shift) / self.steps[time].factor
        return Box.around(self.grid.to_full(corners), 1)


def find_background(
    clip: np.ndarray,
    points: np.ndarray,
    visible: np.ndarray,
    drawn: Layer,
    things: Sequence[Layer],
    named: bool,
    flow: Estimator,
    grid: Grid,
    belief: float,
) -> tuple[Layer, bool]:
    """The background with the motion that best agrees with the clip; and whether all drags follow it, so that none of
    them moves an object in front of it.

    Args:
        clip: `[T, h, w, 3]` float32 from 0 to 1.
        points: `[N, F, 2]` px of the picture, at the frames of the clip, and possibly between them; N may be 0.
        visible: `[N, F]` bool.
        drawn: the background, with the camera's motion if the drags show one.
        things: the layers in front if the background does not move with the drags.
        named: whether they come from masks. Several drags on one masked object move that object.
        flow: estimates optical flow.
        grid: of the picture and the clip.
        belief: from 0 to 1, how much the clip is trusted over the drawn background.
    """
    if drawn.warp is not None:
        return drawn, False
    before = [(thing, thing.opacity_in(grid.full)) for thing in things]
    resting = _error(clip, drawn, before, grid)
    drags = _of_all_drags(points[..., 0] + 1j * points[..., 1], visible, grid)
    if drags is not None:
        step = Fraction(points.shape[1] - 1, len(clip) - 1)
        moved, number = replace(drawn, warp=resampled(drags[0], step)), drags[1]
        doubt = DOUBT[LIKELY if named and len(things) == 1 else number]
        if _error(clip, moved, [], grid) < doubt * resting:
            return moved, True
    if belief == 0:
        return drawn, False
    seen = replace(drawn, warp=SeenWarp(_seen_motion(clip, before, flow, grid), grid), exact=False)
    return (seen if _error(clip, seen, before, grid) < SEEN ** (1 / belief) * resting else drawn), False


def _of_all_drags(tracks: np.ndarray, visible: np.ndarray, grid: Grid) -> tuple[Warp, int] | None:
    """The one motion that all drags follow and the number of drags that move; None if there is none."""
    moves = visible.any(1) & (np.abs(tracks - tracks[:, :1]).max(1, initial=0) >= REST)
    number = min(int(moves.sum()), SURE)
    if number < LIKELY or not moves[visible.any(1)].all():
        return None
    motion = one_motion(tracks[moves], visible[moves], grid.full)
    return None if motion is None else (SimilarityWarp(motion), number)


def _seen_motion(
    clip: np.ndarray, before: Sequence[tuple[Layer, np.ndarray]], flow: Estimator, grid: Grid
) -> list[SimilarityTransform]:
    """The motion of most of the clip's optical flow outside the objects in front, accumulated from frame to frame. An
    object that fills most of the picture would otherwise take the background along."""
    here, steps = grid.to_small(grid.positions), [AT_PLACE]
    for time, frame in enumerate(clip[1:], 1):
        expected = look_up(clip[0], steps[-1].apply(here))
        background = np.ones(frame.shape[:2], bool)
        for thing, opacity in before:
            background &= _share(thing, opacity, thing.sources(grid.positions, time), time, grid) < EDGE
        step = similarity_of(flow(*(to_bytes(torch.from_numpy(one)) for one in (frame, expected))), background)
        steps.append(steps[-1] if step is None else steps[-1].after(step))
    return steps


def _error(clip: np.ndarray, background: Layer, before: Sequence[tuple[Layer, np.ndarray]], grid: Grid) -> float:
    """The mean error of the clip against its first frame with a moved background, behind objects of opacity `[H, W]`.
    Disoccluded pixels are ignored."""
    errors = []
    for time, frame in enumerate(clip[1:], 1):
        sources = background.sources(grid.positions, time)
        expected, known = look_up(clip[0], grid.to_small(sources)), grid.inside(sources)
        for thing, opacity in before:
            moved = thing.sources(grid.positions, time)
            share = _share(thing, opacity, moved, time, grid)
            expected += share[..., None] * (look_up(clip[0], grid.to_small(moved)) - expected)
            known &= (share > EDGE) | (look_up(opacity, sources) < EDGE)
        difference = truncated_l1(expected, frame)
        errors.append(difference[known].mean() if known.any() else LIMIT)
    return float(np.mean(errors))


def _share(thing: Layer, opacity: np.ndarray, sources: np.ndarray, time: int, grid: Grid) -> np.ndarray:
    """`[h, w]` from 0 to 1: how much of each pixel an object covers, from its points there and opacity `[H, W]`."""
    return look_up(opacity, sources) * grid.inside(sources) * thing.shown[time]


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
