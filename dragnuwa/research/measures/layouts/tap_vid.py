"""TAP-Vid (arXiv 2211.03726), such as DAVIS: videos with tracks of points, in a pickle.

The pickle is read without running it, by `array_pickles`.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....common.errors import InputError
from ....common.interrupt import checkpoint
from ....vision.tracking.point_tracker import Tracker
from .. import array_pickles
from ..track_figures import MODES, SIDE, TapVidFigures, tap_vid

STRIDE = 5  # frames between the queries of the mode "strided"


@dataclass(frozen=True)
class TapVidVideo:
    """
    Attributes:
        name: of the video.
        frames: `[T, H, W, 3]` uint8.
        points: `[N, T, 2]` (x, y) in fractions of the picture, from its top left corner.
        occluded: `[N, T]` bool.
    """

    name: str
    frames: np.ndarray
    points: np.ndarray
    occluded: np.ndarray


def read(path: Path) -> list[TapVidVideo]:
    """
    Raises:
        InputError: if the file is none of TAP-Vid, or would run code.
    """
    value = array_pickles.load(path, "file of TAP-Vid")
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    found = [_video(str(name), each, path) for name, each in named]
    if not found:
        raise InputError(f"{path.name} holds no videos. Give a file of TAP-Vid, such as tapvid_davis.pkl.")
    return found


def write(path: Path, videos: Iterable[TapVidVideo]) -> None:
    """Writes videos as TAP-Vid does for DAVIS."""
    value = {
        each.name: {"video": each.frames, "points": each.points.astype(np.float32), "occluded": each.occluded}
        for each in videos
    }
    path.write_bytes(pickle.dumps(value))


def _video(name: str, value: Any, path: Path) -> TapVidVideo:
    try:
        frames, points, occluded = value["video"], np.asarray(value["points"]), np.asarray(value["occluded"], bool)
        frames = np.stack([_decoded(each) for each in frames]) if isinstance(frames[0], bytes) else np.asarray(frames)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise InputError(f"{path.name}, {name}: expected video, points and occluded, as TAP-Vid has them.") from error
    tracks = points.shape[:2] if points.ndim == 3 else ()
    if frames.ndim != 4 or frames.dtype != np.uint8 or frames.shape[-1] != 3 or len(frames) < 2:
        raise InputError(f"{path.name}, {name}: the video should be [T, H, W, 3] uint8; found {list(frames.shape)}.")
    if len(tracks) != 2 or points.shape[2] != 2 or occluded.shape != tracks or tracks[1] != len(frames):
        raise InputError(
            f"{path.name}, {name}: points should be [N, T, 2] and occluded [N, T] of {len(frames)} frames; found "
            f"{list(points.shape)} and {list(occluded.shape)}."
        )
    if not np.isfinite(points[~occluded]).all():
        raise InputError(f"{path.name}, {name}: a visible point is NaN or infinite.")
    return TapVidVideo(name, frames, np.nan_to_num(points.astype(np.float64)), occluded)


def _decoded(data: bytes) -> np.ndarray:
    """A frame that was kept as a JPEG, as in Kinetics."""
    import cv2

    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if found is None:
        raise ValueError("a frame is no picture")
    return found[..., ::-1].copy()


def measured(video: TapVidVideo, tracker: Tracker, mode: str = MODES[0], full_size: bool = False) -> TapVidFigures:
    """The figures of a tracker on one video.

    Args:
        tracker: gets the frames from each query on, forwards; with "strided" those before it, backwards, too.
        mode: "first" gives each point where it is first visible, "strided" in every fifth frame in which it is.
        full_size: tracks in the video's own size, rather than in 256 x 256 pixels, in which the figures are counted.
    """
    frames = video.frames if full_size else _resized(video.frames)
    size = np.array(frames.shape[2:0:-1], np.float64)
    numbers, times = _queries(~video.occluded, mode)
    true = video.points[numbers] * size - 0.5  # from the centre of the first pixel
    found, visible = (
        np.repeat(true[np.arange(len(numbers)), times][:, None], len(frames), 1),
        np.zeros((len(numbers), len(frames)), bool),
    )
    for time in np.unique(times):
        checkpoint()
        chosen = np.flatnonzero(times == time)
        starts = true[chosen, time]
        parts = [(slice(time, None), 1)] + ([(slice(None, time + 1), -1)] if mode != MODES[0] and time else [])
        for part, way in parts:
            clip = frames[part][::way]
            if len(clip) < 2:
                continue
            tracks, seen = tracker(clip, starts)
            found[chosen, part], visible[chosen, part] = tracks[:, ::way], seen[:, ::way]
    scale = SIDE / size
    return tap_vid((found + 0.5) * scale, visible, (true + 0.5) * scale, ~video.occluded[numbers], times, mode)


def _queries(visible: np.ndarray, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the tracks and the frames in which they are given."""
    if mode == MODES[0]:
        numbers = np.flatnonzero(visible.any(1))
        return numbers, visible[numbers].argmax(1)
    times, numbers = np.nonzero(visible[:, ::STRIDE].T)
    return numbers, times * STRIDE


def _resized(frames: np.ndarray) -> np.ndarray:
    import cv2

    way = cv2.INTER_AREA if max(frames.shape[1:3]) > SIDE else cv2.INTER_LINEAR
    return np.stack([cv2.resize(frame, (SIDE, SIDE), interpolation=way) for frame in frames])


def of_scenes(scenes: Iterable[tuple[str, Any]], each: int = 8, seed: int = 0) -> Iterator[TapVidVideo]:
    """Scenes of `dragnuwa.research.scenes` with their exact tracks: points on things and ground of the first frame.

    Args:
        scenes: names, and scenes.
        each: points on each thing, and on the ground.
    """
    for name, scene in scenes:
        random = np.random.default_rng([seed, len(name)])
        points, occluded = zip(
            *(_on(scene, owner, each, random) for owner in range(len(scene.objects) + 1)), strict=True
        )
        yield TapVidVideo(name, scene.frames, np.concatenate(points), np.concatenate(occluded))


def _on(scene: Any, owner: int, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Tracks `[n, T, 2]` in fractions, and `[n, T]` where they are occluded, of points of one owner."""
    rows, columns = np.nonzero(scene.owner[0] == owner)
    chosen = random.choice(len(rows), min(count, len(rows)), replace=False)
    start = np.stack([columns[chosen], rows[chosen], np.ones(len(chosen))]).astype(np.float64)  # [3, n]
    tracks = (scene.motions[owner] @ start)[:, :2].transpose(2, 0, 1)  # [n, T, 2]
    height, width = scene.owner.shape[1:]
    x, y = np.rint(tracks).astype(int).transpose(2, 0, 1)
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    times = np.broadcast_to(np.arange(tracks.shape[1]), x.shape)
    shown = inside & (scene.owner[times, y.clip(0, height - 1), x.clip(0, width - 1)] == owner)
    return (tracks + 0.5) / (width, height), ~shown
