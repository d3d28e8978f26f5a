"""The playback of a drawing on the page: a small carried video, as a sequence of JPEG pictures."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from ..carry.bent import PinTracks
from ..carry.composite import sampled_tracks
from ..carry.depth.cameras.paths import CameraPath
from ..carry.depth.cut import cut_things
from ..carry.depth.parallax import seen_frames
from ..carry.depth.path import CameraMoves
from ..carry.depth.readers import DrawnDepth
from ..carry.depth.scene import DepthScene
from ..carry.find import find_layers, snapped_masks
from ..carry.layers import Stack
from ..carry.rendering import rendering
from ..carry.settings import RADIUS
from ..common.clip_shape import ClipShape
from ..common.images import to_bytes
from ..common.interrupt import checkpoint
from ..trajectory import SampledTracks, Trajectories
from ..trajectory.sampling import without_drift
from ..vision.inpainting.fill import fill_smoothly
from ..vision.segmentation.find import TrackSearch
from ..vision.segmentation.prepared import PreparedPicture

LONGEST = 640  # px, maximum longer side of the video
MOST_FRAMES = 96  # frames sent at most; of longer clips, evenly spaced ones
MOST_SEEN = 32  # the same of a moving camera
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
    picture: PreparedPicture, start: Tensor, trajectories: Trajectories, clip: ClipShape, through: Through | None = None
) -> bytes:
    """The carried video of a picture and drags, as from `dragnuwa.carry.carry_clip` with default settings; or seen by a
    camera that moves through it.

    Args:
        picture: prepared for this clip.
        start: `[H, W, 3]` from 0 to 1, the picture fitted to the clip, of the size `played_size`.
        trajectories: drags and objects.
        clip: size and number of frames.
        through: that camera; what the picture does not show is filled smoothly then, and hatched.

    Returns:
        For each frame sent, evenly spaced from the first to the last: the length of its JPEG file as a big-endian
        32-bit number, and the file.

    Raises:
        ValueError: as `carry_clip`, if the drags carry nothing.
    """
    if through is None:
        sampled, most = sampled_tracks(trajectories, clip), MOST_FRAMES
    else:
        sampled, most = replace(trajectories, objects=()).at_frames(clip), MOST_SEEN
    stack = _stack(picture, start, trajectories, clip, sampled)
    times = np.linspace(0, clip.frames - 1, min(clip.frames, most)).round().astype(int).tolist()
    frames = _carried(stack, start, times) if through is None else _seen(stack, start, times, clip.frames, through)
    files = []
    for frame in frames:
        _, file = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        files.append(struct.pack(">I", file.size) + file.tobytes())
    return b"".join(files)


def _carried(stack: Stack, start: Tensor, times: list[int]) -> Iterator[np.ndarray]:
    """The frames `[H, W, 3]`, in bytes, at some times."""
    rendered = rendering(stack, start.movedim(-1, 0))
    for time in times:
        checkpoint()
        yield to_bytes(rendered.frame(time)[:3].movedim(0, -1))


def _seen(stack: Stack, start: Tensor, times: list[int], frames: int, through: Through) -> Iterator[np.ndarray]:
    """The same of a camera that moves through the picture, in a clip of so many frames."""
    cut = cut_things(stack, start.movedim(-1, 0), through.scene, through.grows, fill_smoothly)
    cameras = through.path.cameras(through.moves, cut.scene, frames)
    for seen in seen_frames(start, cut.scene, cameras, times, cut=cut, fill_with=fill_smoothly):
        yield _hatched(to_bytes(torch.from_numpy(seen.colors)), seen.missing)


def _hatched(frame: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """A frame with stripes over what the picture does not show."""
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]]
    striped = ((x + y) % STRIPE < STRIPE // 2) & (missing > 0.5)
    return np.where(striped[..., None], (frame * (1 - STRIPED)).astype(np.uint8), frame)


def _stack(
    picture: PreparedPicture, start: Tensor, trajectories: Trajectories, clip: ClipShape, sampled: SampledTracks
) -> Stack:
    """The layers that the drags and objects move, of the start's size."""
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
        snapped_masks(objects, picture, None, (width, height)),
        TrackSearch(picture, _complex(points)),
        RADIUS * max(scale),
        PinTracks.of(sampled.tracks),
    )
    return drawn.stack


def _complex(points: np.ndarray) -> np.ndarray:
    return points[..., 0] + 1j * points[..., 1]


def _inside(points: np.ndarray, width: int, height: int) -> np.ndarray:
    return points.real.clip(0, width - 1) + 1j * points.imag.clip(0, height - 1)
