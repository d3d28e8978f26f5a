"""Corrects the masks of a thing that bends by what moves in each frame against the clip's still scene.

A network that is asked frame by frame loses an ear that swings, and takes the hollow behind a body for a part of it.
Where other frames show the scene, both can be told: what rests there and looks like the scene is none of the thing; and
what moves beside it is a part, if the thing showed it in the frame before, if it has the thing's colours, and if it is
not the scene in another light, such as a shadow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import cv2
import numpy as np

from ...common.interrupt import checkpoint
from ...common.masks import MASKED
from ...geometry.grids import Box
from ...vision.tracking.optical_flow import along_flow, flow_at_half_resolution
from .follow import ways_from
from .still_scene import StillScene
from .tracked import grown, without_small

SLOW = 0.7  # px of small frames, from one frame to the next: what is faster does not rest
WIDE = 7  # px: narrower parts that look like the scene stay, since the thing has such colours, too
LEAST_RESTS, LEAST_MOVES, MOST_MOVES = 0.01, 0.004, 0.15  # of the thing: parts that are left out, and added
BESIDE = 4  # px, from a small thing to a part of it
EXPECTED = 0.6  # of what is added, that the thing showed in the frame before
REACH = 0.06  # of the square root of its area: how far from where the thing is expected, or from it, a part may lie
OWN_COLORS = 0.6  # part of what is added, whose colours are the thing's rather than the scene's
SAME_TEXTURE = 0.6  # correlation of detail, from which a part shows the scene in another light
DETAIL, FEWEST_INSIDE = 3.0, 25  # px, standard deviation: of the surroundings to which detail is compared; and pixels
COLOR_BINS = [8, 16, 16]  # of lightness, a and b of CIE Lab
KERNEL_3, DISC = np.ones((3, 3), np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (WIDE, WIDE))


def corrected_by_motion(scene: StillScene, masks: np.ndarray, given: Collection[int], sure: np.ndarray) -> np.ndarray:
    """
    Args:
        scene: of the clip.
        masks: `[T, h, w]` bool, of frames of any size, what each shows of a thing.
        given: the numbers of the frames whose masks stay as they are, one or more.
        sure: `[T, h, w]` bool, what belongs to the thing though it may rest, such as a leg on which somebody stands.
    """
    small = [scene.small_mask(mask) if mask.any() else np.zeros(scene.size[::-1], bool) for mask in masks]
    covered = scene.covered((time, mask) for time, mask in enumerate(small) if mask.any())
    grounds, colors = list(scene.grounds(covered)), _ColorsOf(scene.frames, small, covered)
    result, size = masks.copy(), masks.shape[:0:-1]
    for frame, times in ways_from(given, len(masks)):
        before = small[frame]
        for time in times:
            checkpoint()
            if not small[time].any():
                before = small[time]
                continue
            expected = _expected(scene, before, time - times.step, time)
            (ground, known), here = grounds[time], scene.frames[time]
            moving = scene.differs(time, ground, known)
            doubtful = small[time] & known & ~moving & ~scene.small_mask(sure[time])
            rests = _resting(scene, time, doubtful, small[time].sum())
            kept = small[time] & ~rests
            more = _parts(moving & ~small[time], kept, expected, colors.own(here), (here, ground))
            before = kept | more
            less, more = (cv2.resize(each.astype(np.float32), size) >= MASKED for each in (rests, more))
            result[time] = (masks[time] & ~less) | more
    return result


def _expected(scene: StillScene, before: np.ndarray, last: int, time: int) -> np.ndarray:
    """`[h, w]` bool: where a frame may show a thing, by its mask in the last one, `[h, w]` bool."""
    flow = flow_at_half_resolution(scene.frames[time], scene.frames[last])
    expected = along_flow(before.astype(np.float32), flow) >= MASKED
    return grown(expected, max(1, _reach(expected)))


def _reach(thing: np.ndarray) -> int:
    """How far from a thing `[h, w]` bool a part of it may lie, in pixels."""
    return round(REACH * float(np.sqrt(thing.sum())))


def _resting(scene: StillScene, time: int, alike: np.ndarray, area: int) -> np.ndarray:
    """`[h, w]` bool: of what looks like the scene, what does not move, either, and is wide."""
    if not alike.any():
        return alike
    slow = (alike & (scene.speed(time) < SLOW)).astype(np.uint8)
    return without_small(cv2.morphologyEx(slow, cv2.MORPH_OPEN, DISC), LEAST_RESTS * area)


def _parts(
    moving: np.ndarray, thing: np.ndarray, expected: np.ndarray, own_colors: np.ndarray, frames: Sequence[np.ndarray]
) -> np.ndarray:
    """`[h, w]` bool: of what moves, the parts of a thing that lie beside it.

    Args:
        expected: `[h, w]` bool, where the frame before leads to expect the thing.
        own_colors: `[h, w]` bool, where a frame has its colours.
        frames: the frame and the scene, `[h, w, 3]` uint8.
    """
    found, area = np.zeros(moving.shape, bool), thing.sum()
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.morphologyEx(moving.astype(np.uint8), cv2.MORPH_OPEN, KERNEL_3))  # fmt: skip
    near = grown(thing, max(BESIDE, _reach(thing)))
    for number in set(np.unique(labels[near]).tolist()) - {0}:
        part = labels == number
        if not LEAST_MOVES * area <= stats[number, cv2.CC_STAT_AREA] <= MOST_MOVES * area:
            continue
        belongs = expected[part].mean() > EXPECTED and own_colors[part].mean() > OWN_COLORS
        if belongs and not in_another_light(part, *frames):
            found |= part
    return found


def in_another_light(part: np.ndarray, frame: np.ndarray, scene: np.ndarray) -> bool:
    """Whether a part `[h, w]` bool of a frame `[h, w, 3]` uint8 differs from the scene by its light alone, as a shadow
    does: by the correlation of their detail, but for the part's rim, where that leaves any."""
    near = Box.of(part).grown(round(4 * DETAIL)).within(*part.shape[::-1]).slices
    inside = cv2.erode(part[near].astype(np.uint8), KERNEL_3) > 0
    area = inside if inside.sum() >= FEWEST_INSIDE else part[near]
    own, other = (_detail(np.ascontiguousarray(each[near]))[area] for each in (frame, scene))
    own, other = own - own.mean(), other - other.mean()
    return bool((own * other).sum() >= SAME_TEXTURE * max(1e-9, np.sqrt(np.square(own).sum() * np.square(other).sum())))


def _detail(frame: np.ndarray) -> np.ndarray:
    """`[h, w]` float32: how a frame differs from its surroundings, as a ratio, which light does not change."""
    level = np.log(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32) + 4)
    return level - cv2.GaussianBlur(level, (0, 0), DETAIL)


class _ColorsOf:
    """Which colours a thing has in a clip, rather than the scene.

    Args:
        frames: `[T, h, w, 3]` uint8.
        things: `[h, w]` bool for each, the thing.
        covered: `[T, h, w]` bool, the same with its edge.
    """

    def __init__(self, frames: np.ndarray, things: list[np.ndarray], covered: np.ndarray):
        own, other = np.zeros(COLOR_BINS, np.float32), np.zeros(COLOR_BINS, np.float32)
        for frame, thing, cover in zip(frames, things, covered, strict=True):
            lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)
            for counts, area in ((own, thing), (other, ~cover)):
                counts += cv2.calcHist([lab], [0, 1, 2], area.astype(np.uint8), COLOR_BINS, [0, 256] * 3)
        own, other = (_smoothed(counts / max(1.0, counts.sum())) for counts in (own, other))
        self._is_own = own > other

    def own(self, frame: np.ndarray) -> np.ndarray:
        """`[h, w]` bool: where a frame has its colours."""
        lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)
        lightness, a, b = np.moveaxis(lab // np.array([256 // bins for bins in COLOR_BINS], np.uint8), -1, 0)
        return self._is_own[lightness, a, b]


def _smoothed(counts: np.ndarray) -> np.ndarray:
    """How often colours, and those next to them, occur."""
    for axis in range(counts.ndim):
        padded = np.pad(counts, [(1, 1) if each == axis else (0, 0) for each in range(counts.ndim)])
        before, own, after = (np.take(padded, range(start, start + counts.shape[axis]), axis) for start in range(3))
        counts = (before + 2 * own + after) / 4
    return counts
