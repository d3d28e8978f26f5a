"""The playback of a camera in depth on the page: a small video, as a sequence of JPEG pictures."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import cv2
import numpy as np
from torch import Tensor

from ..carry.depth.cameras.paths import CameraPath
from ..carry.depth.layers import cut_out
from ..carry.depth.path import CameraMoves
from ..carry.depth.readers import DrawnDepth
from ..carry.depth.scene import DepthScene
from ..carry.drawing import drawing_on
from ..carry.find import find
from ..carry.rendering import render
from ..common.clip_shape import ClipShape
from ..common.images import to_bytes, with_longer_side
from ..common.interrupt import checkpoint
from ..trajectory import Trajectories
from ..vision.inpainting.fill import fill_smoothly
from ..vision.segmentation.prepared import PreparedPicture

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
        grows: as of `dragnuwa.carry.depth.projected.Relief`.
    """

    scene: DepthScene | DrawnDepth
    moves: CameraMoves
    path: CameraPath
    grows: bool


def played_size(clip: ClipShape) -> tuple[int, int]:
    """(width, height) of a clip's playback."""
    return with_longer_side(clip.size, min(LONGEST, max(clip.size)))


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
    drawing = drawing_on(picture, trajectories, clip).at_size((start.shape[1], start.shape[0]))
    cut = cut_out(find(drawing), start.movedim(-1, 0), through.scene, through.grows, fill_smoothly)
    times = np.linspace(0, clip.frames - 1, min(clip.frames, MOST_FRAMES)).round().astype(int).tolist()
    cameras = through.path.cameras(through.moves, cut.scene, clip.frames)
    composition, files = cut.seen_by(cameras, times, fill_with=fill_smoothly), []
    for time in times:
        checkpoint()
        frame = render(composition, time)
        shown = _hatched(to_bytes(frame.colors.movedim(0, -1)), frame.disoccluded.numpy())
        _, file = cv2.imencode(".jpg", shown[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        files.append(struct.pack(">I", file.size) + file.tobytes())
    return b"".join(files)


def _hatched(frame: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """A frame with stripes over what the picture does not show."""
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]]
    striped = ((x + y) % STRIPE < STRIPE // 2) & (missing > 0.5)
    return np.where(striped[..., None], (frame * (1 - STRIPED)).astype(np.uint8), frame)
