"""Tells the user what a format cannot represent of the given trajectories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import InterruptCheck, no_interrupt, watched
from ..anchors import is_anchor
from ..sampling import visibility
from ..trajectories import Trajectories
from ..types import Track
from .format import Limits
from .wording import count


def of(
    trajectories: Trajectories, limits: Limits | None, clip: ClipShape, check_interrupt: InterruptCheck = no_interrupt
) -> list[str]:
    """What is lost when trajectories are written for the clip in a format with these limits; None is lossless.
    `check_interrupt` is called for each track."""
    if limits is None:
        return []
    objects, drawn = trajectories.enabled_objects, trajectories.enabled
    off = len(trajectories.tracks) - len(drawn)
    trajectories = trajectories.as_tracks(clip, check_interrupt)
    tracks = trajectories.enabled
    notes = [
        _switched_off(off),
        _as_tracks(len(objects), len(tracks) - len(drawn)),
        "" if limits.visibility else _hidden(tracks, clip, check_interrupt),
        "" if limits.names or not any(track.name for track in tracks) else "No names and no colours.",
        limits.motion(tracks, clip),
        "" if limits.outside else _outside(tracks, check_interrupt),
    ]
    return [note for note in notes if note]


def sampled_motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    """Motion that is lost in a format with one position per frame."""
    return curves_lost(sum(not is_sampled(track, clip.frames) for track in tracks), clip.frames)


def curves_lost(number: int, frames: int) -> str:
    """The sentence about tracks that are written as positions."""
    return f"No curves: {count(number, 'track')} written as {frames} positions each." if number else ""


def is_original(track: Track) -> bool:
    """Whether control points alone define a track's motion: PCHIP at equal times over the whole clip, or an anchor."""
    plain = (track.spline, track.timing, track.ease) == ("pchip", "points", "linear")
    return _whole(track) and (is_anchor(track) or plain)


def is_sampled(track: Track, frames: int) -> bool:
    """Whether a track already has one position per frame."""
    plain = (track.spline, track.timing, track.ease) == ("linear", "points", "linear")
    return _whole(track) and plain and len(track.points) == frames


def _whole(track: Track) -> bool:
    return (track.start, track.end) == (0, 1)


def _switched_off(number: int) -> str:
    return f"Left out: {count(number, 'track')} disabled." if number else ""


def _as_tracks(objects: int, tracks: int) -> str:
    if not objects:
        return ""
    return f"No objects: {count(objects, 'object')} written as {count(tracks, 'track')}, without outlines and order."


def _hidden(tracks: Sequence[Track], clip: ClipShape, check_interrupt: InterruptCheck) -> str:
    fractions = np.arange(clip.frames) / (clip.frames - 1)
    number = int((~visibility(tracks, fractions, check_interrupt).all(axis=1)).sum())
    return f"No visibility: {count(number, 'track')} hidden in some frames, which then count as seen." if number else ""


def _outside(tracks: Sequence[Track], check_interrupt: InterruptCheck) -> str:
    places = (np.array([(point.x, point.y) for point in track.points]) for track in watched(tracks, check_interrupt))
    number = sum(bool(((place < 0) | (place > 1)).any()) for place in places)
    return f"Nothing outside of the picture: {count(number, 'track')} held at its edge there." if number else ""
