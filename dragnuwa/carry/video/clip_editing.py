"""Drags on a video: what a drawing makes of a clip, among everything else that moves in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import cv2
import numpy as np
import torch
from torch import Tensor

from ...common.clip_shape import ClipShape
from ...common.errors import InputError
from ...common.images import as_images, to_bytes
from ...common.interrupt import Progress, no_progress, watched
from ...common.masks import MASKED, overlap
from ...geometry.frame_alignment import FrameAt, align
from ...geometry.similarity import AT_PLACE
from ...trajectory import Trajectories
from ...trajectory.arrays import from_arrays
from ...vision.click_network.weights import shipped
from ...vision.tracking.shots import find_shots, or_whole, shot_of
from ..regions import log_limit
from ..settings import CarrySettings
from .composite import RIM, Composite, Frames, shadows_of, shown_of, with_rim
from .depth_order import sort_by_depth
from .edits import REMOVED, Edit, drawn_on_clip, find_edits, unedited
from .follow import between_masks, follow
from .from_masks import from_masks, given_masks
from .mask_propagation import MaskPropagation, Propagated
from .moving_clip import MovingClip, MovingFrame
from .moving_masks import corrected_by_motion
from .occluders import nonrigid_track
from .scene_pieces import piece_at, rests
from .tracked import Corrections, ObjectTrack, moved, spread_inside

SPOTS = 9  # most tracks on an object
LEAST_OVERLAP = 0.3  # IoU of an object that another node has tracked with what was drawn
SAME_SHAPE = 0.9  # overlap of an object's masks by one motion with those by what it is, from which it keeps its shape
SAME_OBJECT = 0.8  # the same with those by what moves in the clip, from which these show the same
SEEN_WELL, TORN = 0.8, 0.25  # part of an object, and of the frames that show less of it, from which it is torn
LIMB = 0.6  # of something that moves, within what was drawn, from which it is a part of that


class ClipFollower:
    """Follows the objects of a drawing one after the other, by what is known of each.

    Args:
        count: number of frames.
        frame_at: the clip's frames, `[H, W, 3]` uint8.
        given: the mask of each drag and object, `[1, H, W]` or `[T, H, W]`, None for one without; empty without any.
        tracked: objects that another node has followed, `[T, h, w]` bool each.
    """

    def __init__(
        self, count: int, frame_at: FrameAt, given: Sequence[np.ndarray | None] = (), tracked: Sequence[np.ndarray] = ()
    ):
        self.count, self.frame_at = count, frame_at
        self.given, self.tracked = given, tracked
        self._picks: dict[range, MovingClip] = {}

    @cached_property
    def shots(self) -> tuple[range, ...]:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        return find_shots(self.count, self.frame_at)

    def pick_in(self, shot: range) -> MovingClip:
        """What moves in a shot, by the numbers of its own frames."""
        if shot not in self._picks:
            self._picks[shot] = MovingClip(len(shot), _within(shot, self.frame_at))
        return self._picks[shot]

    def motion_in(self, frame: int) -> MovingFrame:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        shot = shot_of(self.shots, frame)
        clip = self.pick_in(shot)
        motion = MovingFrame(clip, frame - shot.start)
        _ = clip.parts, motion.evidence  # which take long: now, while the caller does something else
        return motion

    def given_at(self, frame: int, number: int) -> np.ndarray | None:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        own = self.given[number] if self.given else None
        return None if own is None else own[frame if len(own) > 1 else 0]

    def follow(self, mask: np.ndarray, frame: int, number: int, corrections: Corrections) -> ObjectTrack:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        own = self.given[number] if self.given else None
        if own is not None and len(own) > 1:
            return from_masks(self.frame_at, corrected(own, corrections), frame)
        mask = mask if own is None else own[0]
        tracked = self._tracked_at(mask, frame)
        if tracked is not None:
            return from_masks(self.frame_at, corrected(tracked, corrections), frame)
        found = self._in_all_shots({**corrections, frame: mask}, frame)
        if found.visible.sum() < 2:
            raise InputError(
                f"What was drawn on in frame {frame + 1} is in no other frame, as far as its colours show. Outline it "
                "more closely, or connect masks of it for each frame, such as SAM3's."
            )
        return found

    def follow_place(self, mask: np.ndarray, frame: int, number: int) -> ObjectTrack:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        shot = shot_of(self.shots, frame)
        clip, start = self.pick_in(shot), frame - shot.start
        if self._tracked_at(mask, frame) is not None or not rests(clip, mask, start):
            return self.follow(mask, frame, number, {})
        return piece_at(clip, mask, start).in_clip(shot, self.count)

    def _tracked_at(self, mask: np.ndarray, frame: int) -> np.ndarray | None:
        """`[T, h, w]` bool: the object that another node has followed under a mask of a frame; None without one."""
        best_match = max(self.tracked, key=lambda other: _overlap(other[frame], mask), default=None)
        return best_match if best_match is not None and _overlap(best_match[frame], mask) >= LEAST_OVERLAP else None

    def _in_all_shots(self, given: Corrections, frame: int) -> ObjectTrack:
        """An object in the shots in which its masks are given, `[H, W]` from 0 to 1 by the numbers of frames."""
        shot = shot_of(self.shots, frame)
        found = self._in_shot(shot, given, frame).in_clip(shot, self.count)
        for other in self.shots:
            first = next((time for time in sorted(given) if time in other), None)
            if other is not shot and first is not None:
                before = between_masks(given[frame], given[first], AT_PLACE)
                found = found.with_shot(other, self._in_shot(other, given, first), before)
        return found

    def _in_shot(self, shot: range, given: Corrections, frame: int) -> ObjectTrack:
        """In one shot, as a clip of that alone has it: by one motion where the object keeps its shape, which is
        precise, with what comes into view of it; else by what the click network takes for it."""
        clip, start = self.pick_in(shot), frame - shot.start
        here = {time - shot.start: mask for time, mask in given.items() if time in shot}
        corrections = {time: each for time, each in here.items() if time != start}
        rigid = follow(clip.count, clip.small_at, here[start], start, corrections=corrections)
        nonrigid = self._by_network(shot, here, start, rigid)
        return rigid.continued_at_border() if nonrigid is None else nonrigid

    def _by_network(self, shot: range, given: Corrections, start: int, rigid: ObjectTrack) -> ObjectTrack | None:
        """An object by what the click network takes for it in each frame of a shot; None if it does not know it, or if
        it is where its one motion says."""
        clip, networks = self.pick_in(shot), shipped()
        if networks is None:
            return None
        propagation = MaskPropagation(networks.click, clip)
        reduced = {time: propagation.reduced(each) for time, each in given.items()}
        followed = _followed(propagation, reduced, start, rigid)
        if followed is None or _same(rigid.masks >= 128, followed.masks, SAME_SHAPE):
            return None
        moving = self.nonrigid_in(shot, rigid)
        if moving is not None and _same(moving.masks >= 128, followed.masks, SAME_OBJECT):
            return None  # `sort_by_depth` finds it by what moves, which has exact outlines
        sure = followed.masks if followed.by_motion else np.zeros_like(followed.masks)
        masks = corrected_by_motion(clip.scene, followed.masks, reduced, sure)
        return from_masks(clip.small_at, masks, start, rigid.size)

    def nonrigid_in(self, shot: range, track: ObjectTrack) -> ObjectTrack | None:
        """An object of a shot by what moves against its still scene, as of `nonrigid_track`, without any other."""
        clip = self.pick_in(shot)
        nothing = np.zeros(clip.scene.frames.shape[:3], bool)
        return nonrigid_track(clip.scene, clip.small_at, track, nothing)


def _within(shot: range, frame_at: FrameAt) -> FrameAt:
    """The frames of one shot, by their numbers in it."""
    return lambda time: frame_at(shot.start + time)


def _followed(
    propagation: MaskPropagation, given: Mapping[int, np.ndarray], start: int, rigid: ObjectTrack
) -> Propagated | None:
    """Where the click network follows an object, given by small masks of some frames and by its track as a rigid one;
    None where it does not know it. What moves is looked for, too, if that track is torn, or does not have what moves;
    that takes long."""
    torn, recognised = _torn(rigid), propagation.queries.recognises(given[start], start)
    is_known = not torn and propagation.fits(rigid.masks, start)
    moves = not is_known and all(propagation.moves(mask, frame) for frame, mask in given.items())
    if not (moves or recognised):
        return None
    found = propagation.propagated(given, rigid.masks, moves)
    if found is None or not (found.returns or (found.recognised and torn)):
        return None
    return found if not moves or propagation.explains(found.masks, rigid.masks >= 128) else None


def _torn(rigid: ObjectTrack) -> bool:
    """Whether many frames show only a part of an object where its one motion says that it is."""
    whole = rigid.with_shape()
    shares = [
        (rigid.masks[time] >= 128).sum() / max(1, whole.whole_at(time).sum()) for time in np.flatnonzero(rigid.visible)
    ]
    return float(np.mean(np.array(shares) < SEEN_WELL)) >= TORN


def _same(tracked: np.ndarray, masks: np.ndarray, least: float) -> bool:
    """Whether masks `[T, h, w]` bool overlap by so much with those of another track of an object, in most frames."""
    return bool(np.median([overlap(one, other) for one, other in zip(tracked, masks, strict=True)]) >= least)


def corrected(masks: np.ndarray, corrections: Corrections) -> np.ndarray:
    """Masks `[T, h, w]` with those of some frames replaced, which may have another size."""
    if not corrections:
        return masks
    result = masks.astype(np.float32)
    size = result.shape[:0:-1]
    for time, mask in corrections.items():
        result[time] = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return result


def _overlap(tracked: np.ndarray, mask: np.ndarray) -> float:
    """The overlap (intersection over union) of a mask `[h, w]` of another size with one `[H, W]`."""
    size = tracked.shape[::-1]
    own = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) >= MASKED
    return overlap(own, tracked > 0)


@dataclass(frozen=True)
class EditedVideo:
    """
    Attributes:
        video: `[T, H, W, 3]` from 0 to 1; outside of the change every pixel is the clip's own.
        change: `[T, H, W]` from 0 to 1, where it differs.
        objects: `[N, T, h, w]` uint8 from 0 to 255, where each object was found in the clip.
        trajectories: tracks on the objects as they move now, in fractions of the clip's frames.
        composite: of which it was made.
    """

    video: Tensor
    change: Tensor
    objects: np.ndarray
    trajectories: Trajectories
    composite: Composite

    def plate(self) -> Tensor:
        """`[T, H, W, 3]`: the clip without the objects."""
        return self.composite.plate()

    def masks(self) -> Tensor:
        """`[N * T, H, W]` from 0 to 1: the objects, grouped by object, at the clip's size."""
        size = self.video.shape[2], self.video.shape[1]
        found = (cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR) for masks in self.objects for mask in masks)
        return torch.from_numpy(np.stack([mask.astype(np.float32) / 255 for mask in found]))


def faded(change: Tensor, margin: float) -> Tensor:
    """A mask `[T, H, W]` that fades out over a margin in pixels around what is above 0; inside, it is 1."""
    result = torch.empty_like(change)
    for time, mask in enumerate(watched(change)):
        outside = (mask == 0).cpu().numpy().astype(np.uint8)
        if outside.all():
            result[time] = 0
            continue
        distance = cv2.distanceTransform(outside, cv2.DIST_L2, 5)
        result[time] = torch.from_numpy((1 - distance / max(margin, 1)).clip(0, 1)).to(change)
    return result


def edit_video(
    images: Tensor,
    trajectories: Trajectories,
    drawn_on: tuple[int, int],
    settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    masks: Tensor | None = None,
    tracked: Sequence[np.ndarray] = (),
    progress: Progress = no_progress,
) -> EditedVideo:
    """
    Args:
        images: `[T, H, W, 3]` from 0 to 1, the clip, two frames or more.
        trajectories: drags and objects; what each means is in its `edit`, `delay` and `at`
            (`dragnuwa.trajectory.types`).
        drawn_on: (width, height) of the picture that they were drawn on, to which the clip was fitted by
            `settings.fit`.
        settings: `radius`, in pixels of that picture, `carries` and `fit` are used.
        masks: `[M, H, W]` from 0 to 1, as `dragnuwa.carry.video.from_masks` takes them: for each object one for each
            frame of the clip, or one for the frame in which it was drawn.
        tracked: objects that another node has followed, `[T, h, w]` bool each. What was drawn on one of them is that.
        progress: called with frames that are done, and all of them.

    Raises:
        InputError: if there are too few frames, nothing is drawn, masks have another number or size or are not on what
            was drawn, or an object is never found again.
    """
    images = as_images(images)
    frames, height, width = images.shape[:3]
    if frames < 2:
        raise InputError("images should be a video of two frames or more; found one. Connect Get Video Components.")
    drawing = drawn_on_clip(ClipShape(width, height, frames), trajectories, drawn_on, settings)
    frame_at = partial(_bytes, images)
    follower = ClipFollower(frames, frame_at, given_masks(masks, drawing), tracked)
    edits = find_edits(images.__getitem__, drawing, follower)
    edits, composite = order_with_other_objects(images, edits, follower.shots)
    for edit in edits:
        if edit.bend is not None and edit.kind != REMOVED:
            log_limit(edit.bend.shape.reached)
    video, change = composite.edited(progress)
    objects = np.stack([edit.track.masks for edit in edits])
    return EditedVideo(video, change, objects, tracks_of(edits, drawing.clip), composite)


def _bytes(images: Frames, time: int) -> np.ndarray:
    return to_bytes(images[time])


def tracks_of(edits: Sequence[Edit], clip: ClipShape) -> Trajectories:
    """Tracks on the objects of a clip as they move after the edits, up to `SPOTS` for each, hidden where it is not
    seen."""
    points, visible, names = [], [], []
    for edit in edits:
        if edit.kind == REMOVED:
            continue
        motion = edit.track.motion
        pins = () if edit.bend is None else edit.bend.pins
        spots = spread_inside(edit.track.mask_at(edit.track.frame) >= MASKED, SPOTS)
        places = np.array([*spots, *pins], complex)  # [n]
        sources = [edit.source(time) for time in range(clip.frames)]
        there = [motion.factor[source] * places + motion.shift[source] for source in sources]
        ways = np.stack([edit.forward(at, time) for time, at in enumerate(there)], 1)  # [n, T]
        points += list(np.stack([ways.real, ways.imag], -1) + 0.5)  # from the picture's corner
        seen = [edit.is_drawn(time) and edit.track.visible[source] for time, source in enumerate(sources)]
        visible += [seen] * len(places)
        names += [edit.name] * len(places)
    if not points:
        return Trajectories((), clip.size)
    return from_arrays(np.stack(points), np.array(visible), width=clip.width, height=clip.height, names=names)


def order_with_other_objects(
    clip: Frames, edits: Sequence[Edit], shots: tuple[range, ...] = ()
) -> tuple[list[Edit], Composite]:
    """
    Args:
        clip: `[T, H, W, 3]` from 0 to 1.
        edits: objects that never meet keep their order, from back to front.
        shots: of the clip (`dragnuwa.vision.tracking.shots`); empty for one.

    Returns:
        The edits in the same order, their objects seen as far as nothing stands before them; and all of what moves in
        the clip in its order of depth.
    """
    shots = or_whole(shots, len(clip))
    motions = camera_motions(clip, edits, shots)
    in_order: list[tuple[ObjectTrack, int | None]] = []
    for shot in shots:
        here = [number for number, edit in enumerate(edits) if edit.track.is_in(shot)]
        if here:
            in_order = _merged(in_order, _sorted_in(shot, clip, edits, here, motions[shot.start : shot.stop]), shot)
    found = list(edits)
    of_edits = {number: track for track, number in in_order if number is not None}
    limbs = []
    for track, number in in_order:
        owner = next((n for n, edit in enumerate(edits) if number is None and _is_limb(track, edit)), None)
        if owner is not None:
            of_edits[owner] = of_edits[owner].joined(track)
            limbs.append(track)
    of_edits = {number: each if each.is_given else each.without_new_holes() for number, each in of_edits.items()}
    everything = []
    for track, number in in_order:
        if number is not None:
            found[number] = replace(edits[number], track=of_edits[number])
            everything.append(found[number])
        elif not any(track is limb for limb in limbs):
            everything.append(unedited(track))
    return found, Composite(clip, tuple(everything), motions, shots)


def _sorted_in(
    shot: range, clip: Frames, edits: Sequence[Edit], here: Sequence[int], motions: np.ndarray
) -> list[tuple[ObjectTrack, int | None]]:
    """What moves in a shot, as of `sort_by_depth`, with the numbers of the edits of which it shows those `here`."""

    def shadows_at(time: int) -> np.ndarray | None:
        return shadows_of([edits[number] for number in here], shot.start + time)

    tracks, frame_at = [edits[number].track for number in here], _within(shot, partial(_bytes, clip))
    found = []
    for part, place in sort_by_depth([each.in_shot(shot) for each in tracks], frame_at, motions, shadows_at):
        if place is None:
            found.append((part.in_clip(shot, len(clip)), None))
            continue
        whole = tracks[place]
        before = whole.motion.at(part.frame + shot.start)
        found.append((whole.with_shot(shot, part, before), here[place]))
    return found


def _merged(
    earlier: Sequence[tuple[ObjectTrack, int | None]], later: Sequence[tuple[ObjectTrack, int | None]], shot: range
) -> list[tuple[ObjectTrack, int | None]]:
    """What moves in several shots, from back to front: what two of them show is in the order of the later one."""
    again = {number: track for track, number in later if number is not None}
    first = [(track, number) for track, number in earlier if number not in again]
    known = {number: track for track, number in earlier if number is not None}
    both = []
    for track, number in later:
        before = known.get(number) if number is not None else None
        if before is not None:
            part = track.in_shot(shot)
            track = before.with_shot(shot, part, track.motion.at(part.frame + shot.start))
        both.append((track, number))
    return [*first, *both]


def _is_limb(track: ObjectTrack, edit: Edit) -> bool:
    """Whether what moves by itself is a part of what an edit bends, such as a hand that swings, or a mouth that opens:
    by what was drawn, in the frame closest to that in which it moves. What passes before it has come from outside."""
    times = np.flatnonzero(track.placed)
    if not len(times):
        return False
    own, frame = edit.track, int(times[np.abs(times - edit.track.frame).argmin()])
    drawn, part = moved(own.masks[own.frame], own, own.frame, frame) >= 128, track.covers_at(frame)
    return drawn.shape == part.shape and bool((drawn & part).sum() > LIMB * max(1, part.sum()))


def camera_motions(clip: Frames, edits: Sequence[Edit], shots: tuple[range, ...] = ()) -> np.ndarray:
    """`[T, 3, 3]`: the camera's motion from the first frame of each shot of a clip `[T, H, W, 3]`, by what none of the
    edits is about."""

    def foreground_at(time: int) -> np.ndarray:
        return with_rim(shown_of(edits, time, (clip.shape[2], clip.shape[1])), RIM)

    frame_at = partial(_bytes, clip)
    return np.concatenate(
        [align(len(shot), _within(shot, frame_at), _within(shot, foreground_at)) for shot in or_whole(shots, len(clip))]
    )
