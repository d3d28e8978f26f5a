"""What hides a thing that is followed, and what it hides: other things that move, which stands before which, and what
each frame shows of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from ...geometry.frame_alignment import FrameAt, MaskAt
from .follow import follow, small_frames
from .occluders import ALIKE, Search, attached, bending_thing, rigid_shape
from .still_scene import MovingParts, StillScene
from .template import AROUND, CLIPPED
from .tracked import Followed, WholeShape, moved

MOSTLY, SEEN = 0.5, 0.3  # part of another thing, and the part of the frames in which that is to be seen
TRAVELS = 4.0  # px of small frames that a thing has to move for that to mean something
FEWEST, SHARE = 3, 0.6  # frames that have to show both, and the part that has to move along
MOST = 6  # other things, or parts of known ones, that are looked for
BESIDE, NEAR = np.ones((3, 3), np.uint8), np.ones((9, 9), np.uint8)
FEWEST_SHARED = 24  # pixels that two things have to share, for one to be seen before the other
CLEARLY = 1.0  # of 255: by so much the one in front has to agree better with the frames there


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
    things: Sequence[Followed], frame_at: FrameAt, motions: np.ndarray, shadows_at: MaskAt = lambda time: None
) -> list[Layered]:
    """
    Args:
        things: known things.
        frame_at: the clip's frames, at full size.
        motions: `[T, 3, 3]`, of the camera (`frame_alignment.align`).
        shadows_at: where a frame shows shadows, which move like things, but are none.

    Returns:
        The known things, and those that move beside them, from back to front. Masks that were given stay as they are.
    """
    scene = StillScene(len(motions), frame_at, motions)
    shapes = [WholeShape.of(each) for each in things]
    shapes = [
        _bending(scene, frame_at, each, _wholes(scene, shapes[:n] + shapes[n + 1 :])) for n, each in enumerate(shapes)
    ]
    shadows = _of_frames(scene, shadows_at)
    others: list[WholeShape] = []
    search = Search(scene, frame_at, _wholes(scene, shapes))
    for _ in range(MOST):
        known = _wholes(scene, [*others, *shapes]) | shadows
        parts = scene.moving(known)
        begun = search.clearest(parts.moving, known)
        if begun is None:
            break
        time, part = begun
        covered = _wholes(scene, others)
        owner = next((n for n, each in enumerate(shapes) if _belongs(scene, each, time, part, parts, covered)), None)
        if owner is not None:
            shapes[owner] = _with_piece(shapes[owner], time, part)
            continue
        found = search.thing(time, part, known)
        if found is None:
            continue
        others.append(WholeShape.of(found))
        shapes = _again(frame_at, others, shapes)
        covered = _wholes(scene, others)
        parts = scene.moving(covered | _wholes(scene, shapes))
        shapes = [_grown(scene, each, parts, covered) for each in shapes]
    else:  # there may be more, but what is known has changed since they were looked for
        parts = scene.moving(_wholes(scene, [*others, *shapes]))
    # Another thing that never meets a known one is taken to be behind it.
    order = back_to_front([*others, *shapes], frame_at)
    in_order = [[*others, *shapes][place] for place in order]
    return [
        Layered(thing, place - len(others) if place >= len(others) else None)
        for place, each, thing in zip(order, in_order, shown(in_order, parts), strict=True)
        if place >= len(others) or _is_seen(each, thing)
    ]


def _is_seen(each: WholeShape, thing: Followed) -> bool:
    """Whether most of another thing is seen in several frames; else it is what is left of a known one."""
    areas = [(each.at(time).sum(), (thing.masks[time] >= 128).sum()) for time in np.flatnonzero(thing.visible)]
    return thing.is_given or sum(own >= MOSTLY * whole > 0 for whole, own in areas) >= SEEN * len(thing.masks)


def _bending(scene: StillScene, frame_at: FrameAt, each: WholeShape, others: np.ndarray) -> WholeShape:
    """A thing by its silhouettes, if it bends; others `[T, h, w]` bool are what each small frame shows of others."""
    if each.thing.is_given:
        return each
    thing = bending_thing(scene, frame_at, each.thing, others)
    return each if thing is None else replace(each, thing=thing)


def _again(frame_at: FrameAt, others: Sequence[WholeShape], shapes: Sequence[WholeShape]) -> list[WholeShape]:
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
            hidden_at=partial(_hides, before))  # fmt: skip
        result.append(replace(each, thing=again))
    return result


def _hides(before: Sequence[WholeShape], time: int) -> np.ndarray | None:
    """`[h, w]` bool: what a small frame shows of things that stand before another; None where it shows none."""
    seen = [each.shown_at(time) for each in before if each.thing.visible[time]]
    return np.any(seen, axis=0) if seen else None


def _wholes(scene: StillScene, shapes: Sequence[WholeShape]) -> np.ndarray:
    """`[T, h, w]` bool: where things are in each small frame, with their edges."""
    return scene.covered((time, each.shown_at(time)) for each in shapes for time in np.flatnonzero(each.thing.placed))


def _of_frames(scene: StillScene, mask_at: MaskAt) -> np.ndarray:
    """`[T, h, w]` bool: masks of frames in small ones, with their edges."""
    masks = ((time, mask_at(time)) for time in range(len(scene.frames)))
    return scene.covered((time, mask) for time, mask in masks if mask is not None)


def _belongs(
    scene: StillScene, each: WholeShape, time: int, part: np.ndarray, parts: MovingParts, covered: np.ndarray
) -> bool:
    """Whether a part `[h, w]` bool of a small frame is one of a thing: if it moves as that does, where nothing else
    covers it, `[T, h, w]` bool."""
    thing = each.thing
    own = cv2.dilate(scene.small_mask(each.shown_at(time)).astype(np.uint8), NEAR) > 0
    if thing.is_given or not thing.placed[time] or not (own & part).any():
        return False
    shares, ways = [], []
    for other in scene.sampled[thing.visible[scene.sampled]]:
        there = moved((255 * part).astype(np.uint8), thing, time, int(other)) >= 128
        seen = there & ~covered[other]
        if other == time or seen.sum() < 0.5 * part.sum():
            continue
        colors = moved(scene.frames[time], thing, time, int(other), cv2.BORDER_REPLICATE).astype(np.int16)
        alike = np.abs(colors - scene.frames[other]).max(-1) <= ALIKE
        shares.append((seen & parts.moving[other] & alike).sum() / seen.sum())
        ways.append(np.hypot(*(np.argwhere(there).mean(0) - np.argwhere(part).mean(0))))
    return len(shares) >= FEWEST and max(ways) >= TRAVELS and float(np.mean(shares)) >= SHARE


def _with_piece(each: WholeShape, time: int, part: np.ndarray) -> WholeShape:
    size = each.shape.shape[::-1]
    piece = cv2.resize(cv2.dilate(part.astype(np.float32), BESIDE), size, interpolation=cv2.INTER_LINEAR) >= 0.5
    return replace(each, pieces=(*each.pieces, (time, piece)))


def _grown(scene: StillScene, each: WholeShape, parts: MovingParts, covered: np.ndarray) -> WholeShape:
    """A thing with what moves as it does where something hid it in the frame in which it was given."""
    thing = each.thing
    hidden = cv2.dilate(covered[thing.frame].astype(np.uint8), BESIDE) > 0
    if thing.is_given or not hidden.any():
        return each
    shape, _ = rigid_shape(scene, thing, parts, covered)
    more = attached(shape & hidden, scene.small_mask(thing.masks[thing.frame]))
    more = cv2.resize(more.astype(np.float32), each.shape.shape[::-1], interpolation=cv2.INTER_LINEAR) >= 0.5
    return replace(each, shape=each.shape | more)


def shown(things: Sequence[WholeShape], parts: MovingParts) -> list[Followed]:
    """What each frame shows of things, which are given from back to front."""
    masks = np.stack([each.thing.masks for each in things])  # [N, T, h, w]
    size = masks.shape[:1:-1]
    for time in range(masks.shape[1]):
        moving = cv2.resize(parts.moving[time].astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        front = np.zeros(size[::-1], bool)
        for each, mask in reversed(list(zip(things, masks[:, time], strict=True))):
            if not each.thing.placed[time]:
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


def back_to_front(things: Sequence[WholeShape], frame_at: FrameAt) -> list[int]:
    """The numbers of things, those behind first; things that never overlap keep their order."""
    small = small_frames(frame_at, things[0].thing.size)[0]
    ahead = np.zeros((len(things), len(things)))
    for one in range(len(things)):
        for other in range(one + 1, len(things)):
            ahead[one, other] = _before(things[one], things[other], small)
            ahead[other, one] = -ahead[one, other]
    order: list[int] = []
    left = list(range(len(things)))
    while left:  # the one that stands before the fewest of what is left
        behind = min(left, key=lambda number: sum(max(0.0, ahead[number, other]) for other in left if other != number))
        left.remove(behind)
        order.append(behind)
    return order


def _before(one: WholeShape, other: WholeShape, small: FrameAt) -> float:
    """Above 0 if one thing stands before another, below 0 if behind it, 0 if they never overlap or no frame says."""
    pictures = [(small(each.thing.frame), each.thing) for each in (one, other)]
    better, shared = 0.0, 0
    for time in np.flatnonzero(one.thing.visible & other.thing.visible):
        both = one.at(time) & other.at(time)
        # Where the frame in which it was given hides it, its picture says nothing.
        for each in (one, other):
            given = each.thing.masks[each.thing.frame]
            both &= moved(given, each.thing, each.thing.frame, time) >= 128
        if both.sum() < FEWEST_SHARED:
            continue
        frame = small(time)
        errors = [_error(picture, thing, time, frame) for picture, thing in pictures]
        better += float((errors[1] - errors[0])[both].sum())
        shared += int(both.sum())
    return 0.0 if shared == 0 or abs(better / shared) < CLEARLY else better / shared


def _error(picture: np.ndarray, thing: Followed, time: int, frame: np.ndarray) -> np.ndarray:
    """`[h, w]`, of 255: how much a frame differs from a thing where it is to be."""
    there = moved(picture, thing, thing.frame, time, cv2.BORDER_REPLICATE)
    difference = np.abs(there.astype(np.float32) - frame).mean(-1)
    return cv2.blur(np.minimum(difference, CLIPPED), (AROUND, AROUND))
