"""Windows of a long clip, for models that only support short ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.interrupt import watched
from .. import checks, sampling, schema
from ..objects.change import at_frames, turn_keys
from ..objects.sampling import transform
from ..objects.sampling import visibility as object_visibility
from ..sampling import intervals
from ..trajectories import Trajectories
from ..types import MAX_FRAMES, Point, Track, TrajectoryError

_WHERE = "Window"


def window(value: Trajectories, first: int, count: int, clip: ClipShape) -> Trajectories:
    """The frames from `first` to `first + count - 1` as a separate clip: sampled at `count` frames, it has the
    positions of the whole clip at those frames. Beyond the end of the clip everything stays still.

    Each track gets one point per frame, "linear" between them. An anchor, which drifts over the whole clip, gets its
    part of the drift. Each object gets one key per frame, and its outline at the beginning of the window.

    Args:
        first: 0 is the clip's first frame; below clip.frames - 1.
        count: of frames in the window, 2..4096.
        clip: the whole clip: 2..4096 frames, and the size of the picture.

    Raises:
        TrajectoryError: if a value is out of range.
    """
    frames, size = checks.clip(clip, _WHERE)
    count = checks.integer(count, 2, MAX_FRAMES, _WHERE, "the window's number of frames", "Set its length.")
    if not 0 <= first < frames - 1:
        raise TrajectoryError(
            f"{_WHERE}: it should begin in frame 1 to {frames - 1} of the clip's {frames} frames, but it "
            f"begins in frame {first + 1}. Choose an earlier window, or set frames to the length of the whole clip."
        )
    schema.check_total([(None,) * count] * (len(value.tracks) + sum(1 + len(each.pins) for each in value.objects)))
    fractions = np.minimum(np.arange(first, first + count), frames - 1) / (frames - 1)  # [count]
    positions = sampling.positions(value.tracks, fractions, size) / size  # [N, count, 2]
    visible = sampling.visibility(value.tracks, fractions)  # [N, count]
    drawn = zip(value.tracks, positions, visible, turn_keys(value.tracks, fractions), strict=True)
    tracks = (
        Track(
            tuple(Point(x, y) for x, y in path.tolist()),
            id=track.id,
            name=track.name,
            color=track.color,
            enabled=track.enabled,
            spline="linear",
            visible=intervals(seen),
            bend=track.bend,
            stays=track.stays,
            pin=keys,
            over=track.over,
            stiffness=track.stiffness,
        )
        for track, path, seen, keys in watched(drawn)
    )
    objects = (
        at_frames(each, transform(each, fractions, size), fractions, object_visibility(each, fractions), size, _WHERE)
        for each in watched(value.objects)
    )
    return replace(value, tracks=tuple(tracks), objects=tuple(objects))


def chained_window(value: Trajectories, number: int, count: int, clip: ClipShape) -> Trajectories:
    """Window `number` (from 1) of `count` frames in a chain where each window begins with the last frame of the
    previous one, so that K windows cover K * (count - 1) + 1 frames; see `window`."""
    return window(value, (number - 1) * (count - 1), count, clip)
