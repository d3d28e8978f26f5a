"""The background's motion, that of the drags, that of the clip's optical flow, or none; and objects that move in a clip
without a drag, segmented by optical flow and the picture's colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np
import torch

from ..carry.find import Found
from ..carry.layers import Region
from ..common.images import to_bytes
from ..common.masks import MASKED
from ..geometry.grids import Box, Grid, look_up
from ..geometry.similarity import AT_PLACE, REST, SimilarityTransform, fit_similarity, one_motion
from ..geometry.warps import SimilarityWarp, Warp, resampled
from ..vision.segmentation.outline import cut_in_band
from ..vision.tracking.optical_flow import Estimator, estimate
from .alignment import similarity_of
from .views import LIMIT, truncated_l1

SURE, LIKELY = 3, 2  # number of moving drags that agree on one motion
DOUBT = {SURE: 1.6, LIKELY: 0.85}  # largest error ratio to moving objects before a still background, to accept it
EDGE = 0.5  # least coverage of a pixel that belongs to a region
MAX_ERROR_RATIO = 0.8  # largest error ratio for a motion that only the clip shows
MIN_MOTION = 2.5  # px of the analysed clip, least motion relative to the background
MIN_AREA = 0.004  # fraction of the picture's area
MAX_OBJECTS = 6  # objects; the largest are kept
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


@dataclass(frozen=True)
class AnalysedClip:
    """A clip at the size at which it is analysed.

    Attributes:
        frames: `[T, h, w, 3]` float32 from 0 to 1.
        grid: of the picture and these frames.
        flow: estimates optical flow between two of them.
    """

    frames: np.ndarray
    grid: Grid
    flow: Estimator


def find_background(
    clip: AnalysedClip, found: Found | None, drawn: Region, before: Sequence[Region], belief: float
) -> tuple[Region, bool]:
    """The background with the motion that best agrees with the clip; and whether all drags follow it, so that none of
    them moves an object in front of it.

    Args:
        clip: whose frames are compared.
        found: what the drags move, at the frames of the clip, and possibly between them; None if nothing was drawn.
        drawn: the background, with the camera's motion if the drags show one.
        before: the regions in front if the background does not move with the drags.
        belief: from 0 to 1, how much the clip is trusted over the drawn background.
    """
    if drawn.moves:
        return drawn, False
    grid = clip.grid
    opacities = [(region, region.opacity_in(grid.full)) for region in before]
    resting = _error(clip.frames, drawn, opacities, grid)
    drags = None if found is None else _of_all_drags(found.drawing.tracks, found.drawing.visible, grid)
    if drags is not None:
        step = Fraction(found.drawing.clip.frames - 1, len(clip.frames) - 1)
        moved, number = replace(drawn, warp=resampled(drags[0], step)), drags[1]
        masks = found.drawing.of_drags  # several drags on one masked object move that object
        named = masks is not None and bool((masks.at_clip > MASKED).any())
        doubt = DOUBT[LIKELY if named and len(before) == 1 else number]
        if _error(clip.frames, moved, [], grid) < doubt * resting:
            return moved, True
    if belief == 0:
        return drawn, False
    seen = SeenWarp(_seen_motion(clip, opacities), grid)
    seen = replace(drawn, warp=seen, exact=False)
    agrees = _error(clip.frames, seen, opacities, grid) < MAX_ERROR_RATIO ** (1 / belief) * resting
    return (seen if agrees else drawn), False


def _of_all_drags(tracks: np.ndarray, visible: np.ndarray, grid: Grid) -> tuple[Warp, int] | None:
    """The one motion that all drags follow and the number of drags that move; None if there is none."""
    moves = visible.any(1) & (np.abs(tracks - tracks[:, :1]).max(1, initial=0) >= REST)
    number = min(int(moves.sum()), SURE)
    if number < LIKELY or not moves[visible.any(1)].all():
        return None
    motion = one_motion(tracks[moves], visible[moves], grid.full)
    return None if motion is None else (SimilarityWarp(motion), number)


def _seen_motion(clip: AnalysedClip, before: Sequence[tuple[Region, np.ndarray]]) -> list[SimilarityTransform]:
    """The motion of most of the clip's optical flow outside the objects in front, accumulated from frame to frame. An
    object that fills most of the picture would otherwise take the background along."""
    grid = clip.grid
    here, steps = grid.to_small(grid.positions), [AT_PLACE]
    for time, frame in enumerate(clip.frames[1:], 1):
        expected = look_up(clip.frames[0], steps[-1].apply(here))
        background = np.ones(frame.shape[:2], bool)
        for region, opacity in before:
            background &= _share(region, opacity, region.sources(grid.positions, time), time, grid) < EDGE
        step = similarity_of(clip.flow(*(to_bytes(torch.from_numpy(one)) for one in (frame, expected))), background)
        steps.append(steps[-1] if step is None else steps[-1].after(step))
    return steps


def _error(clip: np.ndarray, background: Region, before: Sequence[tuple[Region, np.ndarray]], grid: Grid) -> float:
    """The mean error of the clip against its first frame with a moved background, behind objects of opacity `[H, W]`.
    Disoccluded pixels are ignored."""
    errors = []
    for time, frame in enumerate(clip[1:], 1):
        sources = background.sources(grid.positions, time)
        expected, known = look_up(clip[0], grid.to_small(sources)), grid.inside(sources)
        for region, opacity in before:
            moved = region.sources(grid.positions, time)
            share = _share(region, opacity, moved, time, grid)
            expected += share[..., None] * (look_up(clip[0], grid.to_small(moved)) - expected)
            known &= (share > EDGE) | (look_up(opacity, sources) < EDGE)
        difference = truncated_l1(expected, frame)
        errors.append(difference[known].mean() if known.any() else LIMIT)
    return float(np.mean(errors))


def _share(region: Region, opacity: np.ndarray, sources: np.ndarray, time: int, grid: Grid) -> np.ndarray:
    """`[h, w]` from 0 to 1: how much of each pixel an object covers, from its points there and opacity `[H, W]`."""
    return look_up(opacity, sources) * grid.inside(sources) * region.shown[time]


def find_moving(clip: AnalysedClip, picture: np.ndarray, background: Region) -> tuple[Region, ...]:
    """The objects that move by the clip's optical flow, the smallest first.

    Args:
        clip: in which they move.
        picture: `[H, W, 3]` uint8, from which they are cut out.
        background: how it moves.
    """
    grid = clip.grid
    positions, alive = _travel(to_bytes(torch.from_numpy(clip.frames)), clip.flow, grid)  # [T, h, w]
    sources = np.stack([background.sources(here, time) for time, here in enumerate(positions)])
    away = np.abs(grid.to_small(sources) - grid.to_small(grid.positions))
    moves = (np.where(alive, away, 0).max(0) > MIN_MOTION).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.medianBlur(moves, 5))
    by_size = sorted(range(1, count), key=lambda label: -stats[label, cv2.CC_STAT_AREA])[:MAX_OBJECTS]
    found = []
    for label in by_size:
        if stats[label, cv2.CC_STAT_AREA] < MIN_AREA * moves.size:
            break
        part = labels == label
        warp = _motion(positions[:, part].T, alive[:, part].T, grid)
        if warp is not None and _explains(clip, warp, grid.positions[part], background):
            found.append(_region(_cut(picture, part), warp, len(clip.frames)))
    return tuple(found[::-1])


def _region(cut: np.ndarray, warp: SimilarityWarp, frames: int) -> Region:
    """The region of an object cut out as `[H, W]` bool."""
    height, width = cut.shape
    box, opacity = Box(0, 0, width, height), cut.astype(np.float32)
    return Region(box, opacity, opacity, cut, warp, np.ones(frames, bool), exact=False)


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


def _explains(clip: AnalysedClip, warp: SimilarityWarp, starts: np.ndarray, background: Region) -> bool:
    """Whether the motion of the points `starts` (complex `[n]`) explains the clip much better than the background."""
    grid, first = clip.grid, clip.frames[0]
    moved = warp.motion.apply(starts[:, None])  # [n, T]
    ours = theirs = 0.0
    began = look_up(first, grid.to_small(starts)[None])
    for time in range(1, len(clip.frames)):
        now = look_up(clip.frames[time], grid.to_small(moved[None, :, time]))
        rest = look_up(first, grid.to_small(background.sources(moved[None, :, time], time)))
        ours += float(truncated_l1(now, began).mean())
        theirs += float(truncated_l1(now, rest).mean())
    return ours < BETTER * theirs


def _cut(picture: np.ndarray, part: np.ndarray) -> np.ndarray:
    """`[H, W]` bool: the object within a rough mask `[h, w]`, by the picture's own colours."""
    height, width = picture.shape[:2]
    shrunk = min(1.0, CUT_SIDE / max(width, height))
    size = (max(2, round(width * shrunk)), max(2, round(height * shrunk)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    rough = cv2.resize(part.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
    cut = cut_in_band(small, rough, round(BAND * CUT_SIDE)).astype(np.float32)
    return cv2.resize(cut, (width, height), interpolation=cv2.INTER_CUBIC) > 0.5
