"""Compares a video with the drags it was generated from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import trajectory
from ...common.clip_shape import ClipShape
from ...trajectory import Track, Trajectories
from .metrics import objmc, relative_objmc
from .point_tracker import Tracker


@dataclass(frozen=True)
class Comparison:
    """Intended and tracked motion, `[N, T, 2]` in pixels and `[N, T]` bool, and its metrics.

    Attributes:
        target, visible: the intended tracks.
        found, kept: the tracks found in the video, and where the tracker had not lost them.
        tracks: the drags themselves, in the same order.
        objmc, relative_objmc: over all drags, in pixels and as a fraction of a still video's.
    """

    target: np.ndarray
    visible: np.ndarray
    found: np.ndarray
    kept: np.ndarray
    tracks: tuple[Track, ...]
    objmc: float
    relative_objmc: float

    @property
    def report(self) -> str:
        """A line for the whole video, and one for each drag."""
        lines = [
            f"ObjMC {self.objmc:.2f} px, relative {self.relative_objmc:.2f} (0 follows exactly, 1 as a still video)"
        ]
        for n, track in enumerate(self.tracks):
            one = slice(n, n + 1)
            error = objmc(self.found[one], self.target[one], self.visible[one])
            last = np.flatnonzero(self.visible[n])[-1]
            meant, went = (np.linalg.norm(points[n, last] - points[n, 0]) for points in (self.target, self.found))
            lost = np.flatnonzero(self.visible[n] & ~self.kept[n])
            after = f", lost at frame {lost[0]}" if len(lost) else ""
            lines.append(
                f"{track.name or track.id}: ObjMC {error:.2f} px; meant to go {meant:.1f} px, went {went:.1f} px{after}"
            )
        return "\n".join(lines)


def parse_named(name: str, value: object, width: int, height: int) -> Trajectories:
    """Parses one named entry of a file with several sets of drags; arguments as for `dragnuwa.trajectory.parse`.

    Raises:
        ValueError: if the drags are invalid; the message includes the name.
    """
    try:
        return trajectory.parse(value, width=width, height=height)
    except trajectory.TrajectoryError as error:
        raise ValueError(f"The drags of {name}: {error}") from error


def compare(frames: np.ndarray, trajectories: str, tracker: Tracker) -> Comparison:
    """Track the first point of each drag through a video.

    Anchors are expected to stay still; the pixel by which they drift only encodes them for the network. Drags hidden in
    frame 0 cannot be tracked from there and are left out, as are disabled drags.

    Args:
        frames: `[T, H, W, 3]` uint8.
        trajectories: any text that `dragnuwa.trajectory.parse` reads.
        tracker: such as `dragnuwa.evaluation.LucasKanade()`.

    Raises:
        TrajectoryError: if the text cannot be read.
        ValueError: if no drag is left, none of them moves, or the frames are not a video.
    """
    height, width = frames.shape[1:3]
    drags = trajectory.parse(trajectories, width=width, height=height)
    sampled = drags.at_frames(ClipShape(width, height, len(frames)))
    chosen = np.flatnonzero(sampled.visible[:, 0])
    if not len(chosen):
        raise ValueError(
            f"None of {len(drags.tracks)} drags is enabled and visible in the first frame, where tracking begins. "
            "Give at least one that is."
        )
    target, visible = sampled.intended[chosen], sampled.visible[chosen]
    found, kept = tracker(frames, target[:, 0])
    return Comparison(
        target=target,
        visible=visible,
        found=found,
        kept=kept,
        tracks=tuple(sampled.tracks[n] for n in chosen),
        objmc=objmc(found, target, visible),
        relative_objmc=relative_objmc(found, target, visible),
    )
