"""A picture with the depth of each pixel, as pieces of planes.

Disparity is 1 / depth. On a plane it is a linear function of the pixel's place, so that each pixel with its disparity
and its slope is a piece of a plane, and where that is seen from another camera is exact. Points are (x, y) in pixels,
(0, 0) being the centre of the first one; cameras look along +z, with x to the right and y down.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...common.errors import InputError

STEP = 0.06  # part of the nearer disparity: a larger change from one pixel to the next is the edge of an object
BLOCK = 16  # px, the side of the blocks of which the range of disparity is known
BENT = 0.5  # of the change itself: on a plane, however steep, the changes before and after it are the same
WHITE = ("near", "far")
"""What is white in a picture of depth. Its grey is linear in disparity (1 / depth) with "near", in depth with "far"."""


@dataclass(frozen=True)
class DepthScene:
    """
    Attributes:
        disparity: `[H, W]` float32, 1 / depth in any unit; 0 is infinitely far, as sky.
        intrinsics: `[3, 3]`, of the camera, in pixels.
    """

    disparity: np.ndarray
    intrinsics: np.ndarray

    def __post_init__(self):
        if self.disparity.ndim != 2 or min(self.disparity.shape) < 2 or not np.isfinite(self.disparity).all():
            raise InputError("The disparity should be [H, W] and finite.")
        if (self.disparity < 0).any():
            raise InputError("The depth has to be above 0. Connect the depth of the same picture.")

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.disparity.shape[1], self.disparity.shape[0]

    @cached_property
    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """Where an object ends between a pixel and the next one: `[H, W-1]` to the right, `[H-1, W]` downwards."""
        return _steps(self.disparity), _steps(self.disparity.T).T

    @cached_property
    def has_steps(self) -> bool:
        return any(bool(each.any()) for each in self.steps)

    @cached_property
    def slopes(self) -> tuple[np.ndarray, np.ndarray]:
        """`[H, W]` float32 each: the change of disparity per px to the right and downwards, within the same object."""
        right, down = self.steps
        return _slopes(self.disparity, right), np.ascontiguousarray(_slopes(self.disparity.T, down.T).T)

    @cached_property
    def thin(self) -> tuple[np.ndarray, np.ndarray]:
        """`[H, W]` bool each: pixels of something that is one pixel wide, or high, whose slope there is not known."""
        right, down = self.steps
        return _thin(right), np.ascontiguousarray(_thin(down.T).T)

    @cached_property
    def planes(self) -> np.ndarray:
        """`[H, W, 3]` float32: for each pixel n, where n . X = 1 holds for the points X of its plane; 0 at infinity."""
        across, down = self.slopes
        width, height = self.size
        constant = self.disparity - across * np.arange(width) - down * np.arange(height)[:, None]  # float64
        found = np.empty((height, width, 3), np.float32)
        for axis, (a, b, c) in enumerate(self.intrinsics.T):
            found[..., axis] = across * a + down * b + constant * c  # K^T [across, down, constant]
        return found

    @cached_property
    def blocks(self) -> tuple[np.ndarray, ...]:
        """`[h, w]` each, of blocks of `BLOCK` px: the columns and rows of their first and last pixels (left, top,
        right, bottom), and their least and largest disparity."""
        (width, height), numbers = self.size, (np.arange(0, side, BLOCK) for side in self.size)
        left, top = np.meshgrid(*numbers)
        right, bottom = (np.minimum(first + BLOCK, side) - 1 for first, side in ((left, width), (top, height)))
        ends = [
            least_or_most.reduceat(least_or_most.reduceat(self.disparity, top[:, 0], 0), left[0], 1)
            for least_or_most in (np.minimum, np.maximum)
        ]
        return left, top, right, bottom, *ends

    def distance(self, x: float, y: float) -> float:
        """The depth at a place in fractions of the picture; of sky, the largest depth there is, and 1 without any.

        The median around the place, so that it is that of the object rather than of an edge.
        """
        width, height = self.size
        column, row = (int(np.clip(round(part * side), 0, side - 1)) for part, side in ((x, width), (y, height)))
        reach = max(1, min(width, height) // 100)
        around = self.disparity[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
        found = float(np.median(around))
        known = self.disparity[self.disparity > 0]
        return 1 / (found if found > 0 else float(known.min()) if len(known) else 1.0)


def _steps(disparity: np.ndarray) -> np.ndarray:
    change = np.diff(disparity, axis=1)  # [H, W-1]
    nearer = np.maximum(disparity[:, 1:], disparity[:, :-1])
    before, after = np.roll(change, 1, 1), np.roll(change, -1, 1)
    before[:, 0], after[:, -1] = change[:, 0], change[:, -1]
    bent = np.minimum(np.abs(change - before), np.abs(change - after)) > BENT * np.abs(change)
    return (np.abs(change) > STEP * nearer) & bent


def _thin(steps: np.ndarray) -> np.ndarray:
    border = np.ones((len(steps), 1), bool)
    return np.concatenate([border, steps], 1) & np.concatenate([steps, border], 1)


def _slopes(disparity: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """The smaller of the changes to both neighbours that belong to the same object; 0 without one."""
    change = np.where(steps, np.nan, np.diff(disparity.astype(np.float64), axis=1))
    outside = np.full((len(disparity), 1), np.nan)
    before, after = np.concatenate([outside, change], 1), np.concatenate([change, outside], 1)
    smaller = np.where(np.abs(before) <= np.abs(after), before, after)
    found = np.where(np.isnan(before), after, np.where(np.isnan(after), before, smaller))
    return np.nan_to_num(found).astype(np.float32)


@dataclass(frozen=True)
class Plane:
    """A plane seen in a picture: its disparity at the point x + iy, in pixels, is across * x + down * y + constant."""

    across: float
    down: float
    constant: float

    def at(self, place: complex) -> float:
        return self.across * place.real + self.down * place.imag + self.constant
