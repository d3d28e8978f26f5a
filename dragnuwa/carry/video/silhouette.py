"""The masks of a thing that bends, such as somebody who walks: of what moves, what belongs to it, from frame to frame.

No rigid motion says where all of such a thing is. Its mask in one frame is moved to the next one by the optical flow,
and of what differs from the still scene there, what is close to it is the thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import cv2
import numpy as np

from ...common.interrupt import checkpoint
from ...vision.tracking.optical_flow import flow_at_half_resolution
from .follow import span
from .still_scene import MovingParts, StillScene
from .tracked import Followed, touching, without_small

REACH = 0.06  # of its longer side, by which a part of it may move from one frame to the next beside the flow
LEAST_REACH = 2  # px of small frames
SMALL_PART = 0.04  # of the thing: smaller parts apart from it are none of it
LOST = 0.1  # of its usual size: with less to be seen, it is hidden
MERGED = 1.35  # times its usual size: it has grown by something else
CLOSED = np.ones((3, 3), np.uint8)
WELL = 0.85  # of its size, that a frame shows of a thing that is shown well
RIGID = 0.8  # overlap of a rigid shape with what moves, below which a thing bends
FEWEST = 3  # frames that have to show it apart from other things
APART, CHANGES = 1.1, 1.25  # most of its size: with what touches it, and against the frame in which it was given
KNOWN = 0.9  # part of the scene there, that other frames have to show


def silhouettes(
    scene: StillScene, parts: MovingParts, given: Mapping[int, np.ndarray], others: np.ndarray
) -> np.ndarray:
    """
    Args:
        scene: the clip's still scene.
        parts: what moves, with the thing left out of the scene.
        given: `[h, w]` bool, the thing in one or more small frames, by their numbers. It is looked for from each to the
            middle between it and the next.
        others: `[T, h, w]` bool, what each small frame shows of other things.

    Returns:
        `[T, h, w]` bool: the thing in each small frame.
    """
    found = np.zeros(parts.moving.shape, bool)
    for frame, mask in given.items():
        found[frame] = mask
        first, last = span(frame, given, len(found))
        for times in (range(frame + 1, last + 1), range(frame - 1, first - 1, -1)):
            for time, own in _along(times, scene, parts, mask, frame, others):
                found[time] = own
    return found


def _along(
    times: range, scene: StillScene, parts: MovingParts, mask: np.ndarray, frame: int, others: np.ndarray
) -> Iterator[tuple[int, np.ndarray]]:
    """The frames that show the thing, one after the other from where its mask is known, with its masks."""
    before, last, usual = mask, frame, mask.sum()
    for time in times:
        checkpoint()
        ahead = _moved(before, scene, last, time)
        own = _belonging(ahead, parts, time, others[time])
        if own.sum() > MERGED * usual:  # it has met something else that moves
            own = own & ahead
        last = time
        if own.sum() < LOST * usual:  # hidden: it is waited for where the flow leads
            before = ahead if ahead.any() else before
            continue
        yield time, own
        before, usual = own, 0.9 * usual + 0.1 * own.sum()


def shown_well(thing: Followed) -> bool:
    """Whether one frame of four, or more, shows nearly all of a thing by its rigid motion, in the size in which it was
    given: something that walks is never shown so, and what is hidden now and then is."""
    areas = (thing.masks >= 128).sum((1, 2))
    others = np.delete(areas, thing.frame)
    return not len(others) or float(np.quantile(others, 0.75)) >= WELL * areas[thing.frame]


def bends(silhouette: np.ndarray, rigid: Sequence[np.ndarray], frame: int, parts: MovingParts) -> bool:
    """Whether a thing is its silhouettes `[T, h, w]` bool, rather than its rigid shape `[h, w]` bool in each frame: by
    the frames in which it moves apart from anything else.

    Args:
        frame: in which it was given.
    """
    overlaps = []
    usual = silhouette[frame].sum()
    for time, (own, shape) in enumerate(zip(silhouette, rigid, strict=True)):
        together = touching(parts.moving[time], own).sum()
        apart = together <= APART * own.sum() and usual / CHANGES <= own.sum() <= usual * CHANGES
        if time != frame and apart and parts.known[time][own | shape].mean() > KNOWN:
            overlaps.append((own & shape).sum() / (own | shape).sum())
    return len(overlaps) >= FEWEST and float(np.median(overlaps)) < RIGID


def _moved(mask: np.ndarray, scene: StillScene, last: int, time: int) -> np.ndarray:
    """A mask of one small frame in the next one, by the optical flow."""
    flow = flow_at_half_resolution(scene.frames[time], scene.frames[last])
    rows, columns = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float32)
    values = mask.astype(np.float32)
    return cv2.remap(values, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR) >= 0.5


def _belonging(ahead: np.ndarray, parts: MovingParts, time: int, others: np.ndarray) -> np.ndarray:
    if not ahead.any():
        return ahead
    rows, columns = np.nonzero(ahead)
    reach = max(LEAST_REACH, round(REACH * max(np.ptp(rows), np.ptp(columns))))
    side = 2 * reach + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    near = cv2.dilate(ahead.astype(np.uint8), disc) > 0
    own = (near & parts.moving[time]) | (ahead & ~parts.known[time])
    own = cv2.morphologyEx((own & ~others).astype(np.uint8), cv2.MORPH_CLOSE, CLOSED)
    return without_small(own, SMALL_PART * ahead.sum()) & ~others
