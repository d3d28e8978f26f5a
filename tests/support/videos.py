"""Small videos with known frames, times and motion."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

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
