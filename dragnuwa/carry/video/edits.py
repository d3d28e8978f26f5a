"""Edits: an object followed through a clip, and the motion that it is given there; and those that a drawing makes,
whose objects are found in the frame in which each is drawn and followed from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from torch import Tensor

from ...common.clip_shape import ClipShape
from ...common.errors import InputError
from ...common.images import drawn_area
from ...common.interrupt import two_at_once, watched
from ...common.masks import MASKED, middle_of
from ...geometry.grids import nearest
from ...geometry.similarity import AT_PLACE, SimilarityTransform, fit_similarity
from ...trajectory import MotionObject, Track, Trajectories
from ...trajectory.objects import sampling as object_sampling
from ...trajectory.objects.change import in_area
from ...trajectory.objects.masks import outline_mask
from ...trajectory.sampling import without_drift
from ...vision.segmentation.prepared import PreparedPicture
from ...vision.tracking.shots import or_whole, shot_of
from ..drawing import Drawing
from ..find import find
from ..regions import CENTRE, area_of, between_centres, joined
from ..settings import CARRIES, CarrySettings
from .bent import Bend, bend_of_drags, bend_of_object
from .found_in_frame import object_in_frame, prepared_frame, resized
from .tracked import Follower, ObjectTrack

RELATIVE, ABSOLUTE, STILL, REMOVED, COPIED = "relative", "absolute", "still", "removed", "copied"
UNEDITED = "unedited"
"""What nobody drew on: it stays as it is, but may stand before what is edited, or be uncovered by it."""
AT_REST = 0.02  # px: an object moved by less is not changed


@dataclass(frozen=True, eq=False)
class Edit:
    """
    Attributes:
        name: of the drag or object, for messages.
        track: of the object in the clip.
        drawn: the drawn motion, factor and shift `[T]`, of its positions in the frame in which it was given.
        pivot: the centre of the drawn rotation and scale, in that frame.
        shown: `[T]` bool, the frames in which it is to be seen.
        kind: one of `dragnuwa.trajectory.types.EDITS`: "relative" adds the drawn motion to the object's own, "absolute"
            replaces it, from the frame in which the object was given on. "still" holds it there. "removed" takes it out
            of the clip. "copied" leaves it where it is, and adds a copy that moves as "relative". Or `UNEDITED`.
        delay: frames by which its own motion is shown later; below 0 earlier.
        grow, feather: px, the finish of its cut, as in `dragnuwa.carry.layers.Layer`.
        shadow: `[H, W]` bool, its shadow in the frame in which it was given; None without one.
        tracks: ids of the drags that it is moved by.
        object: id of the object that it is moved by; empty without one.
        bend: how pins bend it before the drawn motion; None without any.
        shots: of the clip (`dragnuwa.vision.tracking.shots`); empty for one.
    """

    name: str
    track: ObjectTrack
    drawn: SimilarityTransform
    pivot: complex
    shown: np.ndarray
    kind: str = RELATIVE
    delay: int = 0
    grow: float = 0.0
    feather: float = 0.0
    shadow: np.ndarray | None = None
    tracks: tuple[str, ...] = ()
    object: str = ""
    bend: Bend | None = None
    shots: tuple[range, ...] = ()

    def shadow_at(self, time: int) -> np.ndarray | None:
        """`[H, W]` bool: its shadow in a frame of the clip; None where there is none, or it is not known where."""
        if self.shadow is None or not self.track.placed[time]:
            return None
        matrix = self.track.motion.at(time).matrix()[:2]
        return cv2.warpAffine(self.shadow.astype(np.uint8), matrix, self.track.size) > 0

    @property
    def leaves(self) -> bool:
        """Whether the object is taken from where it was."""
        return self.kind not in (COPIED, UNEDITED)

    @property
    def _replaces(self) -> bool:
        """Whether it moves only as drawn, from the frame in which it was given on."""
        return self.kind in (STILL, ABSOLUTE)

    def source(self, time: int) -> int:
        """The frame whose pixels a frame shows; the ends of its shot are held."""
        shot = shot_of(or_whole(self.shots, len(self.shown)), time)
        return int(np.clip(time - self.delay, shot.start, shot.stop - 1))

    def within(self, shots: tuple[range, ...]) -> Edit:
        """The same in the shots of a clip: those that do not show the object stay as they are."""
        there = np.concatenate([np.full(len(shot), self.track.is_in(shot)) for shot in shots])
        return replace(self, shown=self.shown & there, shots=shots)

    def move(self, time: int) -> SimilarityTransform:
        """From pixels of the frame that `source` says to pixels of this frame."""
        own = self.track.motion
        source = self.source(time)
        begun = time >= self.track.frame
        if self._replaces and begun:
            drawn = self.drawn.at(time) if self.kind == ABSOLUTE else AT_PLACE
            return drawn.after(own.at(source).inverse())
        drawn = self.drawn.at(time)
        there = own.at(source).apply(self.pivot)  # turned and scaled about where its own motion has taken it
        away = drawn.apply(self.pivot) - self.pivot
        return SimilarityTransform(drawn.factor, there + away - drawn.factor * there)

    def bends(self, time: int) -> bool:
        """Whether a frame shows it bent."""
        return self.bend is not None and not self.bend.rests(time)

    def only_bends(self, time: int) -> bool:
        """Whether a frame shows it bent, and else where it is."""
        here = self.is_drawn(time) and self.leaves and self.source(time) == time
        return here and self.bends(time) and self._stays(time)

    def _stays(self, time: int) -> bool:
        """Whether the drawn motion leaves it where it is."""
        move = self.move(time)
        width, height = self.track.size
        corners = np.array([0, width, 1j * height, width + 1j * height])
        return bool(np.abs(move.apply(corners) - corners).max() <= AT_REST)

    def forward(self, places: np.ndarray, time: int) -> np.ndarray:
        """Where a frame shows places (complex, any shape) of the frame that `source` says."""
        move = self.move(time)
        if not self.bends(time):
            return move.apply(places)
        own = self.track.motion.at(self.source(time))
        return move.after(own).apply(self.bend.moved(own.inverse().apply(places), time))

    def is_drawn(self, time: int) -> bool:
        """Whether a frame is to show it. What moves on top of its own motion is not seen where nobody knows that, as
        after it has left the picture for good."""
        is_known = self._replaces or bool(self.track.placed[self.source(time)])
        return self.kind != REMOVED and bool(self.shown[time]) and is_known

    def changes(self, time: int) -> bool:
        """Whether a frame differs from the clip's."""
        if self.kind == UNEDITED:
            return False
        if not self.is_drawn(time):
            return self.leaves and bool(self.track.visible[time])
        return self.source(time) != time or self.bends(time) or not self._stays(time)


def unedited(track: ObjectTrack) -> Edit:
    """Of an object that stays as it is."""
    frames = len(track.masks)
    at_rest = SimilarityTransform.at_rest(frames)
    return Edit("", track, at_rest, 0j, np.ones(frames, bool), kind=UNEDITED)


@dataclass(frozen=True)
class ClipDrawing:
    """A drawing over a clip.

    Attributes:
        trajectories: in fractions of the clip's frames.
        clip: its size and number of frames.
        settings: `radius` and `carries` are used.
    """

    trajectories: Trajectories
    clip: ClipShape
    settings: CarrySettings

    def frame_of(self, item: Track | MotionObject) -> int:
        """The frame in which a drag or object was drawn."""
        at = item.start if isinstance(item, Track) else item.at
        return round(at * (self.clip.frames - 1))


def drawn_on_clip(
    clip: ClipShape, trajectories: Trajectories, drawn_on: tuple[int, int], settings: CarrySettings
) -> ClipDrawing:
    """A drawing over a clip, made on pictures of (width, height) `drawn_on`, which show a part of the clip's frames, as
    `settings.fit` says."""
    left, top, x, y = drawn_area(clip.size, drawn_on, settings.fit)
    moved = in_area(trajectories, (left / clip.width, top / clip.height, x / clip.width, y / clip.height))
    radius = settings.radius * (x * y / (drawn_on[0] * drawn_on[1])) ** 0.5
    return ClipDrawing(moved, clip, CarrySettings(radius=radius, carries=settings.carries, fit="stretch"))


def find_edits(
    picture_at: Callable[[int], Tensor],
    drawing: ClipDrawing,
    follower: Follower,
) -> tuple[Edit, ...]:
    """The edits of a drawing, from back to front: those of its drags, and before them those of its objects.

    Args:
        picture_at: frames `[H, W, 3]` from 0 to 1, at full size.
        follower: says what a drag is on by its motion, before its colours are asked, and follows it.

    Raises:
        InputError: if nothing is drawn, a drag begins outside the picture, or as `Follower.follow`.
    """
    tracks, objects = drawing.trajectories.enabled, drawing.trajectories.enabled_objects
    if not tracks and not objects:
        raise InputError("There is nothing to edit: nothing is drawn yet. Draw a drag in the Trajectory Editor.")
    by_frame: dict[int, list[int]] = defaultdict(list)
    for number, track in enumerate(tracks):
        by_frame[drawing.frame_of(track)].append(number)
    found: dict[int, Edit] = {}
    for frame, numbers in watched(by_frame.items()):
        found |= _of_drags(picture_at(frame), frame, numbers, drawing, follower)
    of_objects = (_of_object(each, number, drawing, follower) for number, each in enumerate(objects, len(tracks)))
    edits = (*(found[number] for number in sorted(found)), *of_objects)
    return tuple(edit.within(follower.shots) for edit in edits)


def _of_drags(
    picture: Tensor, frame: int, numbers: Sequence[int], drawing: ClipDrawing, follower: Follower
) -> dict[int, Edit]:
    """The edits of the drags that begin in one frame, by the number of the first on each object: those on one object
    are one edit."""
    drags = [drawing.trajectories.enabled[number] for number in numbers]
    clip = drawing.clip
    sampled = Trajectories(tuple(drags), clip.size).at_frames(clip)
    for track, point in zip(drags, sampled.points[:, 0], strict=True):
        first = track.points[0]
        if not (0 <= first.x <= 1 and 0 <= first.y <= 1):
            raise InputError(
                f"The drag '{name_of(track)}' starts outside the picture, at {point[0]:g}, {point[1]:g} pixels, where "
                "there is nothing to move. Move its first point inside."
            )
    points = without_drift(sampled.points)
    positions = points[..., 0] + 1j * points[..., 1]  # [n, T]
    masks = [follower.given_at(frame, number) for number in numbers]
    asked = [number for number, mask in enumerate(masks) if mask is None]
    prepared = prepared_frame(picture, clip.size)
    look = partial(_looked_for, prepared, sampled.points[asked], [drags[number] for number in asked], drawing)
    if asked and drawing.settings.carries == CARRIES[0]:
        # What moves depends on the whole clip, so that it takes as long as to look at one frame.
        motion, looked_for = two_at_once((partial(follower.motion_in, frame), look), lambda work: work())
        for number, mask in zip(asked, looked_for, strict=True):
            masks[number] = object_in_frame(prepared, positions[number, 0], mask, motion)
    else:
        for number, mask in zip(asked, look(), strict=True):
            masks[number] = mask
    masks = _together(drags, positions[:, 0], masks)
    groups: dict[bytes, list[int]] = defaultdict(list)
    for number in range(len(drags)):
        of_none = not (masks[number] >= MASKED).any()
        groups[b"%d" % number if of_none else masks[number].tobytes()].append(number)
    edits = {}
    for own_drags in groups.values():
        first, number = drags[own_drags[0]], numbers[own_drags[0]]
        mask = masks[own_drags[0]]
        on_none = not (mask >= MASKED).any()
        if on_none:
            mask = _disc(positions[own_drags[0], 0], drawing.settings.radius, clip)
        if on_none and drawing.settings.carries == CARRIES[0]:
            track = follower.follow_place(mask, frame, number)
        else:
            track = follower.follow(mask, frame, number, {})
        own, pins = positions[own_drags], [drags[k] for k in own_drags]
        bend = bend_of_drags(pins, own, mask)
        if bend is not None:  # what an anchor is to the object says nothing about it
            first = next((drag for drag in pins if len(drag.points) > 1), first)
        holds = bend is None and all(len(drag.points) == 1 for drag in pins) and first.delay == 0
        edits[number] = Edit(
            name=name_of(first),
            track=track,
            drawn=fit_similarity(own) if bend is None else SimilarityTransform.at_rest(clip.frames),
            pivot=middle_of(mask >= MASKED),
            shown=sampled.visible[own_drags].any(0) | (np.arange(clip.frames) < frame),
            kind=STILL if holds and first.edit == RELATIVE else first.edit,  # an anchor holds what is under it
            delay=_frames(first.delay, clip),
            tracks=tuple(drag.id for drag in pins),
            bend=bend,
        )
    return edits


def _looked_for(
    prepared: PreparedPicture, points: np.ndarray, drags: Sequence[Track], drawing: ClipDrawing
) -> list[np.ndarray]:
    """What drags, at `points` [n, T, 2], are on by the picture's colours: `[H, W]` of the clip's size each, empty for
    none."""
    if not len(points):
        return []
    size, points = drawing.clip.size, without_drift(points)
    positions, always = points[..., 0] + 1j * points[..., 1], np.ones(points.shape[:2], bool)
    drawn = Drawing(prepared, drawing.clip, positions, always, tuple(drags), settings=drawing.settings)
    found = find(drawn).object_masks().numpy()
    return [mask if mask.shape == size[::-1] else resized(mask, size) for mask in found]


def _together(drags: Sequence[Track], starts: np.ndarray, masks: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The masks of drags, of which those that may bend something share the largest one that they lie in: a hand moves
    where the shoulder that holds it rests."""
    sharing = np.flatnonzero(joined(drags))
    largest = sorted((masks[k] for k in sharing), key=lambda mask: -float(mask.sum()))
    found = list(masks)
    for k in sharing:
        found[k] = next((mask for mask in largest if nearest(mask, starts[k]) >= MASKED), masks[k])
    return found


def _of_object(each: MotionObject, number: int, drawing: ClipDrawing, follower: Follower) -> Edit:
    clip = drawing.clip
    mask = outline_mask(each.outline, *clip.size)
    if not (mask >= MASKED).any():
        raise InputError(f"The object '{name_of(each)}' lies outside the picture. Move its outline inside.")
    frame = drawing.frame_of(each)
    drawn = {round(key.at * (clip.frames - 1)): key.outline for key in each.followed}
    corrections = {at: outline_mask(ring, *clip.size) for at, ring in drawn.items() if at != frame}
    fractions = np.arange(clip.frames) / (clip.frames - 1)
    size = np.array(clip.size, dtype=np.float64)
    unit = float(np.sqrt(size.prod()))
    track = follower.follow(mask, frame, number, corrections)
    seen = track.mask_at(frame)
    return Edit(
        name=name_of(each),
        track=track,
        drawn=between_centres(object_sampling.transform(each, fractions, size)),
        pivot=complex(*(np.array(each.pivot) * size)) - CENTRE,
        shown=object_sampling.visibility(each, fractions),
        kind=each.edit,
        delay=_frames(each.delay, clip),
        grow=each.grow * unit,
        feather=each.feather * unit,
        shadow=area_of(each.shadow, clip),
        object=each.id,
        bend=bend_of_object(each, seen if (seen >= MASKED).any() else mask, clip),
    )


def name_of(item: Track | MotionObject) -> str:
    return item.name or item.id


def _frames(fraction: float, clip: ClipShape) -> int:
    return round(fraction * (clip.frames - 1))


def _disc(place: complex, radius: float, clip: ClipShape) -> np.ndarray:
    """`[H, W]` float32: the surroundings of a drag that lies on nothing that can be told apart."""
    mask = np.zeros((clip.height, clip.width), np.float32)
    cv2.circle(mask, (round(place.real), round(place.imag)), max(2, round(radius)), 1.0, -1)
    return mask
