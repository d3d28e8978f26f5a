"""What a drawing is on in a video, and where that goes, without editing the video: outlines for each frame.

It is followed in small frames, which are kept with what has been followed, so that another motion of the same objects
takes no time. What stands before them is not looked for here.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from torch import Tensor

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ...trajectory import Trajectories
from ...trajectory.objects import Outline
from ...vision.segmentation.outline import outline_of
from ..outlines import RegionOutlines
from ..regions import CENTRE
from ..settings import CarrySettings
from .depth_order import shown
from .edits import ClipDrawing, Edit, drawn_area, drawn_on_clip, find_edits
from .follower import ClipFollower
from .occluders import nonrigid_track
from .tracked import Corrections, ObjectTrack

MOST_KEPT = 32  # objects that were followed


class SmallClip:
    """A clip in small frames, and what was followed in it.

    Args:
        frames: `[T, h, w, 3]` uint8.
        size: (width, height) of the whole frames.
    """

    def __init__(self, frames: np.ndarray, size: tuple[int, int]):
        self.frames, self.size = frames, size
        self._follower = ClipFollower(len(frames), frames.__getitem__)
        self._followed: OrderedDict[bytes, _Packed] = OrderedDict()

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
        edits = find_edits(picture_at, drawing, self)
        onto = _onto(self.size, self.shape.size, drawn_on, settings.fit)
        return [_region(edit, onto) for edit in edits]

    def _drawing(self, trajectories: Trajectories, drawn_on: tuple[int, int], settings: CarrySettings) -> ClipDrawing:
        whole = drawn_on_clip(ClipShape(*self.size, len(self.frames)), trajectories, drawn_on, settings)
        radius = whole.settings.radius * self.shape.width / self.size[0]
        return replace(whole, clip=self.shape, settings=replace(whole.settings, radius=radius))

    def given_at(self, frame: int, number: int) -> None:
        """As of `dragnuwa.carry.video.tracked.Follower`: no masks are given."""

    def moving_at(self, frame: int, place: complex) -> np.ndarray | None:
        """As of `dragnuwa.carry.video.tracked.Follower`."""
        return self._follower.moving_at(frame, place)

    def follow(self, mask: np.ndarray, frame: int, number: int, corrections: Corrections) -> ObjectTrack:
        """As of `dragnuwa.carry.video.tracked.Follower`; what was followed once is kept."""
        parts = [b"%d" % frame, mask.tobytes()]
        for time, correction in sorted(corrections.items()):
            parts += [b"%d" % time, correction.tobytes()]
        key = zlib.compress(b"".join(parts), 1)
        if key in self._followed:
            self._followed.move_to_end(key)
            return self._followed[key].followed()
        found = self._follower.follow(mask, frame, number, corrections)
        found = self._whole(found)
        self._followed[key] = _Packed(found)
        if len(self._followed) > MOST_KEPT:
            self._followed.popitem(last=False)
        return found

    def _whole(self, track: ObjectTrack) -> ObjectTrack:
        """As a run finds it, but for what stands before it."""
        pick = self._follower.pick
        nothing = np.zeros(pick.scene.frames.shape[:3], bool)
        bending = nonrigid_track(pick.scene, self.frames.__getitem__, track, nothing)
        return bending or shown([track.with_shape()], pick.parts)[0]


class _Packed:
    """A followed object in little memory."""

    def __init__(self, track: ObjectTrack):
        self._shape = track.masks.shape
        self._masks = zlib.compress(track.masks.tobytes(), 1)
        self._rest = replace(track, masks=track.masks[:, :0, :0].copy())

    def followed(self) -> ObjectTrack:
        masks = np.frombuffer(zlib.decompress(self._masks), np.uint8).reshape(self._shape)
        return replace(self._rest, masks=masks)


Place = Callable[[complex], tuple[float, float]]


def _onto(size: tuple[int, int], small: tuple[int, int], drawn_on: tuple[int, int], fit: str) -> Place:
    """From pixels of small frames, (0, 0) being the corner, to fractions of pictures of (width, height) `drawn_on`,
    which show a part of the frames."""
    left, top, width, height = drawn_area(size, drawn_on, fit)

    def onto(at: complex) -> tuple[float, float]:
        x, y = at.real * size[0] / small[0], at.imag * size[1] / small[1]
        return round((x - left) / width, 5), round((y - top) / height, 5)

    return onto


def _region(edit: Edit, onto: Place) -> RegionOutlines:
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
    bends = edit.bend is not None
    return RegionOutlines(edit.tracks, edit.object, track.frame, seen, tuple(moved), bends=bends, removed=removed)


def _moved(ring: list[complex], edit: Edit, time: int) -> list[complex]:
    return (edit.forward(np.array(ring) - CENTRE, time) + CENTRE).tolist()


def _outline(rings: list[list[complex]], onto: Place) -> Outline:
    return tuple(tuple(onto(at) for at in ring) for ring in rings)
