"""KJNodes: its coordinates, and the points_store of its spline editor. `point_lists` reads both.

kjnodes         [[{"x": 25, "y": 25}, ...], ...]: a position for each frame of each track; a single track without the
                outer list, as its spline editor gives it: CreateShapeMaskOnPath, InterpolateCoords, PlotCoordinates and
                others take nothing else, and what takes several tracks takes that, too
points_store    [{"points": [...], "color": "#1f77b4", "name": "a"}, ...]: control points
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..trajectories import Trajectories
from ..types import Track
from .format import Limits, Writer, at_least_one, compact, count, is_original, number, numbers, sampled, sampled_motion


def coordinates(trajectories: Trajectories, clip: ClipShape) -> Iterator[list[dict]]:
    """The enabled tracks at the frames of the clip. Raises TrajectoryError: they are too many."""
    points = sampled(trajectories, clip).points
    return ([{"x": number(x), "y": number(y)} for x, y in track.tolist()] for track in watched(points))


def write_coordinates(trajectories: Trajectories, clip: ClipShape) -> str:
    at_least_one(trajectories, "kjnodes")  # what reads coordinates looks at the first track without asking
    tracks = coordinates(trajectories, clip)
    return compact(next(tracks) if len(trajectories.enabled) == 1 else tracks)


def write_points_store(trajectories: Trajectories, clip: ClipShape) -> str:
    return compact(_stored(track, np.array(clip.size)) for track in watched(trajectories.enabled))


def _stored(track: Track, size: np.ndarray) -> dict:
    pixels = numbers(np.array([(point.x, point.y) for point in track.points]) * size)
    points = [{"x": x, "y": y} for x, y in pixels]
    if track.spline == "bezier":
        for written, point in zip(points, track.points, strict=True):
            for side, offset in ((1, point.handle_in), (2, point.handle_out)):
                if offset is not None:
                    ((x, y),) = numbers((np.array([[point.x, point.y]]) + offset) * size)
                    written.update({f"h{side}x": x, f"h{side}y": y})
    stored = {"points": points, "color": track.color, "name": track.name}
    return stored | {"isSinglePoint": True} if track.kind == "anchor" else stored


def _coordinates_motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    several = "Several tracks: nodes of KJNodes that take one, such as CreateShapeMaskOnPath, fail on this."
    return " ".join(note for note in (sampled_motion(tracks, clip), several if len(tracks) > 1 else "") if note)


def _control_points_motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    changed = sum(not is_original(track) for track in tracks)
    return f"No timing, and no curve but Bezier: {count(changed, 'track')} with other settings." if changed else ""


COORDINATES = Writer(
    "kjnodes", write_coordinates, Limits(visibility=False, names=False, outside=False, motion=_coordinates_motion)
)
POINTS_STORE = Writer(
    "points_store",
    write_points_store,
    Limits(visibility=False, names=True, outside=True, motion=_control_points_motion),
)
