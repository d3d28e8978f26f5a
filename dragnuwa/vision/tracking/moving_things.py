"""Finds the things that move by themselves in a clip, beside those that are known, and follows each of them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .depth_order import WholeShape
from .follow import follow
from .followed import Followed
from .frame_alignment import FrameAt
from .from_masks import from_masks
from .moving_parts import MovingParts, StillScene
from .rigid_shape import attached, rigid_shape
from .silhouette import bends, shown_well, silhouettes

SMALLEST = 0.002  # part of the frame
MOVES = 0.35  # px of small frames, from one frame to the next: what is slower may rest
BESIDE, INNER = np.ones((5, 5), np.uint8), np.ones((5, 5), np.uint8)
AT_EDGE = 0.3  # how much less a part counts that touches a known thing or the picture's edge
SEEN = 0.3  # part of the frames in which it has to be seen
KEPT = 0.4  # of what was found first, that has to move as one
SAME = 0.9  # overlap from which a shape is as good as before
ROUNDS = 2
MEETS = 0.02  # part of it that has to be where known things pass, or beside that
AWAY = 2.0  # of the known things' size, that counts as beside


class Search:
    """Finds moving things one after the other.

    Args:
        scene: the clip's still scene.
        frame_at: its frames, at full size.
        things: `[T, h, w]` bool, what each small frame shows of the things to which others matter.
    """

    def __init__(self, scene: StillScene, frame_at: FrameAt, things: np.ndarray):
        self.scene, self.frame_at = scene, frame_at
        self.near = passed(scene, things)
        self.refused = np.zeros(scene.frames.shape[:3], bool)

    def clearest(self, known: np.ndarray) -> tuple[int, np.ndarray, MovingParts] | None:
        """The frame and `[h, w]` bool, the part of it, that shows something most clearly beside what is known, `[T, h,
        w]` bool; and all that moves beside that. None where nothing does."""
        parts = self.scene.moving(known)
        found = _clearest(self.scene, parts.moving & ~self.refused, known, self.near)
        return None if found is None else (*found, parts)

    def thing(self, time: int, part: np.ndarray, known: np.ndarray) -> Followed | None:
        """The thing that a part is of; None if it cannot be followed. That part is not looked at again."""
        rigid = _whole(self.scene, self.frame_at, time, part, known)
        begun = rigid or _followed(self.scene, self.frame_at, time, part)
        found = bending_thing(self.scene, self.frame_at, begun, known) or rigid
        if found is None:
            self.refused |= cv2.dilate(part.astype(np.uint8), BESIDE) > 0
        return found


def _whole(scene: StillScene, frame_at: FrameAt, time: int, part: np.ndarray, covered: np.ndarray) -> Followed | None:
    """The thing of which a part `[h, w]` bool was found in a small frame; None if nothing moves as that does.

    Args:
        covered: `[T, h, w]` bool, what each small frame shows of other things.
    """
    for _ in range(ROUNDS):
        thing = _followed(scene, frame_at, time, part)
        if thing.visible.mean() < SEEN:
            return None
        parts = scene.moving(covered | masks_of(scene, [thing]))
        shape, counted = rigid_shape(scene, thing, parts, covered)
        better = attached(shape, part) | (part & ~counted)
        if better.sum() < SMALLEST * better.size or (better & part).sum() < KEPT * part.sum():
            return None
        same = (better & part).sum() / (better | part).sum()
        if same > SAME:
            return thing
        part = better
    return _followed(scene, frame_at, time, part)


def bending_thing(scene: StillScene, frame_at: FrameAt, thing: Followed, covered: np.ndarray) -> Followed | None:
    """A thing by its silhouettes; None if its rigid motion says where it is.

    Args:
        covered: `[T, h, w]` bool, what each small frame shows of other things.
    """
    if shown_well(thing):
        return None
    whole = WholeShape(thing, thing.masks[thing.frame] >= 128)
    parts = scene.moving(covered | masks_of(scene, [thing]))
    begun = scene.small_mask(thing.masks[thing.frame])
    found = silhouettes(scene, parts, begun, thing.frame, covered)
    rigid = [scene.small_mask(whole.at(time)) for time in range(len(found))]
    if not bends(found, rigid, thing.frame, parts):
        return None
    height, width = frame_at(0).shape[:2]
    masks = [cv2.resize(mask.astype(np.float32), (width, height)) for mask in found]
    masks[thing.frame] = thing.mask_at(thing.frame)
    return from_masks(frame_at, np.stack(masks), thing.frame, scene.check_interrupt)


def _followed(scene: StillScene, frame_at: FrameAt, time: int, part: np.ndarray) -> Followed:
    height, width = frame_at(time).shape[:2]
    mask = cv2.resize(part.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return follow(len(scene.frames), frame_at, mask, time, check_interrupt=scene.check_interrupt)


def masks_of(scene: StillScene, things: Sequence[Followed]) -> np.ndarray:
    """`[T, h, w]` bool: what each small frame shows of things, with their edges."""
    found = np.zeros(scene.frames.shape[:3], bool)
    for thing in things:
        for time in np.flatnonzero(thing.visible):
            small = scene.small_mask(thing.masks[time])
            found[time] |= cv2.dilate(small.astype(np.uint8), BESIDE) > 0
    return found


def passed(scene: StillScene, masks: np.ndarray) -> dict[int, np.ndarray]:
    """For each sampled frame, `[h, w]` bool: where things `[T, h, w]` bool pass at any time, and beside that."""
    areas = masks.sum((1, 2))
    reach = round(AWAY * float(np.sqrt(areas.max())) / 2)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    found = {}
    for time in scene.sampled:
        way = np.any([scene.warped_mask(int(time), int(other), masks[other]) for other in scene.sampled], axis=0)
        found[int(time)] = cv2.dilate(way.astype(np.uint8), disc) > 0
    return found


def _clearest(
    scene: StillScene, moving: np.ndarray, masks: np.ndarray, near: dict[int, np.ndarray]
) -> tuple[int, np.ndarray] | None:
    """The frame and `[h, w]` bool, the part of it, that shows an unknown thing most clearly; None without one."""
    best, clearest = 0.0, None
    for time in scene.sampled:
        scene.check_interrupt()
        fast = (scene.speed(int(time)) > MOVES).astype(np.uint8)
        shape = moving[time] & (cv2.dilate(fast, BESIDE) > 0) & ~masks[time]
        shape = cv2.morphologyEx(shape.astype(np.uint8), cv2.MORPH_OPEN, INNER)
        parts, labels, stats, _ = cv2.connectedComponentsWithStats(shape)
        for part in range(1, parts):
            area = stats[part, cv2.CC_STAT_AREA]
            if area < SMALLEST * labels.size or area <= best:
                continue
            mask = _without_holes(labels == part) & ~masks[time]
            if (mask & near[int(time)]).sum() < MEETS * mask.sum():
                continue
            rim = cv2.dilate(mask.astype(np.uint8), BESIDE) > 0
            edge = np.ones_like(mask)
            edge[1:-1, 1:-1] = False
            touches = bool((rim & masks[time]).any() or (mask & edge).any())
            score = area * (AT_EDGE if touches else 1.0)
            if score > best:
                best, clearest = score, (int(time), mask)
    return clearest


def _without_holes(mask: np.ndarray) -> np.ndarray:
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    return filled > 0
