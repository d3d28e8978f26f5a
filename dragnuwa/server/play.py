"""The playback of a drawing on the page: a small carried video, as a sequence of JPEG pictures."""

from __future__ import annotations

import struct

import cv2
import numpy as np
from torch import Tensor

from ..carry.composite import sampled_tracks
from ..carry.drawn import find_layers
from ..carry.rendering import rendering
from ..carry.settings import RADIUS
from ..carry.snapped_objects import snapped_masks
from ..common.clip_shape import ClipShape
from ..common.images import to_bytes
from ..common.interrupt import InterruptCheck, no_interrupt
from ..trajectory import Trajectories
from ..trajectory.sampling import without_drift
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.prepared import PreparedPicture

LONGEST = 640  # px, maximum longer side of the video
MOST_FRAMES = 96  # frames sent at most; of longer clips, evenly spaced ones
QUALITY = 88  # of JPEG


def played_size(clip: ClipShape) -> tuple[int, int]:
    """(width, height) of a clip's playback."""
    scale = min(1.0, LONGEST / max(clip.size))
    return tuple(max(2, round(side * scale)) for side in clip.size)


def played_frames(
    picture: PreparedPicture,
    start: Tensor,
    trajectories: Trajectories,
    clip: ClipShape,
    check_interrupt: InterruptCheck = no_interrupt,
) -> bytes:
    """The carried video of a picture and drags, as from `dragnuwa.carry.carry_clip` with default settings.

    Args:
        picture: prepared for this clip.
        start: `[H, W, 3]` from 0 to 1, the picture fitted to the clip, of the size `played_size`.
        trajectories: drags and objects.
        clip: size and number of frames.
        check_interrupt: called for every drag and frame.

    Returns:
        For each frame sent, evenly spaced from the first to the last: the length of its JPEG file as a big-endian
        32-bit number, and the file.

    Raises:
        ValueError: as `carry_clip`, if the drags carry nothing.
    """
    sampled = sampled_tracks(trajectories, clip, check_interrupt)
    points = without_drift(sampled.points)  # [N, T, 2]
    height, width = start.shape[:2]
    scale = np.array([width, height]) / clip.size
    objects = trajectories.enabled_objects
    small = _complex((points + 0.5) * scale - 0.5)
    drawn = find_layers(
        _inside(small, width, height),
        sampled.visible,
        objects,
        ClipShape(width, height, clip.frames),
        None,
        snapped_masks(objects, picture, None, (width, height), check_interrupt),
        TrackSearch(picture, _complex(points)),
        RADIUS * max(scale),
        check_interrupt,
    )
    rendered = rendering(drawn.stack, start.movedim(-1, 0), check_interrupt=check_interrupt)
    files = []
    for time in np.linspace(0, clip.frames - 1, min(clip.frames, MOST_FRAMES)).round().astype(int):
        check_interrupt()
        frame = to_bytes(rendered.frame(int(time), check_interrupt)[:3].movedim(0, -1))
        _, file = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        files.append(struct.pack(">I", file.size) + file.tobytes())
    return b"".join(files)


def _complex(points: np.ndarray) -> np.ndarray:
    return points[..., 0] + 1j * points[..., 1]


def _inside(points: np.ndarray, width: int, height: int) -> np.ndarray:
    return points.real.clip(0, width - 1) + 1j * points.imag.clip(0, height - 1)
