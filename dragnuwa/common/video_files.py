"""Reads single frames of a video file, and what it says of itself, as ComfyUI's Load Video decodes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .errors import InputError
from .interrupt import InterruptCheck, no_interrupt

MAX_PIXELS = 2**25
"""Pixels of a frame: more than 8K has."""
FILES_ALONE = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,matroska,webm,avi,gif,ogg,mpegts,mpeg,flv,asf",
}
"""No playlists and the like, which would open other files and addresses."""
_UNDECODED = "The video cannot be decoded. Save it as MP4 (H.264)."
MOST_DECODED = 600
"""Frames that are decoded after a key frame to reach another one."""


def frame_at(path: str | Path, part: float) -> np.ndarray:
    """One frame of a video: `[H, W, 3]` uint8.

    Args:
        path: of the file.
        part: of the video, from 0 (its first frame) to 1 (its last one).

    Raises:
        InputError: if it is no video, or there is no such frame.
    """
    with _opened(path) as (container, stream):
        return _frame(container, stream, part)


def frames_of(path: str | Path) -> int:
    """The number of frames of a video; where the file does not say it, by its length and rate.

    Raises:
        InputError: if it is no video.
    """
    with _opened(path) as (container, stream):
        return _count(container, stream)


def metadata_of(path: str | Path) -> dict[str, str]:
    """The texts about a video that its file holds, by their names.

    Raises:
        InputError: if it is no video.
    """
    with _opened(path) as (container, _):
        return dict(container.metadata)


def small_frames(
    path: str | Path, longest: int, most: int, check_interrupt: InterruptCheck = no_interrupt
) -> tuple[np.ndarray, tuple[int, int]]:
    """All frames of a video `[T, h, w, 3]` uint8, scaled down to a longer side of at most `longest` pixels; and the
    (width, height) of the whole ones.

    Args:
        most: number of frames.
        check_interrupt: called for each frame.

    Raises:
        InputError: if it is no video, has more frames, or frames of several sizes.
    """
    import cv2  # imported lazily: the pack loads without it

    found: list[np.ndarray] = []
    with _opened(path) as (container, stream):
        size = stream.codec_context.width, stream.codec_context.height
        scale = min(1.0, longest / max(size))
        less = tuple(max(1, round(side * scale)) for side in size)
        for frame in container.decode(stream):
            check_interrupt()
            if len(found) == most:
                raise InputError(f"The video has more than {most} frames. Cut it into shorter ones.")
            if (frame.width, frame.height) != size:
                raise InputError("The video has frames of several sizes. Save it as MP4 (H.264).")
            whole = frame.to_ndarray(format="rgb24")
            found.append(whole if scale == 1 else cv2.resize(whole, less, interpolation=cv2.INTER_AREA))
    if not found:
        raise InputError("The video has no frames. Load another one.")
    return np.stack(found), size


@contextmanager
def _opened(path: str | Path) -> Iterator[tuple]:
    """The file, and its stream of pictures."""
    import av  # one of the host's packages

    try:
        with av.open(str(path), options=FILES_ALONE) as container:
            if not container.streams.video:
                raise InputError("The file has no picture. Load a video.")
            stream = container.streams.video[0]
            if stream.codec_context is None:  # of a codec that nobody knows
                raise InputError(_UNDECODED)
            if stream.codec_context.width * stream.codec_context.height > MAX_PIXELS:
                raise InputError(f"A frame of the video should have at most {MAX_PIXELS:,} pixels.")
            yield container, stream
    except InputError:
        raise
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(_UNDECODED) from error


def _count(container, stream) -> int:
    seconds = stream.duration * stream.time_base if stream.duration else (container.duration or 0) / 1e6
    return max(1, stream.frames or round(float(seconds * (stream.average_rate or 0))))


def _frame(container, stream, part: float) -> np.ndarray:
    rate = stream.average_rate
    wanted = round(part * (_count(container, stream) - 1))
    start = stream.start_time or 0
    at = start + (int(wanted / rate / stream.time_base) if rate else 0)
    if wanted:
        container.seek(at, stream=stream)
    latest = None
    for count, frame in enumerate(container.decode(stream)):
        if latest is not None and frame.pts is not None and frame.pts > at:
            break
        latest = frame
        if count == MOST_DECODED:
            break
    if latest is None:
        raise InputError("The video has no frame there.")
    return latest.to_ndarray(format="rgb24")
