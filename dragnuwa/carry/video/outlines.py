"""What a drawing is on in a video, and where that goes, without editing the video: outlines for each frame.

It is followed in small frames, which are kept with what has been followed, so that another motion of the same objects
takes no time. What stands before them is not looked for here.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from ...common.clip_shape import ClipShape
from ...common.images import drawn_area
from ...common.interrupt import watched
from ...geometry.similarity import SimilarityTransform
from ...trajectory import Trajectories
from ...trajectory.objects import Outline
from ...vision.segmentation.outline import outline_of
from ..outlines import DIGITS, Affine, RegionOutlines, with_more_corners
from ..regions import CENTRE
from ..settings import CarrySettings
from .clip_editing import ClipFollower, order_with_other_objects
from .composite import Composite
from .depth_order import shown
from .edits import ClipDrawing, Edit, drawn_on_clip, find_edits
from .frame_layers import ByteFrames
from .tracked import Corrections, FrameMotion, ObjectTrack

MOST_KEPT = 32  # objects that were followed
FINE = 7  # digits of a motion in fractions of the pictures
TO_CORNER = np.array([[1, 0, CENTRE.real], [0, 1, CENTRE.imag], [0, 0, 1]])
"""From pixels, (0, 0) being the centre of the first, to those of which the picture's corner is (0, 0)."""


class SmallClip:
    """A clip in small frames, and what was followed in it.

    Args:
        frames: `[T, h, w, 3]` uint8.
        size: (width, height) of the whole frames.
    """

    def __init__(self, frames: np.ndarray, size: tuple[int, int]):
        self.frames, self.size = frames, size
        self._follower = ClipFollower(len(frames), frames.__getitem__)
        self._followed: OrderedDict[bytes, ObjectTrack] = OrderedDict()
        self._whole: OrderedDict[bytes, ObjectTrack] = OrderedDict()
        self._composited: tuple[Hashable, Composite] | None = None

    @property
    def shape(self) -> ClipShape:
        return ClipShape(self.frames.shape[2], self.frames.shape[1], len(self.frames))

    def regions(
        self,
        trajectories: Trajectories,
        drawn_on: tuple[int, int],
        picture_at: Callable[[int], Tensor],
        settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    ) -> list[RegionOutlines]:
        """
        Args:
            trajectories, drawn_on, settings: as for `edit_video`. Outlines are in fractions of `drawn_on`.
            picture_at: whole frames, `[H, W, 3]` from 0 to 1.

        Raises:
            InputError: as `edit_video`.
        """
        drawing = self._drawing(trajectories, drawn_on, settings)
        edits = find_edits(picture_at, drawing, _Alone(self))
        onto = self.onto(drawn_on, settings.fit)
        return [_region(edit, onto) for edit in edits]

    def composite(
        self,
        trajectories: Trajectories,
        drawn_on: tuple[int, int],
        picture_at: Callable[[int], Tensor],
        settings: CarrySettings = CarrySettings(),  # noqa: B008 (immutable)
    ) -> Composite:
        """What a run composites of the clip, at the size of the small frames; arguments and errors as of `regions`. The
        last one is kept."""
        known = self.known_composite(trajectories, drawn_on, settings)
        if known is not None:
            return known
        self._composited = None
        edits = find_edits(picture_at, self._drawing(trajectories, drawn_on, settings), self)
        made = order_with_other_objects(ByteFrames(self.frames), edits, self.shots)[1]
        packed = replace(made, edits=tuple(replace(edit, track=edit.track.packed()) for edit in made.edits))
        self._composited = (trajectories.to_json(), drawn_on, settings), packed
        return packed

    def known_composite(
        self, trajectories: Trajectories, drawn_on: tuple[int, int], settings: CarrySettings
    ) -> Composite | None:
        """That of `composite`, if it is the last one."""
        key, composite = self._composited or (None, None)
        return composite if key == (trajectories.to_json(), drawn_on, settings) else None

    def onto(self, drawn_on: tuple[int, int], fit: str) -> np.ndarray:
        """`[3, 3]`: from pixels of small frames, (0, 0) being the corner, to fractions of the pictures of (width,
        height) `drawn_on`, which show a part of the frames."""
        left, top, width, height = drawn_area(self.size, drawn_on, fit)
        (across, down), small = self.size, self.shape
        per_pixel = across / small.width / width, down / small.height / height
        return np.array([[per_pixel[0], 0, -left / width], [0, per_pixel[1], -top / height], [0, 0, 1]])

    def _drawing(self, trajectories: Trajectories, drawn_on: tuple[int, int], settings: CarrySettings) -> ClipDrawing:
        whole = drawn_on_clip(ClipShape(*self.size, len(self.frames)), trajectories, drawn_on, settings)
        radius = whole.settings.radius * self.shape.width / self.size[0]
        return replace(whole, clip=self.shape, settings=replace(whole.settings, radius=radius))

    @property
    def shots(self) -> tuple[range, ...]:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        return self._follower.shots

    def given_at(self, frame: int, number: int) -> None:
        """As of `dragnuwa.carry.video.tracked.Follower`: no masks are given."""

    def motion_in(self, frame: int) -> FrameMotion:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        return self._follower.motion_in(frame)

    def follow(self, mask: np.ndarray, frame: int, number: int, corrections: Corrections) -> ObjectTrack:
        """As of `dragnuwa.carry.video.tracked.Follower`; what was followed once is kept."""
        return _kept(
            self._followed,
            _key(mask, frame, corrections),
            lambda: self._follower.follow(mask, frame, number, corrections),
        )

    def follow_place(self, mask: np.ndarray, frame: int, number: int) -> ObjectTrack:
        """As of `dragnuwa.carry.video.tracked.Follower`; what was followed once is kept."""
        return _kept(
            self._followed,
            _key(mask, frame, {}, b"place"),
            lambda: self._follower.follow_place(mask, frame, number),
        )

    def follow_whole(self, mask: np.ndarray, frame: int, number: int, corrections: Corrections) -> ObjectTrack:
        """The same as a run finds it among everything else, but for what stands before it."""
        return _kept(
            self._whole,
            _key(mask, frame, corrections),
            lambda: self._as_whole(self.follow(mask, frame, number, corrections)),
        )

    def _as_whole(self, track: ObjectTrack) -> ObjectTrack:
        for shot in self.shots:
            if track.is_in(shot):
                part = self._whole_in(shot, track.in_shot(shot))
                track = track.with_shot(shot, part, track.motion.at(part.frame + shot.start))
        return track

    def _whole_in(self, shot: range, track: ObjectTrack) -> ObjectTrack:
        pick = self._follower.pick_in(shot)
        return self._follower.nonrigid_in(shot, track) or shown(pick.scene, [track.with_shape()], pick.parts)[0]


@dataclass(frozen=True)
class _Alone:
    """Follows objects of a small clip each as if there were no other (`dragnuwa.carry.video.tracked.Follower`)."""

    clip: SmallClip

    @property
    def shots(self) -> tuple[range, ...]:
        return self.clip.shots

    def given_at(self, frame: int, number: int) -> None:
        return self.clip.given_at(frame, number)

    def motion_in(self, frame: int) -> FrameMotion:
        return self.clip.motion_in(frame)

    def follow(self, mask: np.ndarray, frame: int, number: int, corrections: Corrections) -> ObjectTrack:
        return self.clip.follow_whole(mask, frame, number, corrections)

    def follow_place(self, mask: np.ndarray, frame: int, number: int) -> ObjectTrack:
        found = self.clip.follow_place(mask, frame, number)
        return found if found.is_scene else self.follow(mask, frame, number, {})


def _key(mask: np.ndarray, frame: int, corrections: Corrections, how: bytes = b"") -> bytes:
    """Of what is followed from a frame on."""
    parts = [how, b"%d" % frame, mask.tobytes()]
    for time, correction in sorted(corrections.items()):
        parts += [b"%d" % time, correction.tobytes()]
    return zlib.compress(b"".join(parts), 1)


def _kept(tracks: OrderedDict[bytes, ObjectTrack], key: bytes, follow: Callable[[], ObjectTrack]) -> ObjectTrack:
    """The track of a key, which is followed if it is not among the last ones."""
    if key in tracks:
        tracks.move_to_end(key)
        return tracks[key].unpacked()
    found = follow()
    tracks[key] = found.packed()
    if len(tracks) > MOST_KEPT:
        tracks.popitem(last=False)
    return found


def _region(edit: Edit, onto: np.ndarray) -> RegionOutlines:
    """
    Args:
        onto: `[3, 3]`, from pixels of small frames, (0, 0) being the corner, to fractions of the pictures that were
            drawn on, which show a part of the frames.
    """
    track = edit.track
    height, width = track.masks.shape[1:]
    rings = []  # of each frame, in pixels of small frames
    for mask in watched(track.masks):
        outline = outline_of(mask.astype(np.float32) / 255) if mask.any() else ()
        rings.append([[complex(x * width, y * height) for x, y in ring] for ring in outline])
    moved = []
    for time in range(len(rings)):
        away = edit.is_drawn(time) and edit.changes(time)
        moved.append(_outline([_moved(ring, edit, time) for ring in rings[edit.source(time)]] if away else [], onto))
    seen = tuple(_outline(each, onto) for each in rings)
    removed = not any(edit.is_drawn(time) for time in range(len(rings)))
    known, own = track.placed, [track.motion.at(time) for time in range(len(rings))]
    sources = [edit.source(time) for time in range(len(rings))]
    placed = [edit.move(time).after(own[source]) for time, source in enumerate(sources)]
    there = [known[source] for source in sources]
    return RegionOutlines(
        edit.tracks,
        edit.object,
        track.frame,
        seen,
        tuple(moved),
        bends=edit.bend is not None,
        removed=removed,
        own=_affines(own, known, onto),
        placed=_affines(placed, there, onto),
        mesh=edit.bend.shape.mesh if edit.bend is not None and edit.tracks else None,
        onto=_numbers(onto @ TO_CORNER),
    )


def _moved(ring: list[complex], edit: Edit, time: int) -> list[complex]:
    corners = np.array(ring)
    if edit.bends(time):
        corners = with_more_corners(corners)
    return (edit.forward(corners - CENTRE, time) + CENTRE).tolist()


def _affines(
    motions: Sequence[SimilarityTransform], known: Sequence[bool], onto: np.ndarray
) -> tuple[Affine | None, ...]:
    """Motions of pixels in small frames in fractions of the pictures, which may be stretched; None where one is not
    known."""
    before = onto @ TO_CORNER
    back = np.linalg.inv(before)
    pairs = zip(motions, known, strict=True)
    return tuple(_numbers(before @ motion.matrix() @ back) if there else None for motion, there in pairs)


def _numbers(matrix: np.ndarray) -> Affine:
    """Of a matrix `[3, 3]`."""
    a, c, e, b, d, f = matrix[:2].ravel().round(FINE).tolist()
    return a, b, c, d, e, f


def _outline(rings: list[list[complex]], onto: np.ndarray) -> Outline:
    found = []
    for ring in rings:
        corners = np.array(ring, complex)
        places = np.stack([corners.real, corners.imag, np.ones(len(corners))], -1) @ onto[:2].T  # [n, 2]
        found.append(tuple(map(tuple, places.round(DIGITS).tolist())))
    return tuple(found)
