"""Made-up videos of the kinds that readers of videos get wrong. All show the same: a red square that goes to the right
over a dark ground, brighter on its left, with 12 frames of 192x112 pixels as they are to be seen."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.support.pictures import RED, texture

WIDTH, HEIGHT, FRAMES = 192, 112, 12
SIDE, STEP, LEFT, TOP = 24, 12, 20, 24  # px, of the square
EVEN = [number / 8 for number in range(FRAMES)]  # s
UNEVEN = [0, 0.04, 0.06, 0.1, 0.9, 0.92, 0.95, 1.0, 1.9, 2.4, 2.42, 2.43]
MATRICES = {  # of a track in MP4, for a picture that is turned by so many quarters to the left
    1: (0, -1, 1, 0),
    2: (-1, 0, 0, -1),
    3: (0, 1, -1, 0),
}


def seen_frames() -> np.ndarray:
    """`[T, H, W, 3]` uint8, as they are to be seen."""
    ground = texture(HEIGHT, WIDTH).astype(np.int16) // 4 + 20
    ground[:, : WIDTH // 3] += 40
    frames = np.repeat(ground.clip(0, 255).astype(np.uint8)[None], FRAMES, 0)
    for number, frame in enumerate(frames):
        left = LEFT + STEP * number
        frame[TOP : TOP + SIDE, left : left + SIDE] = RED
    return frames


def middle(number: int) -> tuple[float, float]:
    """The middle of the square in a frame, as fractions of the picture."""
    return (LEFT + STEP * number + SIDE / 2) / WIDTH, (TOP + SIDE / 2) / HEIGHT


def _written(path: Path, frames: np.ndarray, times: list[float], codec: str = "libx264", **options: str) -> Path:
    tick = Fraction(1, {".mkv": 1000, ".avi": 8}.get(path.suffix, 12800))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=8, options={"crf": "8", "g": "5", **options})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = tick
        for picture, time in zip(frames, times, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = round(time / tick), tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def turned(quarters: int) -> Callable[[Path], Path]:
    """A phone's video: its frames are stored lying, and the file says how they are turned."""

    def write(path: Path) -> Path:
        _written(path, np.rot90(seen_frames(), -quarters, axes=(1, 2)), EVEN)
        content = bytearray(path.read_bytes())
        at = content.index(b"tkhd") + 4 + 40  # its matrix: version, times, track, length, layer, group, volume
        a, b, c, d = (round(value * 0x10000) for value in MATRICES[quarters])
        for k, value in enumerate((a, b, 0, c, d, 0, 0, 0, 0x40000000)):
            content[at + 4 * k : at + 4 * k + 4] = value.to_bytes(4, "big", signed=value < 0)
        path.write_bytes(content)
        return path

    return write


def _uneven(path: Path) -> Path:
    return _written(path, seen_frames(), UNEVEN)


def _late(path: Path) -> Path:
    return _written(path, seen_frames(), [time + 3.5 for time in EVEN])


def _short_last(path: Path) -> Path:
    return _written(path, seen_frames(), [*EVEN[:-1], EVEN[-2] + 0.01])


def _cut_off(path: Path) -> Path:
    """The file ends in its last third."""
    _written(path, np.concatenate([seen_frames()] * 2), [number / 8 for number in range(2 * FRAMES)])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    return path


def _broad_pixels(path: Path) -> Path:
    """Its pixels are twice as broad as high, which Load Video does not heed."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=8, options={"crf": "8", "x264-params": "sar=2/1"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for picture in seen_frames():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def _boastful(path: Path) -> Path:
    """Its header says that it has 2^31-1 frames."""
    _written(path, seen_frames(), EVEN, "mjpeg", qmax="2")
    content = bytearray(path.read_bytes())
    most = (2**31 - 1).to_bytes(4, "little")
    total, length = content.index(b"avih") + 8 + 16, content.index(b"strh") + 8 + 32
    content[total : total + 4] = content[length : length + 4] = most
    path.write_bytes(content)
    return path


def _one_key(path: Path) -> Path:
    return _written(path, seen_frames(), EVEN, g="999")


KINDS = {
    "turned_left.mp4": turned(1), "turned_over.mp4": turned(2), "turned_right.mp4": turned(3),
    "uneven.mp4": _uneven, "uneven.mkv": _uneven, "late.mkv": _late, "short_last.mp4": _short_last,
    "cut_off.mkv": _cut_off, "broad_pixels.mp4": _broad_pixels, "boastful.avi": _boastful, "one_key.mp4": _one_key,
    "stream.ts": lambda path: _written(path, seen_frames(), EVEN),
}  # fmt: skip
"""How each is written, by the file's name."""


def write_kind(folder: Path, name: str) -> Path:
    return KINDS[name](folder / name)
