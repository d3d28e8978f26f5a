"""Camera motion as tracks on a grid that is fixed to the picture.

The tracks describe the motion of the picture: if the camera pans to the right, the picture moves to the left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .. import checks
from ..trajectories import Trajectories
from ..types import EASES, MAX_SIDE, PALETTE, Track
from .grid import check_count, grid, hide_outside
from .similarity import SimilarityMotion, controls

COLOR = PALETTE[9]
MAX_AMOUNT = 1_000
"""Largest pan, tilt and zoom in percent, and roll in degrees."""
MIN_ZOOM = -95
_CORNER_STEPS = 64  # of the motion, at which the corners of the picture are sampled
_WHERE = "Camera motion"


@dataclass(frozen=True)
class Camera:
    """The camera's motion over the clip, a sum of four motions.

    pan: percent of the picture's width, above 0 to the right. tilt: percent of its height, above 0 upwards.
    zoom: percent by which the picture grows about the centre: 20 moves each point away from it by 20 % of its distance.
    roll: degrees about the centre, above 0 clockwise, so that the picture turns counterclockwise.
    centre: of zoom and roll, fractions of the picture; it moves with pan and tilt.
    ease, start, end: as for a `Track`.

    Raises:
        TrajectoryError: if a value is out of range.
    """

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0
    roll: float = 0.0
    centre: tuple[float, float] = (0.5, 0.5)
    ease: str = "linear"
    start: float = 0.0
    end: float = 1.0

    def __post_init__(self):
        for name in ("pan", "tilt", "zoom", "roll"):
            low = MIN_ZOOM if name == "zoom" else -MAX_AMOUNT
            checks.number(getattr(self, name), low, MAX_AMOUNT, _WHERE, name, "20 is a fifth of the picture.")
        for value, name in zip(self.centre, ("centre_x", "centre_y"), strict=True):
            checks.number(value, -10, 10, _WHERE, name, "0.5 is the middle of the picture.")
        check_time(self.ease, self.start, self.end, _WHERE)

    def motion(self, size: tuple[int, int]) -> SimilarityMotion:
        """The motion of a picture of that size (width, height), in pixels."""
        width, height = size
        centre = complex(self.centre[0] * width, self.centre[1] * height)
        shift = complex(-self.pan / 100 * width, self.tilt / 100 * height)
        return SimilarityMotion(centre, shift, self.zoom / 100, math.radians(-self.roll))


def camera_motion(camera: Camera, size: tuple[int, int], *, spacing: float) -> Trajectories:
    """The tracks of a camera motion: one for each grid point that is inside the picture at any time of the clip,
    including those that enter from outside. A track is visible while it is inside. A static camera gives no tracks.

    Args:
        camera: its motion.
        size: (width, height) of the picture, in pixels.
        spacing: of the grid at the beginning of the clip, in pixels. Drags add up in the drag maps: with a spacing of
            2.5 sigma the maps match the motion (2 pi sigma^2 / spacing^2 = 1), with a smaller one they exceed it.
            DragNUWA's trajectory sampler places anchors every 16 pixels, and then draws a few of them.

    Raises:
        TrajectoryError: if a value is out of range, or there would be more than 16,384 tracks.
    """
    pixels, (width, height) = checks.size(size), size
    checks.number(spacing, 1, MAX_SIDE, _WHERE, "spacing", "Give the pixels between two tracks.")
    motion = camera.motion(size)
    if motion.rests:
        return Trajectories((), size)

    corners = np.array([0, width - 1, 1j * (height - 1), width - 1 + 1j * (height - 1)])
    seen = motion.origin(corners, np.linspace(0, 1, _CORNER_STEPS + 1)).ravel()  # what the corners show
    low, high = np.array([[seen.real.min(), seen.imag.min()], [seen.real.max(), seen.imag.max()]])
    positions = grid(spacing, pixels, low, high)
    paths = controls(motion, positions, np.ones(len(positions)), pixels)
    time = {"ease": camera.ease, "start": camera.start, "end": camera.end}
    tracks = [
        Track(points, id=f"camera{k}", name="camera", color=COLOR, spline=spline_of(points), **time)
        for k, points in enumerate(paths, start=1)
    ]
    tracks = hide_outside(tracks, pixels)
    check_count(len(tracks))
    return Trajectories(tuple(tracks), size)


def spline_of(points: tuple) -> str:
    """The spline of what `controls` gives."""
    return "pchip" if points[0].handle_out is None else "bezier"


def check_time(ease: str, start: float, end: float, where: str) -> None:
    """Raise TrajectoryError unless these can be a track's."""
    checks.choice(ease, EASES, where, "ease")
    checks.check_span(*checks.read_span({"start": start, "end": end}, where), where)
