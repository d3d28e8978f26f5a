"""What a format cannot hold, in sentences for a person: only what the trajectories at hand really have."""

from __future__ import annotations

import numpy as np

from ..trajectories import Trajectories
from ..types import Track
from .writers import ATI_SAMPLES, enabled, is_original

CONTROL_POINTS = ("points_store", "tracking_points", "svg")
"""Forms that hold control points, not positions at frames."""


def of(trajectories: Trajectories, form: str, frames: int, width: int, height: int) -> list[str]:
    """What `writers.write`, or .flo files ("flo"), or ComfyUI's TRACKS ("tracks") leave out of these trajectories.

    Args:
        form: "tracks", "flo", or one of `writers.FORMS`.
        frames, width, height: as they are given to the writer.
    """
    if form == "dragnuwa":
        return []
    tracks = enabled(trajectories)
    notes = [
        _off(trajectories),
        _hidden(trajectories, form, frames, width, height),
        _named(tracks, form),
        _motion(tracks, form, frames),
        _outside(tracks, form),
    ]
    return [note for note in notes if note]


def _off(trajectories: Trajectories) -> str:
    count = len(trajectories.tracks) - len(enabled(trajectories))
    return f"Left out: {_tracks(count)} switched off." if count else ""


def _hidden(trajectories: Trajectories, form: str, frames: int, width: int, height: int) -> str:
    if form in ("tracks", "csv", "flo"):
        return ""
    count = int((~trajectories.sample(frames, width, height)[1].all(axis=1)).sum())
    return f"No visibility: {_tracks(count)} hidden in some frames, which then count as seen." if count else ""


def _named(tracks: list[Track], form: str) -> str:
    if form in ("points_store", "svg") or not any(track.name for track in tracks):
        return ""
    return "No names and no colours."


def _motion(tracks: list[Track], form: str, frames: int) -> str:
    if form == "svg":
        return "No motion in time: the drawing shows the paths." if tracks else ""
    if form == "flo":
        return (
            "No tracks: the files say how far each pixel moves, and the drags fade with the distance." if tracks else ""
        )
    if form == "points_store":
        count = sum(not is_original(track) for track in tracks)
        return f"No timing, and no curve but Bezier: {_tracks(count)} with other settings." if count else ""
    samples = ATI_SAMPLES if form == "ati" else frames
    count = sum(not _sampled(track, samples) for track in tracks)
    if form == "tracking_points":
        count = sum(not is_original(track) and not _sampled(track, samples) for track in tracks)
    return f"No curves: {_tracks(count)} written as {samples} positions each." if count else ""


def _outside(tracks: list[Track], form: str) -> str:
    if form in CONTROL_POINTS:
        return ""
    places = (np.array([(point.x, point.y) for point in track.points]) for track in tracks)
    count = sum(bool(((place < 0) | (place > 1)).any()) for place in places)
    return f"Nothing outside of the picture: {_tracks(count)} held at its edge there." if count else ""


def _sampled(track: Track, frames: int) -> bool:
    """Whether a track is one position for each frame already."""
    whole = (track.start, track.end) == (0, 1)
    return (
        whole
        and len(track.points) == frames
        and (track.spline, track.timing, track.ease)
        == (
            "linear",
            "points",
            "linear",
        )
    )


def _tracks(count: int) -> str:
    return f"{count:,} track{'' if count == 1 else 's'}"
