"""Results of a benchmark as they lie in a folder: one folder for each, as `python -m dragnuwa.batch` writes them, or
one file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...common.clip_shape import ClipShape
from ...common.errors import InputError
from ...common.video_files import small_frames
from ...vision.tracking.point_tracker import Tracker
from .cases import Case, read_picture, scaled

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}
VIDEOS = {".mp4", ".mkv", ".webm", ".avi", ".mov", ".gif"}
MAX_FRAMES, LONGEST = 4096, 16384


def read_video(folder: Path, name: str) -> np.ndarray:
    """The frames `[T, H, W, 3]` uint8 of the result `name`: of the one video, or of the pictures in order, in its
    folder; or of the file of that name.

    Raises:
        InputError: if there is none, or several, or it cannot be read.
    """
    found = _files(folder, name)
    videos = [path for path in found if path.suffix.lower() in VIDEOS]
    pictures = [path for path in found if path.suffix.lower() in PICTURES]
    if len(videos) == 1:
        try:
            return small_frames(videos[0], LONGEST, MAX_FRAMES)[0]
        except InputError as error:
            raise InputError(f"{videos[0]}: {error}") from error
    if videos or not pictures:
        raise InputError(f"{folder / name} should hold one video or its frames as pictures; found {len(found)} files.")
    frames = [read_picture(path) for path in pictures]
    if len({frame.shape for frame in frames}) > 1:
        raise InputError(f"The pictures in {folder / name} have several sizes; they should be the frames of one video.")
    return np.stack(frames)


def read_still(folder: Path, name: str) -> np.ndarray:
    """The picture `[H, W, 3]` uint8 of the result `name`; the last one of a video.

    Raises:
        InputError: as `read_video`.
    """
    return read_video(folder, name)[-1]


def video_of(case: Case, folder: Path) -> np.ndarray:
    """The frames of a case's result, as many as the case wants. Where a workflow made it smoother, with k frames from
    each wanted one to the next, every k-th is taken.

    Raises:
        InputError: as `read_video`, or if it has another number of frames.
    """
    frames, wanted = read_video(folder, case.name), case.clip.frames
    times, rest = divmod(len(frames) - 1, wanted - 1)
    if rest or not times:
        raise InputError(
            f"The video of {case.name} has {len(frames)} frames; {wanted} were wanted. Give the --frames that it was "
            "made with."
        )
    return frames[::times]


def tracks_in(frames: np.ndarray, case: Case, tracker: Tracker) -> np.ndarray:
    """`[N, T, 2]` in pixels of the case's clip: where its points of the first frame go in a video of any size."""
    size = frames.shape[2], frames.shape[1]
    starts = np.clip(scaled(case.points[:, 0], case.clip.size, size), 0, np.array(size) - 1)
    return scaled(tracker(frames, starts)[0], size, case.clip.size)


def clip_of(size: tuple[int, int], frames: int) -> ClipShape:
    """
    Raises:
        InputError: if it is no size of a video.
    """
    if min(size) < 16 or frames < 2:
        raise InputError(f"A video should have 16 px or more to a side and 2 frames or more; found {size}, {frames}.")
    return ClipShape(*size, frames)


def _files(folder: Path, name: str) -> list[Path]:
    if (folder / name).is_dir():
        return sorted(path for path in (folder / name).iterdir() if not path.name.startswith("."))
    beside = [folder / f"{name}{suffix}" for suffix in sorted(VIDEOS | PICTURES)]
    found = [path for path in beside if path.is_file()]
    if not found:
        raise InputError(f"There is no result {name} in {folder}: neither a folder of that name nor a video.")
    return found
