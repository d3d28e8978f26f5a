"""Reads clips with constant time steps from video files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import av
import numpy as np

from ...common.errors import InputError
from ...common.images import fit, to_bytes, to_floats

X = TypeVar("X")

# Container formats that ffmpeg may recognise. Playlists are not among them, since they would open other files.
CONTAINERS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,gif,mxf,dv,rm,nut,h264,hevc,ivf"
# Accepts titles that are not UTF-8. PyAV 19 does so by itself, and has no such argument.
LENIENT = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
MAX_PIXELS = 8192 * 8192  # of one frame
MAX_VIDEO_SIDE = 16384  # px
MAX_CLIP_FRAMES = 1024  # of a clip
MAX_DECODED_FRAMES = 20_000  # for one clip: from the key frame before it to its end
MAX_PACKETS = 10_000_000  # of a file: more than a day at 100 frames a second
TOLERANCE = 1.001e-3  # s; Matroska and FLV round presentation times to milliseconds
FASTER = 1.05  # tolerance of a file's mean frame rate


class VideoError(InputError):
    """A video that cannot be used; the message says which file and why."""


class _LateError(VideoError):
    """The decoded frames begin after the clip does."""


@dataclass(frozen=True)
class VideoInfo:
    """`duration` in s, from the first frame to the last; `fps`, the mean frame rate; sizes in px as displayed."""

    width: int
    height: int
    frames: int
    duration: float
    fps: float


def inspect(path: str | Path) -> VideoInfo:
    """What a file really holds: reads all of it, but decodes one frame only.

    The times are those of the packets, so that of a truncated file only the existing part counts.

    Raises:
        VideoError: for a file that is missing, empty, broken, no video, too large, or has fewer than two frames.
    """
    with _opened(path) as (container, stream):
        times: set[int] = set()
        for number, packet in enumerate(container.demux(stream)):
            if number > MAX_PACKETS:
                raise VideoError(f"it has more than {MAX_PACKETS:,} frames. Split it.")
            time = packet.pts if packet.pts is not None else packet.dts
            if packet.size and time is not None and not packet.is_corrupt:
                times.add(time)
        if len(times) < 2:
            raise VideoError(f"it has {len(times) or 'no'} frame{'s' * (len(times) != 1)} with a time; expected two.")
        duration = float((max(times) - min(times)) * stream.time_base)
    with _opened(path) as (container, stream):
        first = next(container.decode(stream), None)
        if first is None:
            raise VideoError("nothing in it can be decoded.")
        height, width = _pixels(first, stream).shape[:2]
    return VideoInfo(width, height, len(times), duration, (len(times) - 1) / duration)


def read_clip(
    path: str | Path,
    *,
    frames: int,
    fps: float,
    start: float = 0.0,
    size: tuple[int, int] | None = None,
) -> np.ndarray:
    """Frames at constant time steps: what a player shows at these times, also for files with a variable frame rate.

    Args:
        path: of a video file.
        frames: how many, 1 to 1024.
        fps: frames per second of the clip, at most the file's mean rate.
        start: of the clip in s after the file's first frame.
        size: (width, height) in px, fitted as `dragnuwa.common.images.fit` does with "crop"; None for the file's own.

    Returns:
        uint8 `[frames, H, W, 3]` RGB as displayed: rotated upright, and with square pixels.

    Raises:
        VideoError: for a file that is missing, empty, broken or too large, ends before the clip does, or has fewer
            frames a second than asked for.
        ValueError: for arguments out of their range.
    """
    _check(frames, fps, start, size)
    wanted = (path, frames, fps, start, size)
    try:
        return _read(*wanted, seek=start > 0)
    except _LateError:
        if not start:
            raise
        return _read(*wanted, seek=False)  # the seek went past the start, as in MPEG-TS without an index


def read_frames(path: str | Path, most: int | None = None) -> np.ndarray:
    """The frames of a file in order, each once, whatever their times.

    Args:
        path: of a video file.
        most: how many of the first frames are read, 1 to 1024; None for all, of which there may be no more.

    Returns:
        uint8 `[T, H, W, 3]` RGB as displayed: rotated upright, and with square pixels.

    Raises:
        VideoError: for a file that is missing, empty, broken, too large or too long.
    """
    with _opened(path) as (container, stream):
        clip: list[np.ndarray] = []
        for _, frame in _timed(container, stream):
            if frame.is_corrupt:
                raise VideoError(f"its frame {len(clip) + 1} is damaged.")
            clip.append(_pixels(frame, stream))
            if len(clip) == most:
                break
            if len(clip) > MAX_CLIP_FRAMES:
                raise VideoError(f"it has more than {MAX_CLIP_FRAMES:,} frames. Say how many to read.")
        if not clip:
            raise VideoError("nothing in it can be decoded.")
        if len({picture.shape for picture in clip}) != 1:
            raise VideoError("its frames change their size.")
        return np.stack(clip)


def at_times(timed: Iterable[tuple[float, X]], targets: Sequence[float]) -> Iterator[X]:
    """The item on display at each of the ascending times `targets`: the last of `timed` (ascending) at or before it.

    Reads no further than necessary. The last item of `timed` is on display at its own time only.

    Raises:
        VideoError: if the times in `timed` don't ascend, begin after the first target, or end before the last one.
    """
    waiting = iter(targets)
    target = next(waiting, None)
    before: tuple[float, X] | None = None
    for time, item in timed:
        if before is not None and time < before[0]:
            raise VideoError(f"its times go back from {before[0]:.2f} s to {time:.2f} s.")
        while target is not None and time > target + TOLERANCE:
            if before is None:
                raise _LateError(f"its first frame is at {time:.2f} s, after {target:.2f} s.")
            yield before[1]
            target = next(waiting, None)
        if target is None:
            return
        before = time, item
    while target is not None:
        if before is None:
            raise _LateError(f"nothing can be decoded; the clip needs a frame at {target:.2f} s.")
        if target > before[0] + TOLERANCE:
            raise VideoError(f"it ends at {before[0]:.2f} s; the clip needs a frame at {target:.2f} s.")
        yield before[1]
        target = next(waiting, None)


@contextmanager
def _opened(path: str | Path):
    """The container and its video stream; errors of the file inside the block become VideoErrors."""
    path = Path(path).absolute()  # never a URL
    try:
        if not path.is_file():
            raise VideoError("there is no such file.")
        if not path.stat().st_size:
            raise VideoError("it is empty.")
        options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file", "max_pixels": str(MAX_PIXELS)}
        with av.open(str(path), options=options, **LENIENT) as container:
            if not container.streams.video:
                raise VideoError("there is no video in it.")
            stream = container.streams.video[0]
            context = stream.codec_context
            if context is None:
                raise VideoError("its codec is not known here.")
            if (
                not 0 < context.width * context.height <= MAX_PIXELS
                or max(context.width, context.height) > MAX_VIDEO_SIDE
            ):
                raise VideoError(f"it is {context.width}x{context.height} px; expected 1 to {MAX_PIXELS:,} pixels.")
            context.options = {"max_pixels": str(MAX_PIXELS)}  # a size that changes later on
            yield container, stream
    except VideoError as error:
        raise type(error)(f"{path.name}: {error}") from error
    except (av.FFmpegError, OSError) as error:
        raise VideoError(f"{path.name}: it cannot be read as a video ({error.strerror or error}).") from error


def _read(path, frames, fps, start, size, *, seek: bool) -> np.ndarray:
    with _opened(path) as (container, stream):
        rate = float(stream.average_rate or 0)
        if rate and fps > rate * FASTER:
            raise VideoError(f"it has {rate:.3g} frames a second; {fps:.3g} were asked for. Ask for fewer.")
        targets = [start + step / fps for step in range(frames)]
        clip = []
        for frame in at_times(_decoded(container, stream, start if seek else 0.0), targets):
            if frame.is_corrupt:
                raise VideoError(f"its frame at {targets[len(clip)]:.2f} s is damaged.")
            clip.append(_fitted(_pixels(frame, stream), size))
        if len({picture.shape for picture in clip}) != 1:
            raise VideoError("its frames change their size. Give a size to fit them to.")
        return np.stack(clip)


def _decoded(container, stream, start: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """(seconds after the file's first frame, frame), from the key frame before `start` on."""
    timed = _timed(container, stream)
    first = next(timed, None)
    if first is None:
        return
    origin, _ = first
    if start > 0:
        timed.close()
        container.seek(int((origin + start) / stream.time_base), stream=stream, backward=True)
        timed = _timed(container, stream)
    else:
        yield 0.0, first[1]
    yield from ((time - origin, frame) for time, frame in timed)


def _timed(container, stream) -> Iterator[tuple[float, av.VideoFrame]]:
    for number, frame in enumerate(container.decode(stream)):
        if number >= MAX_DECODED_FRAMES:
            raise VideoError(f"a clip needs more than {MAX_DECODED_FRAMES:,} of its frames, too many to decode.")
        time = frame.pts if frame.pts is not None else frame.dts
        if time is None:
            raise VideoError("its frames have no presentation times. Put it into an mp4 or mkv file first.")
        yield float(time * frame.time_base), frame


def _pixels(frame: av.VideoFrame, stream) -> np.ndarray:
    """uint8 `[H, W, 3]` as the frame is displayed: rotated upright, and with square pixels."""
    aspect = stream.sample_aspect_ratio or 1
    width = round(frame.width * aspect) if 1 / 4 <= aspect <= 4 else frame.width
    pixels = frame.reformat(width=width, format="rgb24").to_ndarray()
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))


def _fitted(pixels: np.ndarray, size: tuple[int, int] | None) -> np.ndarray:
    if size is None:
        return pixels
    return to_bytes(fit(to_floats(pixels)[None], *size, "crop")[0])


def _check(frames, fps, start, size) -> None:
    if not 1 <= frames <= MAX_CLIP_FRAMES:
        raise ValueError(f"frames must be 1 to {MAX_CLIP_FRAMES}; found {frames}.")
    if not 0.01 <= fps <= 1000:
        raise ValueError(f"fps must be 0.01 to 1000 frames a second; found {fps}.")
    if not 0 <= start < 1e6:
        raise ValueError(f"start must be 0 to 1,000,000 seconds; found {start}.")
    if size is not None and not all(1 <= side <= MAX_VIDEO_SIDE for side in size):
        raise ValueError(f"size must be (width, height) of 1 to {MAX_VIDEO_SIDE} pixels; found {size}.")
