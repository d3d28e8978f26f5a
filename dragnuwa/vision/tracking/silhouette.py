"""The masks of a thing that bends, such as somebody who walks: of what moves, what belongs to it, from frame to frame.

No rigid motion says where all of such a thing is. Its mask in one frame is moved to the next one by the optical flow,
and of what differs from the still scene there, what is close to it is the thing.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .depth_order import WholeShape
from .moving_parts import MovingParts, StillScene

REACH = 0.06  # of its longer side, by which a part of it may move from one frame to the next beside the flow
LEAST_REACH = 2  # px of small frames
SMALL_PART = 0.04  # of the thing: smaller parts apart from it are none of it
LOST = 0.1  # of its usual size: with less to be seen, it is hidden
MERGED = 1.35  # times its usual size: it has grown by something else
CLOSED, BESIDE = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
RIGID = 0.72  # of a rigid shape, that three frames of four show less of where it bends
LEAST_OUTSIDE = 0.1  # of a rigid shape, that moves beside it on average where it bends


def silhouettes(scene: StillScene, parts: MovingParts, mask: np.ndarray, frame: int, others: np.ndarray) -> np.ndarray:
    """
    Args:
        scene: the clip's still scene.
        parts: what moves, with the thing left out of the scene.
        mask: `[h, w]` bool, the thing in one small frame.
        frame: the number of that frame.
        others: `[T, h, w]` bool, what each small frame shows of other things.

    Returns:
        `[T, h, w]` bool: the thing in each small frame.
    """
    found = np.zeros(parts.moving.shape, bool)
    found[frame] = mask
    count = len(found)
    for times in (range(frame + 1, count), range(frame - 1, -1, -1)):
        before, last, usual = mask, frame, mask.sum()
        for time in times:
            scene.check_interrupt()
            ahead = _moved(before, scene, last, time)
            own = _belonging(ahead, parts, time, others[time])
            if own.sum() > MERGED * usual:  # it has met something else that moves
                own = own & ahead
            last = time
            if own.sum() < LOST * usual:  # hidden: it is waited for where the flow leads
                before = ahead if ahead.any() else before
                continue
            found[time] = before = own
            usual = 0.9 * usual + 0.1 * own.sum()
    return found


def is_rigid(whole: WholeShape) -> bool:
    """Whether most frames show most of a thing where its rigid motion takes it. Something that walks shows half of it
    already in the next frame; what is only hidden now and then does not."""
    masks = whole.thing.masks
    there = [whole.at(time).sum() for time in range(len(masks))]
    shares = [
        (mask >= 128).sum() / area
        for time, (mask, area) in enumerate(zip(masks, there, strict=True))
        if time != whole.thing.frame and area
    ]
    return not shares or float(np.quantile(shares, 0.75)) >= RIGID


def moves_beside(silhouette: np.ndarray, rigid: Sequence[np.ndarray], parts: MovingParts) -> bool:
    """Whether a thing moves beside its rigid shape `[h, w]` bool in each frame, by its silhouettes `[T, h, w]` bool."""
    shares = []
    for time, shape in enumerate(rigid):
        if shape.any() and silhouette[time].any():
            near = cv2.dilate(shape.astype(np.uint8), BESIDE) > 0
            shares.append((silhouette[time] & ~near & parts.known[time]).sum() / shape.sum())
    return len(shares) > 1 and float(np.mean(shares)) > LEAST_OUTSIDE


def _moved(mask: np.ndarray, scene: StillScene, last: int, time: int) -> np.ndarray:
    """A mask of one small frame in the next one, by the optical flow."""
    now, then = (cv2.cvtColor(scene.frames[each], cv2.COLOR_RGB2GRAY) for each in (time, last))
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(now, then, None)
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
    _, labels, stats, _ = cv2.connectedComponentsWithStats(own, connectivity=8)
    keep = stats[:, cv2.CC_STAT_AREA] >= SMALL_PART * ahead.sum()
    keep[0] = False
    return keep[labels] & ~others
