"""What hides an object that is followed, and what it hides: other objects that move, which stands before which, and
what each frame shows of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from ...common.images import largest_channel
from ...common.masks import overlap, reaches_border
from ...geometry.frame_alignment import FrameAt, MaskAt
from .follow import follow, small_frames
from .from_masks import from_masks
from .layered_fit import LayeredFit, difference_of
from .occluders import MAX_COLOR_ERROR, FoundTrack, Search, attached, rigid_shape, without_strays
from .still_scene import MovingParts, StillScene
from .template import CLIPPED, ERROR_WINDOW, EXPLAINED
from .told_apart import ToldApart, told_apart
from .tracked import ObjectTrack, grown, moved

MIN_VISIBLE_PART = 0.5  # of another object
MIN_VISIBLE_FRAMES = 0.3  # part of the frames in which that is to be seen
ENTERS = 0.3  # of its size, around it: where it may be larger than the picture showed
TRAVELS = 4.0  # px of small frames that an object has to move for that to mean something
MIN_FRAMES, SHARE = 3, 0.7  # frames that have to show both, and the part that has to move along
GROWN_BY = 0.6  # of another object, over which a known one has grown, from which it is a part of that
MAX_OTHERS = 6  # other objects, or parts of known ones, that are looked for
KERNEL_3, KERNEL_9 = np.ones((3, 3), np.uint8), np.ones((9, 9), np.uint8)
FEWEST_SHARED = 24  # pixels that two objects have to share, for one to be seen before the other
FEWEST_APART, SAME_SHAPE = 3, 0.95  # frames that show an object apart, and overlap from which it keeps its shape
MIN_ADVANTAGE = 1.0  # of 255: by so much the one in front has to agree better with the frames there


def sort_by_depth(
    tracks: Sequence[ObjectTrack], frame_at: FrameAt, motions: np.ndarray, shadows_at: MaskAt = lambda time: None
) -> list[tuple[ObjectTrack, int | None]]:
    """
    Args:
        tracks: known objects.
        frame_at: the clip's frames, at full size.
        motions: `[T, 3, 3]`, of the camera (`frame_alignment.align`).
        shadows_at: where a frame shows shadows, which move like objects, but are none.

    Returns:
        The known objects, and those that move beside them, from back to front, each with its number among the known
        ones, None for another. Masks that were given stay as they are. Pieces of the still scene are behind everything.
    """
    resting = [(track, number) for number, track in enumerate(tracks) if track.is_scene]
    numbers = [number for number, track in enumerate(tracks) if not track.is_scene]
    scene = StillScene(len(motions), frame_at, motions)
    small_at = small_frames(frame_at, scene.whole_size)[0]
    shapes = [tracks[number].with_shape() for number in numbers]
    fitted = _fitted(scene, small_at, [], shapes)
    shapes, others = _nonrigid(scene, small_at, shapes, fitted)
    shapes = _all_entered(scene, others, shapes)
    shadows = _of_frames(scene, shadows_at)
    search = Search(scene, small_at, _amodal_masks(scene, [*shapes, *(track for track, _ in resting)]))
    for _ in range(MAX_OTHERS):
        known = _amodal_masks(scene, [*others, *shapes]) | shadows
        parts = scene.moving(known)
        begun = search.clearest(parts.moving, known)
        if begun is None:
            break
        time, part = begun
        covered = _amodal_masks(scene, others)
        owner = next((n for n, each in enumerate(shapes) if _belongs(scene, each, time, part, parts, covered)), None)
        if owner is not None:
            shapes[owner] = _with_piece(shapes[owner], time, part)
            continue
        found = search.track(time, part, known)
        if found is None:
            continue
        others.append(_completed(scene, small_at, found, [*others, *shapes], known))
        shapes = _fitted(scene, small_at, others, shapes)
        without = _all_grown(scene, others[:-1], shapes)
        if any(_has_grown_by(scene, each, others[-1]) for each in without):
            others.pop()
            shapes = without
        else:
            shapes = _all_grown(scene, others, shapes)
    else:  # there may be more, but what is known has changed since they were looked for
        parts = scene.moving(_amodal_masks(scene, [*others, *shapes]))
    # Another object that never meets a known one is taken to be behind it.
    order = back_to_front([*others, *shapes], small_at)
    in_order = [[*others, *shapes][place] for place in order]
    return resting + [
        (track, numbers[place - len(others)] if place >= len(others) else None)
        for place, each, track in zip(order, in_order, shown(scene, in_order, parts), strict=True)
        if place >= len(others) or _is_seen(each, track)
    ]


def _is_seen(each: ObjectTrack, track: ObjectTrack) -> bool:
    """Whether most of another object is seen in several frames; else it is what is left of a known one."""
    areas = [(each.whole_at(time).sum(), (track.masks[time] >= 128).sum()) for time in np.flatnonzero(track.visible)]
    seen = sum(own >= MIN_VISIBLE_PART * whole > 0 for whole, own in areas)
    return track.is_given or seen >= MIN_VISIBLE_FRAMES * len(track.masks)


def _nonrigid(
    scene: StillScene, small_at: FrameAt, shapes: Sequence[ObjectTrack], fitted: Sequence[ObjectTrack]
) -> tuple[list[ObjectTrack], list[ObjectTrack]]:
    """The known objects as they were fitted to the frames; those that bend, by what moves there and is told apart from
    everything else; and what these meet. `shapes` are as they were followed first."""
    found, met = list(fitted), []
    unsure = [number for number, each in enumerate(shapes) if not each.is_given]
    fit = LayeredFit(scene, fitted, _amodal_masks(scene, fitted)) if unsure else None
    for number in unsure:
        if fit.is_rigid(number):
            continue
        others = _amodal_masks(scene, [other for place, other in enumerate(fitted) if place != number])
        parts = scene.moving(others | _amodal_masks(scene, [shapes[number]]))
        told = told_apart(scene, parts, fitted[number], others)
        if not _bends(scene, fitted[number], told):
            continue
        track = fitted[number]
        size = track.masks.shape[:0:-1]
        masks = [cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_LINEAR) for mask in told.own]
        for time in track.given:
            masks[time] = track.masks[time] / np.float32(255)
        found[number] = from_masks(small_at, np.stack(masks), track.frame, track.size).shaped_as(shapes[number])
        areas = told.others.sum((1, 2))
        if areas.any():
            met.append(from_masks(small_at, told.others, int(areas.argmax()), track.size).with_shape())
    return found, met


def _bends(scene: StillScene, track: ObjectTrack, told: ToldApart) -> bool:
    """Whether an object has another shape than its rigid motion says, in most frames in which that can be seen."""
    overlaps = []
    for time in np.flatnonzero(told.apart if told.apart.sum() > FEWEST_APART else told.own.any((1, 2))):
        rigid, own = scene.small_mask(track.masks[time]), told.own[time]
        if time not in track.given and own.any():
            overlaps.append(overlap(own, rigid))
    return bool(overlaps) and float(np.median(overlaps)) < SAME_SHAPE


def _again(
    small_at: FrameAt, others: Sequence[ObjectTrack], shapes: Sequence[ObjectTrack], order: Sequence[int]
) -> list[ObjectTrack]:
    """Known objects, followed once more where something else was found that stands before them, by their order."""
    result = []
    for number, each in enumerate(shapes):
        place = order.index(len(others) + number)
        before = [others[other] for other in order[place + 1 :] if other < len(others)]
        if not before or each.is_given:
            result.append(each)
            continue
        given = {time: each.mask_at(time) for time in each.given}
        again = follow(
            len(each.masks), small_at, given.pop(each.frame), each.frame, corrections=given,
            hidden_at=partial(_hides, before))  # fmt: skip
        result.append(again.shaped_as(each))
    return result


def _fitted(
    scene: StillScene, small_at: FrameAt, others: Sequence[ObjectTrack], shapes: Sequence[ObjectTrack]
) -> list[ObjectTrack]:
    """Known objects, where the whole of each frame says that they are, among others that were found."""
    everything = [*others, *shapes]
    if all(each.is_given for each in shapes):
        return list(shapes)
    order = back_to_front(everything, small_at)
    again = [*others, *_again(small_at, others, shapes, order)]
    tracks = [again[number] for number in order]
    fit = LayeredFit(scene, tracks, _amodal_masks(scene, [*everything, *again]))
    for place in reversed(range(len(tracks))):
        if order[place] >= len(others):
            tracks[place] = fit.fitted(place, everything[order[place]])
    found = dict(zip(order, tracks, strict=True))
    return [found[len(others) + number] for number in range(len(shapes))]


def _completed(
    scene: StillScene, small_at: FrameAt, found: FoundTrack, others: Sequence[ObjectTrack], known: np.ndarray
) -> ObjectTrack:
    """An object that was found, also in the frames in which others hid so much of it that it was lost.

    Args:
        known: `[T, h, w]` bool, what small frames show of the others.
    """
    track = found.track.with_shape()
    if not found.is_hidden or track.is_given or track.visible.all():
        return track
    (fitted,) = _fitted(scene, small_at, others, [track])
    parts = scene.moving(known | _amodal_masks(scene, [fitted]))
    fitted = without_strays(scene, fitted, parts, known)
    return fitted if fitted.visible.sum() > track.visible.sum() else track


def _hides(before: Sequence[ObjectTrack], time: int) -> np.ndarray | None:
    """`[h, w]` bool: what a small frame shows of objects that stand before another; None where it shows none."""
    seen = [each.covers_at(time) for each in before if each.visible[time]]
    return np.any(seen, axis=0) if seen else None


def _amodal_masks(scene: StillScene, shapes: Sequence[ObjectTrack]) -> np.ndarray:
    """`[T, h, w]` bool: where objects are in each small frame, with their edges."""
    return scene.covered((time, each.covers_at(time)) for each in shapes for time in np.flatnonzero(each.placed))


def _of_frames(scene: StillScene, mask_at: MaskAt) -> np.ndarray:
    """`[T, h, w]` bool: masks of frames in small ones, with their edges."""
    masks = ((time, mask_at(time)) for time in range(len(scene.frames)))
    return scene.covered((time, mask) for time, mask in masks if mask is not None)


def _belongs(
    scene: StillScene, each: ObjectTrack, time: int, part: np.ndarray, parts: MovingParts, covered: np.ndarray
) -> bool:
    """Whether a part `[h, w]` bool of a small frame is one of an object: if it moves as that does, where nothing else
    covers it, `[T, h, w]` bool."""
    own = cv2.dilate(scene.small_mask(each.covers_at(time)).astype(np.uint8), KERNEL_9) > 0
    if each.is_given or not each.placed[time] or not (own & part).any():
        return False
    shares, ways = [], []
    for other in scene.sampled[each.visible[scene.sampled]]:
        there = moved((255 * part).astype(np.uint8), each, time, int(other)) >= 128
        seen = there & ~covered[other]
        if other == time or seen.sum() < 0.5 * part.sum():
            continue
        colors = moved(scene.frames[time], each, time, int(other), cv2.BORDER_REPLICATE).astype(np.int16)
        alike = largest_channel(np.abs(colors - scene.frames[other])) <= MAX_COLOR_ERROR
        shares.append((seen & parts.moving[other] & alike).sum() / seen.sum())
        ways.append(np.hypot(*(np.argwhere(there).mean(0) - np.argwhere(part).mean(0))))
    return len(shares) >= MIN_FRAMES and max(ways) >= TRAVELS and float(np.mean(shares)) >= SHARE


def _with_piece(each: ObjectTrack, time: int, part: np.ndarray) -> ObjectTrack:
    size = each.shape.shape[::-1]
    piece = cv2.resize(cv2.dilate(part.astype(np.float32), KERNEL_3), size, interpolation=cv2.INTER_LINEAR) >= 0.5
    return replace(each, pieces=(*each.pieces, (time, piece)))


def _all_grown(scene: StillScene, others: Sequence[ObjectTrack], shapes: Sequence[ObjectTrack]) -> list[ObjectTrack]:
    """Known objects, each as of `_grown` where others hide it in the frame in which it was given."""
    covered = _amodal_masks(scene, others)
    are_hidden = [bool(covered[each.frame].any()) and not each.is_given for each in shapes]
    if not any(are_hidden):
        return list(shapes)
    parts = scene.moving(covered | _amodal_masks(scene, shapes))
    pairs = zip(shapes, are_hidden, strict=True)
    return [_grown(scene, each, parts, covered) if is_hidden else each for each, is_hidden in pairs]


def _all_entered(scene: StillScene, others: Sequence[ObjectTrack], shapes: Sequence[ObjectTrack]) -> list[ObjectTrack]:
    """Known objects, each with what was outside of the picture in the frame in which it was given."""
    entered = [_entered_at(scene, each) for each in shapes]
    if all(time is None for time in entered):
        return list(shapes)
    covered = _amodal_masks(scene, others)
    parts = scene.moving(covered | _amodal_masks(scene, shapes))
    pairs = zip(shapes, entered, strict=True)
    return [each if time is None else _entered(scene, each, time, parts, covered) for each, time in pairs]


def _entered(scene: StillScene, each: ObjectTrack, time: int, parts: MovingParts, covered: np.ndarray) -> ObjectTrack:
    """An object with what moves as it does where a frame shows what was outside of the picture before."""
    shape, _ = rigid_shape(scene, replace(each, frame=time), parts, covered)
    more = attached(shape & _new_at(scene, each, time), scene.small_mask(each.masks[time]))
    return _with_piece(each, time, more) if more.any() else each


def _entered_at(scene: StillScene, each: ObjectTrack) -> int | None:
    """The frame that shows most around an object which was outside of the picture in the frame in which it was given;
    None if that shows all of it."""
    given = scene.small_mask(each.masks[each.frame])
    if each.is_given or not reaches_border(given):
        return None
    areas = {}
    for time in scene.sampled[each.visible[scene.sampled]]:
        own = scene.small_mask(each.masks[time])
        near = grown(own, max(1, round(ENTERS * float(np.sqrt(own.sum())))))
        areas[int(time)] = int((near & _new_at(scene, each, int(time))).sum())
    time = max(areas, key=areas.get, default=None)
    return time if time is not None and areas[time] else None


def _new_at(scene: StillScene, each: ObjectTrack, time: int) -> np.ndarray:
    """`[h, w]` bool: what of a small frame is outside of the picture in the frame in which an object was given, if that
    moves it."""
    inside = np.full(scene.size[::-1], 255, np.uint8)
    return moved(inside, each, each.frame, time) < 255


def _has_grown_by(scene: StillScene, each: ObjectTrack, other: ObjectTrack) -> bool:
    """Whether a known object has grown over most of another one, which is that part of it, then, that was hidden in the
    frame in which it was given."""
    own, part = (scene.small_mask(track.covers_at(other.frame)) for track in (each, other))
    return bool((own & part).sum() > GROWN_BY * part.sum())


def _grown(scene: StillScene, each: ObjectTrack, parts: MovingParts, covered: np.ndarray) -> ObjectTrack:
    """An object with what moves as it does where something hid it in the frame in which it was given."""
    hidden = cv2.dilate(covered[each.frame].astype(np.uint8), KERNEL_3) > 0
    shape, _ = rigid_shape(scene, each, parts, covered)
    more = attached(shape & hidden, scene.small_mask(each.masks[each.frame]))
    more = cv2.resize(more.astype(np.float32), each.shape.shape[::-1], interpolation=cv2.INTER_LINEAR) >= 0.5
    return replace(each, shape=each.shape | more)


def shown(scene: StillScene, tracks: Sequence[ObjectTrack], parts: MovingParts) -> list[ObjectTrack]:
    """What each frame shows of objects, which are given from back to front."""
    if not tracks:
        return []
    masks = np.stack([each.masks for each in tracks])  # [N, T, h, w]
    size = masks.shape[:1:-1]
    for time in range(masks.shape[1]):
        no_ground = (parts.moving[time] | ~parts.known[time]).astype(np.uint8)  # as far as any frame shows that
        no_ground = cv2.resize(no_ground, size, interpolation=cv2.INTER_NEAREST) > 0
        front = np.zeros(size[::-1], bool)
        for each, mask in reversed(list(zip(tracks, masks[:, time], strict=True))):
            if not each.placed[time]:
                continue
            if time not in each.given:
                whole = each.whole_at(time)
                beside = cv2.dilate(front.astype(np.uint8), KERNEL_3) > 0
                mask[whole & no_ground & ~beside & _may_be(scene, each, time, size)] = 255
                mask[front] = 0
                front |= whole
            front |= mask >= 128
    return [replace(each, masks=own, visible=(own >= 128).any((1, 2))) for each, own in zip(tracks, masks, strict=True)]


def _may_be(scene: StillScene, each: ObjectTrack, time: int, size: tuple[int, int]) -> np.ndarray:
    """`[h, w]` bool, of masks of (width, height) `size`: where a frame looks like an object, or nobody knows how that
    looks."""
    unlike, known = difference_of(scene, each, time)
    unlike = cv2.blur(unlike, (ERROR_WINDOW, ERROR_WINDOW))
    return cv2.resize(((unlike <= EXPLAINED) | ~known).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0


def back_to_front(tracks: Sequence[ObjectTrack], small_at: FrameAt) -> list[int]:
    """The numbers of objects, those behind first; objects that never overlap keep their order."""
    ahead = np.zeros((len(tracks), len(tracks)))
    for one in range(len(tracks)):
        for other in range(one + 1, len(tracks)):
            ahead[one, other] = _before(tracks[one], tracks[other], small_at)
            ahead[other, one] = -ahead[one, other]
    order: list[int] = []
    left = list(range(len(tracks)))
    while left:  # the one that stands before the fewest of what is left
        behind = min(left, key=lambda number: sum(max(0.0, ahead[number, other]) for other in left if other != number))
        left.remove(behind)
        order.append(behind)
    return order


def _before(one: ObjectTrack, other: ObjectTrack, small_at: FrameAt) -> float:
    """Above 0 if one object stands before another, below 0 if behind it, 0 if they never overlap or no frame says."""
    pictures = [(small_at(each.frame), each) for each in (one, other)]
    better, shared = 0.0, 0
    for time in np.flatnonzero(one.visible & other.visible):
        both = one.whole_at(time) & other.whole_at(time)
        # Where the frame in which it was given hides it, its picture says nothing.
        for each in (one, other):
            given = each.masks[each.frame]
            both &= moved(given, each, each.frame, time) >= 128
        if both.sum() < FEWEST_SHARED:
            continue
        frame = small_at(time)
        errors = [_error(picture, track, time, frame) for picture, track in pictures]
        better += float((errors[1] - errors[0])[both].sum())
        shared += int(both.sum())
    return 0.0 if shared == 0 or abs(better / shared) < MIN_ADVANTAGE else better / shared


def _error(picture: np.ndarray, track: ObjectTrack, time: int, frame: np.ndarray) -> np.ndarray:
    """`[h, w]`, of 255: how much a frame differs from an object where it is to be."""
    there = moved(picture, track, track.frame, time, cv2.BORDER_REPLICATE)
    difference = np.abs(there.astype(np.float32) - frame).mean(-1)
    return cv2.blur(np.minimum(difference, CLIPPED), (ERROR_WINDOW, ERROR_WINDOW))
