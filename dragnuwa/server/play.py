"""The playback of a camera in depth on the page: a small video, as a sequence of JPEG pictures."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from ..carry.depth.cameras.paths import CameraPath
from ..carry.depth.cut import cut_things
from ..carry.depth.parallax import seen_frames
from ..carry.depth.path import CameraMoves
from ..carry.depth.readers import DrawnDepth
from ..carry.depth.scene import DepthScene
from ..carry.layers import Stack
from ..common.clip_shape import ClipShape
from ..common.images import to_bytes
from ..trajectory import Trajectories
from ..vision.inpainting.fill import fill_smoothly
from ..vision.segmentation.prepared import PreparedPicture
from .composition import layers_of

LONGEST = 640  # px, maximum longer side of the video
MOST_FRAMES = 32  # frames sent at most; of longer clips, evenly spaced ones
QUALITY = 88  # of JPEG
STRIPE, STRIPED = 8, 0.25  # px, and how much darker they are


@dataclass(frozen=True)
class Through:
    """A camera that moves through a picture with depth.

    Attributes:
        scene: of the size `played_size`; or depth drawn by hand.
        moves: of the camera.
        path: that it follows.
        grows: as of `dragnuwa.carry.depth.things.Thing`.
    """

    scene: DepthScene | DrawnDepth
    moves: CameraMoves
    path: CameraPath
    grows: bool


def played_size(clip: ClipShape) -> tuple[int, int]:
    """(width, height) of a clip's playback."""
    scale = min(1.0, LONGEST / max(clip.size))
    return tuple(max(2, round(side * scale)) for side in clip.size)


def played_frames(
    picture: PreparedPicture, start: Tensor, trajectories: Trajectories, clip: ClipShape, through: Through
) -> bytes:
    """The video of a picture and what drags move in it, seen by a camera that moves through it.

    Args:
        picture: prepared for this clip.
        start: `[H, W, 3]` from 0 to 1, the picture fitted to the clip, of the size `played_size`.
        trajectories: drags and objects.
        clip: size and number of frames.
        through: that camera; what the picture does not show is filled smoothly, and hatched.

    Returns:
        For each frame sent, evenly spaced from the first to the last: the length of its JPEG file as a big-endian
        32-bit number, and the file.
    """
    sampled = replace(trajectories, objects=()).at_frames(clip)
    stack = layers_of(picture, (start.shape[1], start.shape[0]), trajectories, clip, sampled).stack
    times = np.linspace(0, clip.frames - 1, min(clip.frames, MOST_FRAMES)).round().astype(int).tolist()
    files = []
    for frame in _seen(stack, start, times, clip.frames, through):
        _, file = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        files.append(struct.pack(">I", file.size) + file.tobytes())
    return b"".join(files)


def _seen(stack: Stack, start: Tensor, times: list[int], frames: int, through: Through) -> Iterator[np.ndarray]:
    """The frames `[H, W, 3]`, in bytes, at some times of a clip of so many frames."""
    cut = cut_things(stack, start.movedim(-1, 0), through.scene, through.grows, fill_smoothly)
    cameras = through.path.cameras(through.moves, cut.scene, frames)
    for seen in seen_frames(start, cut.scene, cameras, times, cut=cut, fill_with=fill_smoothly):
        yield _hatched(to_bytes(torch.from_numpy(seen.colors)), seen.missing)


def _hatched(frame: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """A frame with stripes over what the picture does not show."""
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]]
    striped = ((x + y) % STRIPE < STRIPE // 2) & (missing > 0.5)
    return np.where(striped[..., None], (frame * (1 - STRIPED)).astype(np.uint8), frame)
