"""Where the regions of a drawing are and go, as outlines, without rendering anything; here of drags on a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..common.clip_shape import ClipShape
from ..geometry.bending import Mesh
from ..geometry.similarity import REST, SimilarityTransform, fit_similarity
from ..trajectory import Trajectories
from ..trajectory.bending import BentShape
from ..trajectory.objects import Outline
from ..trajectory.objects.types import MAX_SCALE, MIN_SCALE, Key, Keyframes, middle
from ..vision.segmentation.outline import outline_in_clip
from ..vision.segmentation.prepared import PreparedPicture
from .drawing import check_something_moves, drawing_on
from .find import find
from .regions import CENTRE
from .settings import RADIUS

CORNERS = 48  # of the outline of a drag's surroundings
DIGITS = 5  # of what bends, in fractions of the clip
MOST_TIMES = 49
APART = 6  # px between the corners of an outline that bends
KEY_TOLERANCE = 0.25  # px of the clip, tolerance of the motion between keys

Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class RegionOutlines:
    """A region of a drawing, in fractions of the clip.

    Attributes:
        tracks: ids of the drags that move it.
        object: id of the object that it is; empty without one.
        frame: of `seen`, in which it was drawn.
        seen: `[T]` outlines, where each frame of a video shows it, empty where none does; one in a picture.
        moved: `[S]` outlines at evenly spaced times, where it is to be seen then; empty where it stays, or is not to be
            seen. None at all where its drags say it: in a picture, of what does not bend.
        motion: that of several drags, about the centre of the outline; None for a single one, whose path it follows.
        surroundings: whether it is no object, but the ground around where a drag begins.
        bends: whether its drags bend it.
        removed: whether it is taken out of the video.
        own: `[T]` of a video: six numbers, as of a canvas's transform, that take a place of the frame in which it was
            drawn to where each frame shows it; None where that is not known. Empty in a picture.
        placed: the same, to where it is to be seen, before its drags or pins bend it.
        mesh: by which drags bend it in a video, in pixels of the frame in which it was drawn; None where none do.
        onto: from these pixels to fractions of the clip, as one of `own`.
    """

    tracks: tuple[str, ...]
    object: str
    frame: int
    seen: tuple[Outline, ...]
    moved: tuple[Outline, ...] = ()
    motion: Keyframes | None = None
    surroundings: bool = False
    bends: bool = False
    removed: bool = False
    own: tuple[Affine | None, ...] = ()
    placed: tuple[Affine | None, ...] = ()
    mesh: Mesh | None = None
    onto: Affine | None = None

    @property
    def outline(self) -> Outline:
        """Where it was drawn."""
        return self.seen[self.frame]


def carried_regions(picture: PreparedPicture, trajectories: Trajectories, clip: ClipShape) -> list[RegionOutlines]:
    """The objects that `carry_clip` finds under the drags of a picture and moves as a whole, then the surroundings of
    moving drags on the ground, as large as with its default settings.

    Args:
        picture: prepared for this clip, from the picture that is carried.
        trajectories: the enabled drags are used.
        clip: size and number of frames.

    Raises:
        ValueError: as `carry_clip`, if the drags carry nothing.
    """
    trajectories = replace(trajectories, objects=())
    drawing = drawing_on(picture, trajectories, clip)
    check_something_moves(drawing, trajectories)
    found, made, tracks = find(drawing), [], drawing.tracks
    for each in found.objects:
        outline = outline_in_clip(each.mask, picture.place, picture.clip)
        if outline:
            shape = found.shape(each.tracks)
            motion = None
            if shape is None and len(each.tracks) > 1:
                motion = _keyframes(fit_similarity(tracks[each.tracks]), outline, clip)
            ids = tuple(drawing.drags[number].id for number in each.tracks)
            moved = _moved(shape, outline, clip)
            made.append(RegionOutlines(ids, "", 0, (outline,), moved, motion, bends=shape is not None))
    for number in found.free:
        if np.abs(tracks[number] - tracks[number, 0]).max() >= REST:
            around = _around(tracks[number, 0], picture.clip)
            made.append(RegionOutlines((drawing.drags[number].id,), "", 0, (around,), surroundings=True))
    return made


def _around(start: complex, clip: tuple[int, int]) -> Outline:
    """The surroundings that a drag carries, as far as they lie in the clip."""
    corners = start + 0.5 + 0.5j + RADIUS * np.exp(2j * np.pi * np.arange(CORNERS) / CORNERS)
    x, y = (corners.real / clip[0]).clip(0, 1), (corners.imag / clip[1]).clip(0, 1)
    return (tuple(zip(x.round(6).tolist(), y.round(6).tolist(), strict=True)),)


def _moved(shape: BentShape | None, outline: Outline, clip: ClipShape) -> tuple[Outline, ...]:
    """The outline of what bends at some times of the clip; none if nothing bends."""
    if shape is None:
        return ()
    times = np.linspace(0, clip.frames - 1, min(clip.frames, MOST_TIMES)).round().astype(int)
    size = np.array(clip.size)
    corners = [with_more_corners((np.array(ring) * size) @ (1, 1j)) - CENTRE for ring in outline]
    rings = [shape.moved(ring)[:, times] + CENTRE for ring in corners]
    placed = [(np.stack([ring.real, ring.imag], -1) / size).round(DIGITS) for ring in rings]  # [n, S, 2]
    return tuple(tuple(tuple(map(tuple, ring[:, number].tolist())) for ring in placed) for number in range(len(times)))


def with_more_corners(ring: np.ndarray, apart: float = APART) -> np.ndarray:
    """A closed ring `[n]` complex with corners at most so far apart, so that straight edges can bend."""
    edges = np.roll(ring, -1) - ring
    parts = np.maximum(1, np.ceil(np.abs(edges) / apart)).astype(int)
    first = np.repeat(np.cumsum(parts) - parts, parts)
    return np.repeat(ring, parts) + np.repeat(edges / parts, parts) * (np.arange(parts.sum()) - first)


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
    if strays.max() <= KEY_TOLERANCE:
        return [first, last]
    at = first + int(strays.argmax())
    return [*_bends(course, first, at), *_bends(course, at, last)[1:]]
