"""The pixels of a decoded frame of a video, with the colours of ComfyUI's Load Video, and turned as it turns them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import av

ALIGNED = 32  # px
_BYTES = ("yuvj420p", "yuvj422p", "yuvj444p", "rgb24", "rgba", "pal8")
"""Formats that Load Video converts to bytes. It converts others to floats, which gives other colours at edges."""


def small_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """(width, height) scaled down to a longer side of at most `longest` pixels."""
    scale = min(1.0, longest / max(size))
    return tuple(max(1, round(side * scale)) for side in size)


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
