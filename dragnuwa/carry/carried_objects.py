"""The objects that Carry moves with a picture's drags, without rendering: outlines, and how they move."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..common.clip_shape import ClipShape
from ..common.interrupt import InterruptCheck, no_interrupt
from ..trajectory import Trajectories
from ..trajectory.motion.similarity import SimilarityTransform, fit_similarity
from ..trajectory.objects import Outline
from ..trajectory.objects.types import MAX_SCALE, MIN_SCALE, Key, Keyframes, middle
from ..trajectory.sampling import without_drift
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.outline import outline_in_clip
from ..vision.segmentation.prepared import PreparedPicture
from .composite import sampled_tracks
from .from_tracks import assign

NEAR = 0.25  # px of the clip, tolerance of the motion between keys


@dataclass(frozen=True)
class CarriedObject:
    """An object that drags carry.

    Attributes:
        tracks: ids of the drags.
        outline: in fractions of the clip.
        motion: of several drags, about the centre of the outline; None for a single one, whose path it follows.
    """

    tracks: tuple[str, ...]
    outline: Outline
    motion: Keyframes | None


def carried_objects(
    picture: PreparedPicture,
    trajectories: Trajectories,
    clip: ClipShape,
    check_interrupt: InterruptCheck = no_interrupt,
) -> list[CarriedObject]:
    """The objects that `carry_clip` finds under the drags of a picture and moves as a whole.

    Args:
        picture: prepared for this clip, from the picture that is carried.
        trajectories: the enabled drags are used.
        clip: size and number of frames.
        check_interrupt: as `carry_clip` takes it.

    Raises:
        ValueError: as `carry_clip`, if the drags carry nothing.
    """
    sampled = sampled_tracks(replace(trajectories, objects=()), clip, check_interrupt)
    tracks = without_drift(sampled.points)
    tracks = tracks[..., 0] + 1j * tracks[..., 1]
    search = TrackSearch(picture, tracks)
    found = assign(tracks, sampled.visible, None, picture.clip, search, check_interrupt).found
    made = []
    for each in found:
        outline = outline_in_clip(each.mask, picture.place, picture.clip)
        if outline:
            motion = _keyframes(fit_similarity(tracks[each.tracks]), outline, clip) if len(each.tracks) > 1 else None
            made.append(CarriedObject(tuple(sampled.tracks[number].id for number in each.tracks), outline, motion))
    return made


def _keyframes(motion: SimilarityTransform, outline: Outline, clip: ClipShape) -> Keyframes:
    """A motion as keys about the centre of the outline, as few as approximate it."""
    x, y = middle(outline)
    pivot = complex(x * clip.width, y * clip.height)
    shift = motion.factor * pivot + motion.shift - pivot  # [T]
    angle, scale = np.unwrap(np.angle(motion.factor)), np.abs(motion.factor).clip(MIN_SCALE, MAX_SCALE)
    reach = max(abs(complex(a * clip.width, b * clip.height) - pivot) for ring in outline for a, b in ring)
    course = np.stack([shift.real, shift.imag, angle * reach, scale * reach], -1)  # [T, 4] px
    times = np.linspace(0, 1, len(course))
    return Keyframes(
        tuple(
            Key(
                t=float(times[k]),
                x=round(shift[k].real / clip.width, 9),
                y=round(shift[k].imag / clip.height, 9),
                rotation=round(float(np.degrees(angle[k])), 6),
                scale=round(float(scale[k]), 6),
            )
            for k in _bends(course, 0, len(course) - 1)[1:]
        )
    )


def _bends(course: np.ndarray, first: int, last: int) -> list[int]:
    """The frames of a range between which a course `[T, 4]` is straight, at constant speed."""
    part = np.linspace(0, 1, last - first + 1)[:, None]
    strays = np.abs(course[first : last + 1] - ((1 - part) * course[first] + part * course[last])).max(1)
    if strays.max() <= NEAR:
        return [first, last]
    at = first + int(strays.argmax())
    return [*_bends(course, first, at), *_bends(course, at, last)[1:]]
