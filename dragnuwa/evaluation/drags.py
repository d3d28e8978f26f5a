"""Compares any video with the drags that it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np
import torch

from .. import trajectory
from ..clip_shape import ClipShape
from ..images import as_images, to_bytes
from ..interrupt import InterruptCheck, never
from ..overlay.frames import over_frames
from ..overlay.tracks import TrackLayer
from ..progress import Progress, unseen
from ..tracking.optical_flow import check_sides
from ..trajectory import Track, Trajectories
from .metrics import objmc, relative_objmc
from .tracker import LucasKanade, Tracker

FOUND_COLOR = "#ff00ff"  # of the tracks that were found, beside each drag's own colour


@dataclass(frozen=True)
class Comparison:
    """Intended and found tracks, `[N, T, 2]` in pixels and `[N, T]` bool, and their metrics.

    Attributes:
        target, visible: the intended tracks.
        found, kept: the tracks that were found, and where the tracker had not lost them.
        tracks: the drags themselves, in the same order.
        objmc, relative_objmc: over all of them, in pixels and as a fraction of a still video's.
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
    """Drags of a file that has many by name; value, width and height are as `dragnuwa.trajectory.parse` takes them.

    Raises:
        ValueError: if they are wrong; with the name.
    """
    try:
        return trajectory.parse(value, width=width, height=height)
    except trajectory.TrajectoryError as error:
        raise ValueError(f"The drags of {name}: {error}") from error


def compare(
    frames: np.ndarray, trajectories: str, tracker: Tracker, check_interrupt: InterruptCheck = never
) -> Comparison:
    """Track the first point of each drag through a video.

    Anchors are meant to rest: the pixel by which they drift is only their encoding for the network. Drags that are
    hidden in frame 0 cannot be tracked from there and are left out, as are those that are switched off.

    Args:
        frames: `[T, H, W, 3]` uint8.
        trajectories: any text that `dragnuwa.trajectory.parse` reads.
        tracker: as `dragnuwa.evaluation.LucasKanade()`.
        check_interrupt: called for every drag and object, before they are tracked.

    Raises:
        TrajectoryError: if the text cannot be read.
        ValueError: if no drag is left, none of them moves, or the frames are no video.
    """
    height, width = frames.shape[1:3]
    drags = trajectory.parse(trajectories, width=width, height=height, check_interrupt=check_interrupt)
    sampled = drags.at_frames(ClipShape(width, height, len(frames)), check_interrupt)
    chosen = np.flatnonzero(sampled.visible[:, 0])
    if not len(chosen):
        raise ValueError(
            f"None of {len(drags.tracks)} drags is switched on and visible in the first frame, from which on a point "
            "is followed. Give at least one that is."
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


def compare_images(
    images: torch.Tensor | None,
    trajectories: str,
    check_interrupt: InterruptCheck = never,
    progress: Progress = unseen,
) -> tuple[Comparison, torch.Tensor]:
    """As `compare`, by Lucas-Kanade, of a video as ComfyUI has it; and the video with both kinds of tracks over it.

    Args:
        images: `[T, H, W, C]`, as `as_images` takes it.
        trajectories: any text that `dragnuwa.trajectory.parse` reads.
        check_interrupt: called for every frame.
        progress: told of every frame, as it is tracked and as it is drawn.

    Returns:
        the comparison, and `[T, H, W, 3]` from 0 to 1 with the drags in their own colours and the found tracks in
        magenta.

    Raises:
        InputError: a video of another form.
        ValueError: if there is no video, if its frames are too small to find a point again, or as `compare`.
    """
    frames = None if images is None else as_images(images)
    if frames is None or len(frames) < 2:
        raise ValueError("There is no video to measure. Connect the pictures of VAE Decode, at least 2 frames.")
    check_sides(*frames.shape[1:3])
    steps = count(1)

    def tracked() -> None:
        check_interrupt()
        progress(next(steps), 2 * len(frames))

    tracker = LucasKanade(check_interrupt=tracked)
    found = compare(to_bytes(frames, check_interrupt), trajectories, tracker, check_interrupt)
    clip = ClipShape(frames.shape[2], frames.shape[1], len(frames))
    colors = [track.color for track in found.tracks]
    layers = [
        TrackLayer(found.target, found.visible, colors, clip),
        TrackLayer(found.found, found.kept, [FOUND_COLOR] * len(colors), clip),
    ]
    drawn = over_frames(frames, layers, check_interrupt, lambda done, all_: progress(all_ + done, 2 * all_))
    return found, drawn
