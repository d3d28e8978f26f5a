"""A shape that bends as the tracks that are its pins pull it (`dragnuwa.geometry.bending`). It needs OpenCV, so what is
imported with the pack imports it where it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..geometry.bending import (
    Mesh,
    Pins,
    Raster,
    Wave,
    at_edge,
    behind,
    bend,
    beyond,
    carried,
    mesh_of,
    nearest_pin,
    small,
    stacked,
)
from ..geometry.grids import nearest
from ..geometry.warps import BendWarp
from .pins import at_rest, turns
from .types import Sway, Track

HEIGHT = {"": 0.0, "front": 1.0, "behind": -1.0}  # of what is around a pin
SAME_PLACE = 0.05  # of sqrt(area): places nearer than this count as one, where a shape lies over itself


@dataclass(frozen=True)
class BentShape:
    """A shape in all frames.

    Attributes:
        mesh: at rest.
        points: `[T, n]` complex, its points in each frame.
        order: `[m]` int, its triangles from back to front.
        reached: `[T]`, as `dragnuwa.geometry.bending.Bent.reached`.
    """

    mesh: Mesh
    points: np.ndarray
    order: np.ndarray
    reached: np.ndarray

    def warp(self) -> BendWarp:
        """It as a motion."""
        return BendWarp(Raster.at_rest(self.mesh), self.points, self.order, self.reached)

    def placed(self, place: Callable[[np.ndarray], np.ndarray], size: tuple[int, int]) -> BentShape:
        """The same in pixels of another picture of (width, height) `size`, in which `place` gives points (complex) of
        this one."""
        mesh = replace(self.mesh, points=place(self.mesh.points), size=size)
        mesh = replace(mesh, step=self.mesh.step * (mesh.area / self.mesh.area) ** 0.5)
        return replace(self, mesh=mesh, points=place(self.points))

    def moved(self, positions: np.ndarray) -> np.ndarray:
        """`[k, T]`: where points `[k]` (complex) of the shape at rest are in each frame."""
        return carried(self.mesh, self.points, positions).T

    def swaying(self, sway: Sway, s: np.ndarray, held: np.ndarray) -> BentShape:
        """It, swinging too, at fractions s [T] of the own time; `held` [k] (complex) are the places that hold it, if
        they are known."""
        wave = Wave.along(self.mesh, held)
        later = sway.waves * wave.part
        swing = sway.swing(s[:, None], later)  # [T, n]
        return replace(self, points=self.points + sway.amount * swing * wave.reach)

    def hidden(self, positions: np.ndarray) -> np.ndarray:
        """`[k, T]` bool: whether another part of the shape lies over points `[k]` (complex) of it."""
        scale = small(self.mesh, self.points)
        rest = Raster.at_rest(self.mesh.scaled(scale))
        ways = self.moved(positions) * scale
        over = [rest.bent(points * scale, self.order).sources(at, in_front=True) for points, at in
                zip(self.points, ways.T, strict=True)]  # fmt: skip
        away = np.abs(np.stack(over, -1) - (positions * scale)[:, None])  # [k, T], NaN where nothing lies over another
        return np.nan_to_num(away) > SAME_PLACE * self.mesh.area**0.5 * scale


def resting_shape(mask: np.ndarray, frames: int) -> BentShape:
    """The shape of a mask `[H, W]` from 0 to 1, not empty, at rest in all frames."""
    mesh = mesh_of(mask)
    points = np.repeat(mesh.points[None], frames, axis=0)
    return BentShape(mesh, points, stacked(mesh, points, np.zeros(len(mesh.points))), np.ones(frames))


def bent_shape(
    mask: np.ndarray,
    pins: Sequence[Track],
    ways: np.ndarray,
    fractions: np.ndarray,
    stiffness: float,
    stiff: np.ndarray | None = None,
) -> BentShape:
    """
    Args:
        mask: `[H, W]` from 0 to 1, the shape; not empty.
        pins: at least one.
        ways: `[k, T]` complex, where they are in each frame, in px of the mask.
        fractions: `[T]` of the clip, of these frames.
        stiffness: from 0, soft, to 1.
        stiff: `[H, W]` from 0 to 1, where it hardly bends; None for nowhere.
    """
    mesh = mesh_of(mask)
    turned, scaled = turns(pins, fractions)
    stays = beyond(mesh, ways[0, 0], pins[0].stays) if len(pins) == 1 else _behind_anchors(mesh, pins, ways)
    cut = at_edge(mesh)
    hard = None if stiff is None else nearest(stiff, mesh.points) >= 0.5
    bent = bend(mesh, Pins(ways[:, 0], ways - ways[:, :1], turned, scaled, stays, cut), stiffness, hard)
    height = np.array([HEIGHT[pin.over] for pin in pins])
    before = height[nearest_pin(mesh, ways[:, 0])] if height.any() else np.zeros(len(mesh.points))
    return BentShape(mesh, bent.points, stacked(mesh, bent.points, before), bent.reached)


def _behind_anchors(mesh: Mesh, pins: Sequence[Track], ways: np.ndarray) -> np.ndarray:
    """`[s]` int: the points of the mesh that the pins which neither move nor turn anything shield from the others."""
    rests = at_rest(pins, ways)
    return behind(mesh, ways[~rests, 0], ways[rests, 0])
