"""Tracking points, [[[25, 25], [128, 128]], ...], of the earlier pack (chaojie/ComfyUI-DragNUWA).

`point_lists` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from ..trajectories import Trajectories
from ..types import Track
from .format import Limits, Writer, compact, curves_lost, is_original, is_sampled, numbers, sampled


def write(trajectories: Trajectories, clip: ClipShape) -> str:
    """Control points if the track already has the reader's curve (PCHIP, equal time); otherwise one position per frame,
    which that curve also passes through."""
    tracks, size = sampled(trajectories, clip), np.array(clip.size)
    return compact(
        (
            numbers(
                np.array([(point.x, point.y) for point in track.points]) * size if is_original(track) else positions
            )
            for track, positions in watched(zip(tracks.tracks, tracks.points, strict=True))
        )
    )


def _motion(tracks: Sequence[Track], clip: ClipShape) -> str:
    changed = sum(not is_original(track) and not is_sampled(track, clip.frames) for track in tracks)
    return curves_lost(changed, clip.frames)


WRITER = Writer("tracking_points", write, Limits(visibility=False, names=False, outside=True, motion=_motion))
