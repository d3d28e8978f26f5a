"""Small videos with known frames, times and motion."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.support.pictures import texture

LEVEL = 8  # grey levels between the frames of a counting video


def write_video(
    path: Path, frames: Iterable[np.ndarray], times: Iterable[float], *, codec: str = "libx264", faststart: bool = False
) -> Path:
    """Writes uint8 `[H, W, 3]` frames at `times` in s, nearly without loss."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tick = Fraction(1, {".mkv": 1000, ".avi": 25}.get(path.suffix, 12800))
    with av.open(str(path), "w", options={"movflags": "faststart"} if faststart else {}) as container:
        stream = None
        for picture, time in zip(frames, times, strict=True):
            if stream is None:
                stream = container.add_stream(codec, rate=25, options={"crf": "4", "g": "12"})
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = tick
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(time / tick), tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def still_video(path: Path, sizes: Iterable[tuple[int, int]]) -> Path:
    """An AVI file of small JPEG pictures that say of themselves to be of these (width, height)."""
    content = io.BytesIO()
    Image.new("RGB", (96, 64), (90, 90, 90)).save(content, "JPEG")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        for number, (width, height) in enumerate(sizes):
            picture = bytearray(content.getvalue())
            frame = picture.index(b"\xff\xc0") + 5  # height and width, after length and bits
            picture[frame : frame + 4] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
            packet = av.Packet(bytes(picture) + bytes(width * height // 256))  # as long as a decoder wants it to be
            packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, number, number, True
            container.mux(packet)
    return path


def count(number: int, height: int = 64, width: int = 96) -> np.ndarray:
    """A frame that says its number in grey."""
    return np.full((height, width, 3), 16 + LEVEL * number, np.uint8)


def counted(frames: np.ndarray) -> list[int]:
    """The numbers of such frames."""
    return [round((float(frame.mean()) - 16) / LEVEL) for frame in frames]


def moving_square(frames: int, step: tuple[int, int], seed: int = 0, height: int = 128, width: int = 160) -> np.ndarray:
    """uint8 `[T, H, W, 3]`: a textured square of 48 px, its corner at (32, 40) at first, over a still texture."""
    clip = np.repeat(texture(height, width, seed)[None], frames, 0)
    square = texture(48, 48, seed + 1)
    for number, frame in enumerate(clip):
        x, y = 32 + number * step[0], 40 + number * step[1]
        frame[y : y + 48, x : x + 48] = square
    return clip
