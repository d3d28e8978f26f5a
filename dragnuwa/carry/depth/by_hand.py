"""Depth that is drawn by hand: a ground up to its horizon, what is far behind it, and objects at their distances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.errors import InputError
from ...trajectory.types import MAX_HORIZON, MIN_HORIZON
from .lens import of_angle
from .readers import VIEW_ANGLE
from .scene import DepthScene

MOST_FARTHEST = 1e6


@dataclass(frozen=True)
class Plane:
    """A plane seen in a picture: its disparity at the point x + iy, in pixels, is across * x + down * y + constant."""

    across: float
    down: float
    constant: float

    def at(self, place: complex) -> float:
        return self.across * place.real + self.down * place.imag + self.constant


@dataclass(frozen=True)
class DrawnDepth:
    """Distances are in units of that to the ground at the picture's lower edge.

    Attributes:
        horizon: of the ground, as a fraction of the picture's height from its top; None without a ground.
        farthest: distance of what lies above the ground, or of everything but the objects if there is no ground.
        angle: degrees that the longer side of the picture shows.

    Raises:
        InputError: if a value is out of range.
    """

    horizon: float | None = None
    farthest: float = 10.0
    angle: float = VIEW_ANGLE

    def __post_init__(self):
        if self.horizon is not None and not MIN_HORIZON <= self.horizon <= MAX_HORIZON:
            raise InputError(f"The horizon should be from {MIN_HORIZON:g} to {MAX_HORIZON:g}; found {self.horizon:g}.")
        if not 1 < self.farthest <= MOST_FARTHEST:  # not NaN either
            raise InputError(
                f"The farthest should be more than once as far as the nearest, and at most {MOST_FARTHEST:g} times; "
                f"found {self.farthest:g}."
            )

    def scene(self, size: tuple[int, int]) -> DepthScene:
        """The picture of (width, height) `size` without its objects."""
        width, height = size
        rows = np.full(height, 1 / self.farthest)
        ground = self.ground(height)
        if ground is not None:
            rows = np.maximum(rows, ground.down * np.arange(height) + ground.constant)
        disparity = np.repeat(rows[:, None], width, 1).astype(np.float32)
        return DepthScene(disparity, of_angle(self.angle, size))

    def ground(self, height: int) -> Plane | None:
        """The ground in a picture of that height, in pixels."""
        if self.horizon is None:
            return None
        down = 1 / ((1 - self.horizon) * height)
        return Plane(0.0, down, down * (0.5 - self.horizon * height))  # 1 at the lower edge, half a pixel below the row

    def disparity(self, foot: complex, height: int) -> float:
        """That of an object whose lowest point is `foot`, in pixels: where it stands on the ground, or far away if that
        is above the ground. Without a ground, 1."""
        ground = self.ground(height)
        return 1.0 if ground is None else max(ground.at(foot), 1 / self.farthest)
