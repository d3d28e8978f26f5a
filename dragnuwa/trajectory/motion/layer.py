"""Merges trajectories: by concatenation, or as motion relative to a moving camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import numpy as np
from scipy.spatial import KDTree

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ...geometry.similarity import SimilarityTransform, least_squares_factor
from .. import checks, sampling, schema
from ..objects.change import at_frames
from ..objects.sampling import transform as object_transform
from ..objects.sampling import unique_ids
from ..objects.sampling import visibility as object_visibility
from ..objects.types import MAX_OBJECTS, MotionObject
from ..sampling import anchored, intervals, is_anchor
from ..trajectories import Trajectories
from ..types import MAX_SIDE, MAX_TRACKS, Point, Track, TrajectoryError

MODES = ("concatenate", "layer")
REST = 1e-6
"""Pixels over the clip: a track that moves less is static."""
_FLAT = 1e-3  # tracks whose width is less than this fraction of their length are collinear
_WHERE = "Merged trajectories"


def concatenate(values: Sequence[Trajectories]) -> Trajectories:
    """Concatenates the tracks and objects of all values. Where drags meet on a pixel the later one wins, and later
    objects are in front. Duplicate ids, and names of groups in several values, get a number appended. The canvas is
    that of the first value.

    Raises:
        TrajectoryError: if there is no value, or there are more than 16,384 tracks or 256 objects.
    """
    if not values:
        raise TrajectoryError(f"{_WHERE}: there should be at least one value, but there is none. Give one.")
    tracks = [track for value in values for track in value.tracks]
    if len(tracks) > MAX_TRACKS:
        raise TrajectoryError(
            f"{_WHERE}: there should be at most {MAX_TRACKS:,} tracks, but there are {len(tracks):,}. Use a larger "
            "spacing, or fewer tracks."
        )
    objects = _own_groups(values)
    if len(objects) > MAX_OBJECTS:
        raise TrajectoryError(
            f"{_WHERE}: there should be at most {MAX_OBJECTS:,} objects, but there are {len(objects):,}. Use fewer "
            "objects."
        )
    horizon = next((value.horizon for value in values if value.horizon is not None), None)
    return Trajectories(tuple(unique_ids(tracks)), values[0].canvas, tuple(unique_ids(objects)), horizon)


def merge(over: Trajectories, under: Trajectories, mode: str, clearance: float, clip: ClipShape) -> Trajectories:
    """Merges two values, `under` first.

    Args:
        over: for example object motion.
        under: for example camera motion.
        mode: "concatenate" keeps both unchanged; "layer" treats `over` as motion relative to the camera `under`, see
            `layer`.
        clearance: minimum distance in pixels of `under` from `over`, see `clear`.
        clip: 2..4096 frames, and the size of the picture.

    Raises:
        TrajectoryError: if a value is out of range, `under` is not a camera, or there are more than 16,384 tracks.
    """
    checks.choice(mode, MODES, _WHERE, "mode")
    checks.number(clearance, 0, MAX_SIDE, _WHERE, "clearance", "Give it in pixels, or 0.")
    if mode == "layer":
        over = layer(over, under, clip)
    if clearance > 0:
        under = clear(under, over, clearance, clip)
    return concatenate([under, over])


def _own_groups(values: Sequence[Trajectories]) -> list[MotionObject]:
    """The objects of all values, in groups that no two values have in common."""
    taken = {each.group for value in values for each in value.objects} | {""}
    found, before = [], set()
    for value in values:
        names = {name: name for name in dict.fromkeys(each.group for each in value.objects)}
        for name in names.keys() & before:
            numbered = (f"{name[:200]}-{number}" for number in count(2))
            names[name] = next(free for free in numbered if free not in taken)
            taken.add(names[name])
        before |= names.keys() - {""}
        found += [replace(each, group=names[each.group]) for each in value.objects]
    return found


def layer(objects: Trajectories, camera: Trajectories, clip: ClipShape) -> Trajectories:
    """Object motion relative to a moving camera: p' = camera(p) at each frame, so that a car drawn from right to left
    drives left while the camera pans. Returns the objects only.

    The camera at a frame is a least-squares fit to its tracks: a translation for one track, a similarity transform for
    two or for collinear tracks, an affine map for more. The objects become tracks with one point per frame; an anchor
    stays on its point of the moving scene. An object gets one key per frame. Disabled ones are unchanged.

    Args:
        objects: drawn as if the camera were static.
        camera: with at least one enabled track.
        clip: 2..4096 frames, at which the motion is exact, and the size of the picture.

    Raises:
        TrajectoryError: if a value is out of range, or the camera has no track.
    """
    frames, size = checks.clip(clip, _WHERE)
    moving = camera.enabled
    if not moving:
        raise TrajectoryError(
            f"{_WHERE}: the camera should have at least one track, but it has none. Connect DragNUWA Camera Motion or "
            "drags that follow the background, or choose the mode concatenate."
        )
    schema.check_total([(None,) * frames] * (len(objects.tracks) + sum(1 + len(each.pins) for each in objects.objects)))
    matrix, shift = _camera(moving, frames, size)  # [T, 2, 2], [T, 2]
    drawn = objects.enabled
    positions = _resting(drawn, frames, size)  # [N, T, 2]
    carried = np.einsum("tij,ntj->nti", matrix, positions) + shift
    paths = watched(zip(drawn, carried, strict=True))
    tracks = iter([_track(track, path, size) for track, path in paths])
    return replace(
        objects,
        tracks=tuple(next(tracks) if track.enabled else track for track in objects.tracks),
        objects=tuple(
            _moved_object(each, matrix, shift, size) if each.enabled else each for each in watched(objects.objects)
        ),
    )


def _moved_object(each: MotionObject, matrix: np.ndarray, shift: np.ndarray, size: np.ndarray) -> MotionObject:
    """An object moved by a camera, matrices [T, 2, 2] and shifts [T, 2]: its pivot like any point, its shape only by
    the camera's rotation and scale, since objects are never sheared."""
    fractions = np.arange(len(matrix)) / (len(matrix) - 1)
    own = object_transform(each, fractions, size)
    pivot = own.apply(np.array([[each.pivot[0] * size[0] + 1j * each.pivot[1] * size[1]]]))[0]  # [T]
    moved = np.einsum("tij,tj->ti", matrix, np.stack([pivot.real, pivot.imag], -1)) + shift
    turn = (matrix[:, 0, 0] + matrix[:, 1, 1] + 1j * (matrix[:, 1, 0] - matrix[:, 0, 1])) / 2
    factor = turn * own.factor
    start = each.pivot[0] * size[0] + 1j * each.pivot[1] * size[1]
    motion = SimilarityTransform(factor, moved[:, 0] + 1j * moved[:, 1] - factor * start)
    return at_frames(each, motion, fractions, object_visibility(each, fractions), size, _WHERE)


def clear(under: Trajectories, over: Trajectories, clearance: float, clip: ClipShape) -> Trajectories:
    """`under`, with tracks hidden in frames where they are closer than `clearance` pixels to a visible track of `over`;
    those that are always hidden are left out. Drags add up in the drag maps, so many background tracks would drown out
    a single drag."""
    frames, size = checks.clip(clip, _WHERE)
    fractions = np.arange(frames) / (frames - 1)
    drags = over.as_tracks(clip).enabled
    both = under.tracks, drags
    positions, theirs = (sampling.positions(tracks, fractions, size) for tracks in both)  # [N, T, 2]
    seen, shown = (sampling.visibility(tracks, fractions) for tracks in both)  # [N, T]
    near = np.zeros_like(seen)
    for t in watched(np.flatnonzero(shown.any(axis=0))):
        near[:, t] = KDTree(theirs[shown[:, t], t]).query(positions[:, t])[0] < clearance
    tracks = (
        replace(track, visible=intervals(kept)) if hidden.any() else track
        for track, kept, hidden in watched(zip(under.tracks, seen & ~near, seen & near, strict=True))
    )
    return replace(under, tracks=tuple(track for track in tracks if track.visible))


def _resting(tracks: Sequence[Track], frames: int, size: np.ndarray) -> np.ndarray:
    """[N, T, 2] pixels, anchors without their drift."""
    positions = sampling.positions(tracks, np.arange(frames) / (frames - 1), size)
    rests = anchored(tracks)
    positions[rests] = positions[rests, :1]
    return positions


def _track(track: Track, path: np.ndarray, size: np.ndarray) -> Track:
    """A track at `path` [T, 2] pixels; a static one with a single point is unchanged."""
    if is_anchor(track) and np.ptp(path, axis=0).max() < REST:
        return track
    points = tuple(Point(x, y) for x, y in (path / size).tolist())
    return Track(
        points,
        id=track.id,
        name=track.name,
        color=track.color,
        spline="linear",
        visible=track.visible,
        bend=track.bend,
        stays=track.stays,
        over=track.over,
        stiffness=track.stiffness,
    )


def _camera(tracks: Sequence[Track], frames: int, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The map from the first frame to each: matrices [T, 2, 2] and shifts [T, 2], so that p' = matrix @ p + shift.

    Fitted to the tracks visible in both frames, or to all of them if these are too few: positions of hidden tracks may
    be guesses.
    """
    positions = _resting(tracks, frames, size)  # [N, T, 2]
    visible = sampling.visibility(tracks, np.arange(frames) / (frames - 1))  # [N, T]
    enough = min(3, len(tracks))
    matrix, shift = np.empty((frames, 2, 2)), np.empty((frames, 2))
    for t in watched(range(frames)):
        both = visible[:, 0] & visible[:, t]
        use = both if both.sum() >= enough else np.ones(len(tracks), dtype=bool)
        matrix[t], shift[t] = fit_motion(positions[use, 0], positions[use, t])
    return matrix, shift


def fit_motion(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares fit between points [N, 2]: matrix [2, 2] and shift [2], so that target = matrix @ source + shift.
    A translation for one point, a similarity transform for collinear points, an affine map for more."""
    middle, arrived = source.mean(axis=0), target.mean(axis=0)
    a, b = source - middle, target - arrived  # [N, 2]
    across, along = np.sort(np.linalg.svd(a, compute_uv=False))[[0, -1]] if len(a) > 1 else (0.0, 0.0)
    if along < REST:
        matrix = np.eye(2)
    elif len(a) < 3 or across < _FLAT * along:
        factor = complex(least_squares_factor(*(p[:, 0] + 1j * p[:, 1] for p in (a, b))))
        matrix = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    else:
        matrix = np.linalg.lstsq(a, b, rcond=None)[0].T
    return matrix, arrived - matrix @ middle
