"""Reads a video file by the rule of ComfyUI's Load Video: its frames are those that decoding gives, one after another,
turned as the file says, and their number is how many these are. What a file says of its length counts for nothing.

Every size is checked before it becomes pixels, and an interrupt is seen before each piece that is decoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .clip_shape import small_size
from .errors import InputError
from .interrupt import checkpoint

if TYPE_CHECKING:
    import av

MAX_PIXELS = 22_000_000
"""Pixels of a frame: 6K has fewer. `MAX_MEMORY` bounds frames of more than 8 bits further."""
MAX_MEMORY = 1_300_000_000
"""Bytes that decoding a video may take."""
MAX_FRAMES = 2**18
MAX_DECODED_PIXELS = 2**35
"""Of all frames of a video together. A run that takes it apart would hold 12 bytes for each, more than 400 GB."""
MARGIN = 256  # px: by how much a decoder's frames may be larger than what is seen of them
OPENING_BYTES = 400_000_000
"""Memory of opening a video: FFmpeg decodes a few frames, of at most `MAX_PIXELS`, to find out their size."""
KEPT_FRAMES = 17
"""That a decoder keeps at most: those that later ones may refer to, and the one that is being made."""
PIXEL_BYTES = 33
"""Memory of decoding for each pixel of a frame, beside the frames that are kept: motion, and conversion to colours."""
FILES_ALONE = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,matroska,webm,avi,gif,ogg,mpegts,mpeg,flv,asf",
}
"""No playlists and the like, which would open other files and addresses."""
_UNDECODED = "The video cannot be decoded. Save it as MP4 (H.264)."
_EMPTY = "The video has no frames. Load another one."
_SEVERAL = "The video has frames of several sizes. Save it as MP4 (H.264)."
_SEVERAL_FORMATS = "The video has frames of several formats. Save it as MP4 (H.264)."
_TOO_LARGE = (
    f"A frame of the video should have at most {MAX_PIXELS:,} pixels, and fewer with more than 8 bits. Make it smaller."
)
ALIGNED = 32  # px
_BYTES = ("yuvj420p", "yuvj422p", "yuvj444p", "rgb24", "rgba", "pal8")
"""Formats that Load Video converts to bytes. It converts others to floats, which gives other colours at edges."""


@dataclass(frozen=True)
class FrameIndex:
    """Which frames decoding a video gives.

    Attributes:
        times: `[T]` int64, of each frame, in units of the file.
        keys: `[T]` bool, whether decoding can begin at it.
        size: (width, height) of a frame in pixels, turned.
    """

    times: np.ndarray
    keys: np.ndarray
    size: tuple[int, int]

    @property
    def count(self) -> int:
        return len(self.times)

    def number_at(self, part: float) -> int:
        """The frame at a part of the video, from 0 (its first frame) to 1 (its last one), as drags say it."""
        return round(part * (self.count - 1))

    def key_before(self, number: int) -> int:
        """The last frame up to this one at which decoding can begin; 0 where times do not lead to frames."""
        if (np.diff(self.times) <= 0).any():
            return 0
        found = np.flatnonzero(self.keys[: number + 1])
        return int(found[-1]) if found.size else 0


def decoding_bytes(path: str | Path) -> int:
    """How much memory reading frames of a video takes at most. Raises InputError if it is no video."""
    with _opened(path) as (_, stream):
        return _memory(stream.codec_context)


def first_frame(path: str | Path, longest: int | None = None) -> tuple[np.ndarray, tuple[int, int]]:
    """The first frame of a video, `[H, W, 3]` uint8, without decoding more of it; and the (width, height) of the whole
    one.

    Args:
        longest: as for `frames_at`.

    Raises:
        InputError: as `read_index`.
    """
    with _opened(path) as (container, stream):
        for frame in _decoded(container, stream):
            return seen_pixels(frame, longest), seen_size(frame)
    raise InputError(_EMPTY)


def read_index(path: str | Path) -> FrameIndex:
    """Decodes a video once, to know its frames.

    Raises:
        InputError: if it is no video, or too long, or ComfyUI could not load it: its frames have several sizes or no
            times.
    """
    times, keys, size = [], [], (0, 0)
    with _opened(path) as (container, stream):
        for frame in _decoded(container, stream):
            size = seen_size(frame)
            times.append(frame.pts)
            keys.append(frame.key_frame)
    if not times:
        raise InputError(_EMPTY)
    return FrameIndex(np.array(times, np.int64), np.array(keys, bool), size)


def frames_at(
    path: str | Path, index: FrameIndex, numbers: Iterable[int], longest: int | None = None
) -> Iterator[np.ndarray]:
    """Frames of a video, `[H, W, 3]` uint8.

    Args:
        index: of this file.
        numbers: of the frames, from 0 on, in ascending order.
        longest: px of the longer side, to which larger ones are scaled down; None for whole ones.

    Raises:
        InputError: if the file has changed.
    """
    wanted = list(numbers)
    given = 0
    with _opened(path) as (container, stream):
        walk = _Walk(container, stream, index)
        for number in wanted:
            if (frame := walk.to(walk.key_for(number), number)) is None:
                break
            yield seen_pixels(frame, longest)
            given += 1
    if given == len(wanted):
        return
    with _opened(path) as (container, stream):  # once more from its start: seeking misses, such as in MPEG-TS
        walk = _Walk(container, stream, index)
        for number in wanted[given:]:
            if (frame := walk.to(0, number)) is None:
                raise InputError("The video changed while it was read. Load it again.")
            yield seen_pixels(frame, longest)


def small_frames(path: str | Path, longest: int, most: int) -> tuple[np.ndarray, tuple[int, int]]:
    """All frames of a video `[T, h, w, 3]` uint8, scaled down to a longer side of at most `longest` pixels; and the
    (width, height) of the whole ones.

    Args:
        most: number of frames.

    Raises:
        InputError: as `read_index`, or if it has more frames.
    """
    import cv2  # imported lazily: the pack loads without it

    found, count, size = None, 0, (0, 0)
    with _opened(path) as (container, stream):
        for frame in _decoded(container, stream):
            if count == most:
                raise InputError(f"The video has more than {most} frames. Cut it into shorter ones.")
            whole = seen_pixels(frame)
            size = seen_size(frame)
            less = small_size(size, longest)
            if found is None:
                # All at once: small arrays among the large ones that come and go would keep the memory of these.
                found = np.empty((most, less[1], less[0], 3), np.uint8)
            found[count] = whole if less == size else cv2.resize(whole, less, interpolation=cv2.INTER_AREA)
            count += 1
    if found is None:
        raise InputError(_EMPTY)
    return found[:count], size


def metadata_of(path: str | Path) -> dict[str, str]:
    """The texts about a video that its file holds, by their names.

    Raises:
        InputError: if it is no video.
    """
    with _opened(path) as (container, _):
        return dict(container.metadata)


@contextmanager
def _opened(path: str | Path) -> Iterator[tuple]:
    """The file, and its stream of pictures."""
    import av  # one of the host's packages

    try:
        with av.open(str(path), options={**FILES_ALONE, "max_pixels": str(MAX_PIXELS)}) as container:
            if not container.streams.video:
                raise InputError("The file has no picture. Load a video.")
            stream = container.streams.video[0]
            if (context := stream.codec_context) is None:  # of a codec that nobody knows
                raise InputError(_UNDECODED)
            if context.width * context.height > MAX_PIXELS or _memory(context) > MAX_MEMORY:
                raise InputError(_TOO_LARGE)
            context.options = {"max_pixels": str(_most_pixels(context.width, context.height))}
            yield container, stream
    except InputError:
        raise
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(_UNDECODED) from error


def _most_pixels(width: int, height: int) -> int:
    """Of any frame of a video whose frames should have this size; decoders keep larger ones than are seen."""
    return min((width + MARGIN) * (height + MARGIN), MAX_PIXELS)


def _memory(context: av.VideoCodecContext) -> int:
    stored = context.format.padded_bits_per_pixel / 8 if context.format else 1.5
    return int((KEPT_FRAMES * stored + PIXEL_BYTES) * _most_pixels(context.width, context.height))


def _decoded(container, stream) -> Iterator[av.VideoFrame]:
    """The frames that ComfyUI's Load Video gives: it passes over pieces that cannot be decoded, and over frames before
    the time 0."""
    from av.error import InvalidDataError

    shape, count, memory = None, 0, _memory(stream.codec_context)
    for packet in container.demux(stream):
        checkpoint()
        try:
            frames = packet.decode()
        except InvalidDataError:
            continue
        for frame in frames:
            if frame.pts is None:
                raise InputError("The frames of the video have no times, so ComfyUI cannot load it. Save it as MP4.")
            shape = shape or (frame.width, frame.height, seen_size(frame))
            if (frame.width, frame.height, seen_size(frame)) != shape:
                raise InputError(_SEVERAL)
            if _memory(stream.codec_context) > memory:  # from now on its frames have more bits
                raise InputError(_SEVERAL_FORMATS)
            count += 1
            if count > MAX_FRAMES or count * frame.width * frame.height > MAX_DECODED_PIXELS:
                raise InputError(
                    f"The video should have at most {MAX_FRAMES:,} frames, and {MAX_DECODED_PIXELS:,} pixels in all of "
                    "them together. Cut it into shorter ones."
                )
            if frame.pts >= 0:
                yield frame


class _Walk:
    """Goes to frames of a video in ascending order, and knows each by its time."""

    def __init__(self, container, stream, index: FrameIndex):
        self._container, self._stream, self._index = container, stream, index
        self._coming, self._next = _decoded(container, stream), 0

    def key_for(self, number: int) -> int:
        """The key frame from which a frame is near; 0 where that is no nearer than going on."""
        key = self._index.key_before(number)
        return key if key > self._next else 0

    def to(self, key: int, number: int) -> av.VideoFrame | None:
        """The frame of a number; None where other frames come than should.

        Args:
            key: the frame to go to first; 0 to go on from the present one.
        """
        times = self._index.times
        if key:
            self._container.seek(int(times[key]), stream=self._stream)
            self._coming, self._next = _decoded(self._container, self._stream), key
        for frame in self._coming:
            if key and self._next == key and frame.pts < times[key]:
                continue
            if frame.pts != times[self._next]:
                return None
            self._next += 1
            if self._next > number:
                return frame
        return None


def seen_size(frame: av.VideoFrame) -> tuple[int, int]:
    """(width, height) of a frame as it is to be seen."""
    return (frame.height, frame.width) if _quarter_turns(frame) % 2 else (frame.width, frame.height)


def seen_pixels(frame: av.VideoFrame, longest: int | None = None) -> np.ndarray:
    """`[H, W, 3]` uint8 of a frame, as it is to be seen.

    Args:
        longest: px of the longer side, to which a larger one is scaled down; None for the whole one.
    """
    size = frame.width, frame.height
    less = small_size(size, longest) if longest else size
    if less != size:
        small = frame.reformat(*less, format="rgb24", interpolation="AREA").to_ndarray()
    elif frame.format.name in _BYTES:
        small = frame.to_ndarray(format="rgb24")
    else:
        small = np.empty((frame.height, frame.width, 3), np.uint8)
        floats = _aligned(frame).reformat(format="gbrpf32le")
        for plane, channel in zip(floats.planes, (1, 2, 0), strict=True):  # one by one, since each takes much memory
            rows = np.frombuffer(plane, np.float32).reshape(-1, plane.line_size // 4)
            small[..., channel] = rows[: frame.height, : frame.width].clip(0, 1) * 255 + 0.5
    turns = _quarter_turns(frame) % 4
    return np.ascontiguousarray(np.rot90(small, turns)) if turns else small


def _aligned(frame: av.VideoFrame) -> av.VideoFrame:
    """A frame whose width is a multiple of `ALIGNED`, continued at its right and lower sides: the conversion to floats
    reads past the ends of rows, where it would find chance colours."""
    from av.filter import Graph

    right, below = -frame.width % ALIGNED, -frame.height % ALIGNED
    if not right:
        return frame
    graph = Graph()
    size = {"width": frame.width, "height": frame.height, "format": frame.format.name}
    steps = (
        graph.add_buffer(**size, time_base=frame.time_base),
        graph.add("pad", f"{frame.width + right}:{frame.height + below}:0:0"),
        graph.add("fillborders", f"left=0:right={right}:top=0:bottom={below}:mode=smear"),
        graph.add("buffersink"),
    )
    for step, following in pairwise(steps):
        step.link_to(following)
    graph.configure()
    graph.push(frame)
    return graph.pull()


def _quarter_turns(frame: av.VideoFrame) -> int:
    """By how many quarters a frame is turned to the left, as Load Video counts them."""
    return int(frame.rotation // 90)
