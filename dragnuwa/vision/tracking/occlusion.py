"""What hides a thing that is followed, and what it hides: other things that move, which stands before which, and what
each frame shows of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from ...common.interrupt import InterruptCheck, no_interrupt
from .depth_order import WholeShape, back_to_front, moved
from .follow import follow
from .followed import Followed
from .frame_alignment import FrameAt
from .moving_parts import MovingParts, StillScene
from .moving_things import Search, bending_thing
from .rigid_shape import attached, rigid_shape

TOGETHER = 1.5  # px of small frames, within which two things that move alike are one
TRAVELS = 4.0  # px of small frames that a thing has to move for that to mean something
FEWEST = 3  # frames that have to show both
MOST = 4  # other things, or parts of known ones, that are looked for
BESIDE, EDGE, NEAR = (np.ones((side, side), np.uint8) for side in (3, 5, 9))


@dataclass(frozen=True)
class Layered:
    """One of the things in a clip.

    Attributes:
        thing: with what each frame shows of it.
        number: of the known thing, from 0; None for another one.
    """

    thing: Followed
    number: int | None


def layered(
    things: Sequence[Followed],
    frame_at: FrameAt,
    motions: np.ndarray,
    check_interrupt: InterruptCheck = no_interrupt,
) -> list[Layered]:
    """
    Args:
        things: known things.
        frame_at: the clip's frames, at full size.
        motions: `[T, 3, 3]`, of the camera (`frame_alignment.align`).
        check_interrupt: called many times.

    Returns:
        The known things, and those that move beside them, from back to front. Masks that were given stay as they are.
    """
    scene = StillScene(len(motions), frame_at, motions, check_interrupt)
    shapes = [WholeShape(each, each.masks[each.frame] >= 128) for each in things]
    shapes = [
        _bending(scene, frame_at, each, _wholes(scene, shapes[:n] + shapes[n + 1 :])) for n, each in enumerate(shapes)
    ]
    others: list[WholeShape] = []
    search = Search(scene, frame_at, _wholes(scene, shapes))
    for _ in range(MOST):
        found = search.next(_wholes(scene, [*others, *shapes]))
        if found is None:
            break
        shapes, joined = _joined(shapes, found)
        if not joined:
            others.append(WholeShape(found, found.masks[found.frame] >= 128))
            shapes = _again(frame_at, others, shapes, check_interrupt)
        covered = _wholes(scene, others)
        parts = scene.moving(covered | _wholes(scene, shapes))
        shapes = [_grown(scene, each, parts, covered) for each in shapes]
    parts = scene.moving(_wholes(scene, [*others, *shapes]))
    # Another thing that never meets a known one is taken to be behind it.
    order = back_to_front([*others, *shapes], frame_at)
    visible = _shown([[*others, *shapes][place] for place in order], parts)
    return [
        Layered(thing, place - len(others) if place >= len(others) else None)
        for place, thing in zip(order, visible, strict=True)
    ]


def _bending(scene: StillScene, frame_at: FrameAt, each: WholeShape, others: np.ndarray) -> WholeShape:
    """A thing by its silhouettes, if it bends; others `[T, h, w]` bool are what each small frame shows of others."""
    if each.thing.is_given:
        return each
    thing = bending_thing(scene, frame_at, each.thing, others)
    return each if thing is None else WholeShape(thing, each.shape)


def _again(
    frame_at: FrameAt, others: Sequence[WholeShape], shapes: Sequence[WholeShape], check_interrupt: InterruptCheck
) -> list[WholeShape]:
    """Known things, followed once more where something else was found that stands before them."""
    order = back_to_front([*others, *shapes], frame_at)
    result = []
    for number, each in enumerate(shapes):
        place, thing = order.index(len(others) + number), each.thing
        before = [others[other] for other in order[place + 1 :] if other < len(others)]
        if not before or thing.is_given:
            result.append(each)
            continue
        given = {time: thing.mask_at(time) for time in thing.given}
        again = follow(
            len(thing.masks), frame_at, given.pop(thing.frame), thing.frame, corrections=given,
            hidden_at=partial(_hides, before), check_interrupt=check_interrupt,
        )  # fmt: skip
        result.append(WholeShape(again, again.masks[again.frame] >= 128))
    return result


def _hides(before: Sequence[WholeShape], time: int) -> np.ndarray | None:
    """`[h, w]` bool: what a small frame shows of things that stand before another; None where it shows none."""
    seen = [each.shown_at(time) for each in before if each.thing.visible[time]]
    return np.any(seen, axis=0) if seen else None


def _wholes(scene: StillScene, shapes: Sequence[WholeShape]) -> np.ndarray:
    """`[T, h, w]` bool: where things are in each small frame, with their edges."""
    found = np.zeros(scene.frames.shape[:3], bool)
    for each in shapes:
        for time in np.flatnonzero(each.thing.visible):
            mask = scene.small_mask(each.shown_at(time))
            found[time] |= cv2.dilate(mask.astype(np.uint8), EDGE) > 0
    return found


def _joined(shapes: Sequence[WholeShape], part: Followed) -> tuple[list[WholeShape], bool]:
    """Things with a part that moves as one of them does, which something hid in the frame in which that was given; and
    whether it was one."""
    whole = next((number for number, each in enumerate(shapes) if _moves_with(each.thing, part)), None)
    if whole is None:
        return list(shapes), False
    thing = shapes[whole].thing
    time = np.flatnonzero(thing.visible & part.visible)[0]
    more = moved(part.masks[time], replace(thing, motion=thing.motion.inverse()), time, cv2.BORDER_CONSTANT) >= 128
    return [replace(each, shape=each.shape | more) if n == whole else each for n, each in enumerate(shapes)], True


def _moves_with(thing: Followed, part: Followed) -> bool:
    both = np.flatnonzero(thing.visible & part.visible)
    scale = thing.masks.shape[2] / thing.size[0]
    touch = any((cv2.dilate(thing.masks[time], NEAR) & part.masks[time]).any() for time in both)
    if len(both) < FEWEST or not touch:
        return False
    rows, columns = np.nonzero(part.masks[both[0]] >= 128)
    corners = np.array([x + 1j * y for x in (columns.min(), columns.max()) for y in (rows.min(), rows.max())]) / scale
    own = np.array([part.between(both[0], time).apply(corners) for time in both])
    along = np.array([thing.between(both[0], time).apply(corners) for time in both])
    apart = float(np.median(np.abs(own - along).max(1))) * scale
    return np.abs(along - along[0]).max() * scale >= TRAVELS and apart <= TOGETHER


def _grown(scene: StillScene, each: WholeShape, parts: MovingParts, covered: np.ndarray) -> WholeShape:
    """A thing with what moves as it does where something hid it in the frame in which it was given."""
    thing = each.thing
    hidden = cv2.dilate(covered[thing.frame].astype(np.uint8), BESIDE) > 0
    if thing.is_given or not hidden.any():
        return each
    shape, _ = rigid_shape(scene, thing, parts, covered)
    more = attached(shape & hidden, scene.small_mask(thing.masks[thing.frame]))
    more = cv2.resize(more.astype(np.float32), each.shape.shape[::-1], interpolation=cv2.INTER_LINEAR) >= 0.5
    return WholeShape(thing, each.shape | more)


def _shown(things: Sequence[WholeShape], parts: MovingParts) -> list[Followed]:
    """What each frame shows of things, which are given from back to front."""
    masks = np.stack([each.thing.masks for each in things])  # [N, T, h, w]
    size = masks.shape[:1:-1]
    for time in range(masks.shape[1]):
        moving = cv2.resize(parts.moving[time].astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        front = np.zeros(size[::-1], bool)
        for each, mask in reversed(list(zip(things, masks[:, time], strict=True))):
            if not each.thing.visible[time]:
                continue
            if time not in each.thing.given:
                whole = each.at(time)
                beside = cv2.dilate(front.astype(np.uint8), BESIDE) > 0
                mask[whole & moving & ~beside] = 255
                mask[front] = 0
                front |= whole
            front |= mask >= 128
    return [
        replace(each.thing, masks=own, visible=(own >= 128).any((1, 2)))
        for each, own in zip(things, masks, strict=True)
    ]
