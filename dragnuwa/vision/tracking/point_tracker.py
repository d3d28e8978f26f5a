"""Trackers follow points of a video's first frame through the other frames; with one, a video is compared with the
drags that it was generated from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ... import trajectory
from ...common.clip_shape import ClipShape
from ...common.interrupt import checkpoint
from ...trajectory import Track, Trajectories
from .metrics import check_frames, objmc, relative_objmc

LEVELS = 3  # of Lucas-Kanade's pyramid above the picture itself; each doubles the reach
WORST_PATCH = 30.0  # largest mean absolute difference (of 255) between a point's patches in consecutive frames
WORST_MATCH = 48.0  # largest root mean square difference (of 255) between a cut-out and its match


class Tracker(Protocol):
    """Finds points of frame 0 in every frame.

    A lost point keeps its last known position: an object that dissolves on its way counts as having stopped there, so
    that losing track never improves a metric.
    """

    def __call__(self, frames: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        Args:
            frames: `[T, H, W, 3]` uint8.
            points: `[N, 2]` (x, y) in pixels of frame 0.

        Returns:
            points `[N, T, 2]` float64, finite; visible `[N, T]` bool, False where a point is lost.
        """
        ...


@dataclass(frozen=True)
class LucasKanade:
    """OpenCV's pyramidal Lucas-Kanade from frame to frame, on all three colours, with a forward-backward check.

    A point is lost for good where its patch has no texture or changes abruptly, where it leaves the picture, or where
    tracking it forward and back does not return to its start (Kalal et al., "Forward-Backward Error", ICPR 2010).

    It needs a patch with texture in two directions that changes little from frame to frame. A small object that jumps
    by more than its size over a textured background is mistaken for the background.

    Attributes:
        window: side of the patch in pixels, odd.
        bound: largest forward-backward error, in pixels.
    """

    window: int = 21
    bound: float = 2.0

    def __call__(self, frames: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import cv2

        _check(frames, points)
        settings = {"winSize": (self.window, self.window), "maxLevel": LEVELS}
        tracks = np.repeat(points[:, None].astype(np.float64), len(frames), axis=1)  # [N, T, 2]
        visible = np.ones(tracks.shape[:2], bool)
        edge = np.array(frames.shape[2:0:-1]) - 1
        for time in range(1, len(frames)):
            checkpoint()
            here = tracks[:, time - 1].astype(np.float32)  # [N, 2]
            there, ahead, unlike = cv2.calcOpticalFlowPyrLK(
                frames[time - 1], frames[time], here[:, None], None, **settings
            )
            again, back, _ = cv2.calcOpticalFlowPyrLK(frames[time], frames[time - 1], there, None, **settings)
            error = np.linalg.norm(again[:, 0] - here, axis=1)
            inside = ((there[:, 0] >= 0) & (there[:, 0] <= edge)).all(1)
            same = (ahead[:, 0] == 1) & (back[:, 0] == 1) & (error <= self.bound) & (unlike[:, 0] <= WORST_PATCH)
            found = visible[:, time - 1] & same & inside
            visible[:, time] = found
            tracks[:, time] = np.where(found[:, None], there[:, 0], tracks[:, time - 1])
        return tracks, visible


@dataclass(frozen=True)
class MatchCutout:
    """Template matching of objects whose masks in frame 0 are known, as in synthetic scenes: the position of least
    squared difference in a window around the previous one, refined to sub-pixel accuracy by fitting a parabola.

    The cut-out is neither rotated nor scaled, and is not found where much of it is occluded or outside the picture.
    On a background of the object's own colour its position is ambiguous. If nothing in the window resembles the
    cut-out, the object is lost, and the window grows from frame to frame until it is found again.

    Attributes:
        masks: `[N, H, W]` bool, one for each tracked point; each with at least one pixel.
        reach: half the window's side in pixels: the longest displacement from one frame to the next.
    """

    masks: np.ndarray
    reach: int = 24

    def __call__(self, frames: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        _check(frames, points)
        if self.masks.shape != (len(points), *frames.shape[1:3]):
            raise ValueError(
                f"masks must be [N, H, W] = {[len(points), *frames.shape[1:3]]} for these points and frames; found "
                f"{list(self.masks.shape)}. Give the cut-out of each point in this video's first frame."
            )
        if not self.masks.any((1, 2)).all():
            raise ValueError("A cut-out is empty: its object is not visible in the first frame. Leave its point out.")
        pairs = [self._follow(frames, point, mask) for point, mask in zip(points, self.masks, strict=True)]
        return np.stack([track for track, _ in pairs]), np.stack([seen for _, seen in pairs])

    def _follow(self, frames: np.ndarray, point: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One object: points `[T, 2]` and visible `[T]`."""
        rows, columns = np.nonzero(mask)
        top, left = int(rows.min()), int(columns.min())
        box = (slice(top, int(rows.max()) + 1), slice(left, int(columns.max()) + 1))
        corner = np.array([left, top])
        shifts, seen = np.zeros((len(frames), 2)), np.ones(len(frames), bool)
        missed = 0
        for time, frame in enumerate(frames):
            reach = self.reach * (missed + 1)
            place = np.rint(shifts[max(time - 1, 0)]).astype(int) + corner
            found = _match(frame, frames[0][box], mask[box], place, reach)
            seen[time] = found is not None
            missed = 0 if seen[time] else missed + 1
            shifts[time] = shifts[max(time - 1, 0)] if found is None else found - corner
        return point + shifts - shifts[0], seen  # less the parabola's bias, which frame 0 shows


def _match(frame: np.ndarray, cutout: np.ndarray, mask: np.ndarray, place: np.ndarray, reach: int) -> np.ndarray | None:
    """The corner (x, y), at most `reach` px from `place`, where the cut-out matches the frame best; None if nowhere."""
    import cv2

    height, width = cutout.shape[:2]
    out = np.array([width // 2, height // 2])  # half of the object may be outside the picture
    around = cv2.copyMakeBorder(frame, out[1], out[1], out[0], out[0], cv2.BORDER_REPLICATE)
    low = np.maximum(place - reach + out, 0)  # in `around`
    high = np.minimum(place + reach + out, np.array(around.shape[1::-1]) - (width, height))
    if (low > high).any():
        return None
    window = around[low[1] : high[1] + height, low[0] : high[0] + width]
    weight = np.repeat(mask[..., None].astype(np.float32), 3, axis=2)
    cost = cv2.matchTemplate(window.astype(np.float32), cutout.astype(np.float32), cv2.TM_SQDIFF, mask=weight)
    row, column = np.unravel_index(cost.argmin(), cost.shape)
    if max(float(cost[row, column]), 0.0) > WORST_MATCH**2 * weight.sum():
        return None
    part = np.array([_vertex(cost[row], column), _vertex(cost[:, column], row)])
    return low - out + (column, row) + part


def _vertex(cost: np.ndarray, best: int) -> float:
    """Offset (-0.5..0.5) of the minimum of the parabola through `best` and its neighbours; 0 at the border."""
    if not 0 < best < len(cost) - 1:
        return 0.0
    before, at, after = (float(value) for value in cost[best - 1 : best + 2])
    bend = before - 2 * at + after
    return 0.5 * (before - after) / bend if bend > 0 else 0.0


def _check(frames: np.ndarray, points: np.ndarray) -> None:
    check_frames(frames)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.isfinite(points).all():
        raise ValueError(f"points must be [N, 2], finite and at least one; found {list(points.shape)}.")


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
