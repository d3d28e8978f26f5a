"""Reads single frames of a video file, as ComfyUI's Load Video decodes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .errors import InputError

MAX_PIXELS = 2**25
"""Pixels of a frame: more than 8K has."""
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
    import av  # one of the host's packages

    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise InputError("The file has no picture. Load a video.")
            stream = container.streams.video[0]
            if stream.codec_context.width * stream.codec_context.height > MAX_PIXELS:
                raise InputError(f"A frame of the video should have at most {MAX_PIXELS:,} pixels.")
            return _frame(container, stream, part)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError("The video cannot be decoded. Save it as MP4 (H.264).") from error


def _frame(container, stream, part: float) -> np.ndarray:
    frames, rate = stream.frames, stream.average_rate
    if not frames and stream.duration and rate:
        frames = round(float(stream.duration * stream.time_base * rate))
    wanted = round(part * max(0, frames - 1))
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
