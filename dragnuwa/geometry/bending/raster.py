"""The inverse of a bent mesh: for points of a frame, where in the picture they come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from scipy.sparse import csr_array

from ..grids import Box, continued
from .mesh import Mesh, signed_areas

MARGIN = 0.06  # of sqrt(area): how far beyond the mesh it is continued, for hair and soft edges
BITS = 4  # of a pixel's fraction in the raster
NONE = -1
FLAT = 1e-3  # of its area at rest, below which a triangle is not drawn
STRAY, STRAYS = 2.0, 0.35  # px and of the distance: how far a continued place may come back from where it is
RINGS = 2  # of triangles that touch: the nearest ones of the same part
BEYOND = 0.25  # of the picture's sides: how far outside of the picture a shape is drawn
SMALL = 64  # px, square root of the area of the copy in which it is looked for whether a shape lies over itself
WIDEST = 512  # px, of that copy in all frames
STILL = 0.75  # px, up to which a place counts as resting
APART = 2.0  # px and times the stretching, by which two places that one pixel shows differ


@dataclass(frozen=True)
class Raster:
    """A mesh bent in one frame.

    Attributes:
        mesh: at rest.
        points: `[n]` complex, in the frame.
        order: `[m]` int, the triangles from back to front.
        rest: the same mesh at rest, shared by all frames; None if this is it.
        least_margin: px, how far beyond the mesh it is continued at least.
    """

    mesh: Mesh
    points: np.ndarray
    order: np.ndarray
    rest: Raster | None = None
    least_margin: int = 0

    @classmethod
    def at_rest(cls, mesh: Mesh) -> Raster:
        return cls(mesh, mesh.points, np.arange(len(mesh.triangles)))

    def bent(self, points: np.ndarray, order: np.ndarray) -> Raster:
        """This mesh at rest, bent in one frame."""
        return Raster(self.mesh, points, order, self, self.least_margin)

    @property
    def margin(self) -> int:
        """px beyond the mesh."""
        return max(3, self.least_margin, round(MARGIN * self.mesh.area**0.5))

    @cached_property
    def _reach(self) -> tuple[int, int, int, int]:
        """The first column and row that it reaches, and those behind the last ones, at most `BEYOND` the picture: what
        is pulled far away stretches over millions of pixels that nobody sees."""
        spans = []
        for along, side in zip((self.points.real, self.points.imag), self.mesh.size, strict=True):
            first = np.floor(max(along.min(), -BEYOND * side)) - self.margin
            last = np.ceil(min(along.max(), (1 + BEYOND) * side)) + self.margin
            spans.append((int(first), int(max(last, first)) + 1))
        (left, right), (top, bottom) = spans
        return left, top, right, bottom

    @property
    def origin(self) -> tuple[int, int]:
        """The first column and row."""
        return self._reach[:2]

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and columns."""
        left, top, right, bottom = self._reach
        return bottom - top, right - left

    def sources(self, positions: np.ndarray, in_front: bool = False) -> np.ndarray:
        """The place at rest of `positions` (complex, any shape) of the frame; NaN where it is not.

        Where it lies over itself this is the hindmost place, and with `in_front` the foremost, NaN elsewhere.
        """
        shown = self._front if in_front else self._back
        left, top = self.origin
        height, width = self.shape
        flat = positions.ravel()
        x, y = np.rint(flat.real) - left, np.rint(flat.imag) - top  # NaN stays
        on = np.flatnonzero((x >= 0) & (y >= 0) & (x < width) & (y < height))
        number = shown.ravel()[(y[on] * width + x[on]).astype(np.intp)]
        on, number = on[number != NONE], number[number != NONE]
        found = np.full(flat.shape, complex(np.nan, np.nan))
        found[on] = self._inverse(number, flat[on])
        return found.reshape(positions.shape)

    def moving(self) -> list[tuple[tuple[int, int], np.ndarray]]:
        """Where the shape does not rest: areas `[h, w]` bool, each with its first column and row. The places that move,
        before they do, with what is nearer to them than to others; and where they are now."""
        away = np.abs(self.points - self.mesh.points) > STILL
        moves = np.append(away[self.mesh.triangles].any(1), False)  # the last one stands for none
        rest = self.rest or self
        return [(rest.origin, moves[rest._labels]), (self.origin, moves[self._back] | moves[self._front])]

    @cached_property
    def box_in_front(self) -> Box:
        """The bounding box of what lies over another part, which may be empty."""
        left, top, width, height = cv2.boundingRect((self._front != NONE).astype(np.uint8))
        return Box(left, top, left + width, top + height).shifted(*self.origin)

    @property
    def lies_over_itself(self) -> bool:
        """Whether some of it hides another part."""
        return bool((self._front != NONE).any())

    @cached_property
    def _affine(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """a, b, c of each triangle `[m]`: the place at rest is a z + b conj(z) + c."""
        return affine(self.points[self.mesh.triangles], self.mesh.points[self.mesh.triangles])

    @cached_property
    def _forward(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The opposite of `_affine`."""
        return affine(self.mesh.points[self.mesh.triangles], self.points[self.mesh.triangles])

    def _inverse(self, number: np.ndarray, positions: np.ndarray) -> np.ndarray:
        a, b, c = self._affine
        return a[number] * positions + b[number] * np.conj(positions) + c[number]

    @cached_property
    def _hindmost(self) -> np.ndarray:
        """`[h, w]` int32: the hindmost triangle on each pixel."""
        return self._drawn(self.order[::-1])

    @cached_property
    def _back(self) -> np.ndarray:
        """`[h, w]` int32: the triangle that each pixel shows, the hindmost; also beyond the mesh."""
        return self._continued(self._hindmost)

    @cached_property
    def _front(self) -> np.ndarray:
        """`[h, w]` int32: the foremost one, where that is another place of the shape."""
        front, back = self._drawn(self.order), self._hindmost
        differs = np.flatnonzero(front != back)
        if not len(differs):
            return np.full(self.shape, NONE, np.int32)
        y, x = np.divmod(differs, self.shape[1])
        left, top = self.origin
        at = x + left + 1j * (y + top)
        upper, lower = front.ravel()[differs], back.ravel()[differs]
        away = np.abs(self._inverse(upper, at) - self._inverse(lower, at))
        a, b, _ = self._affine
        stretched = np.maximum(np.abs(a[upper]) + np.abs(b[upper]), np.abs(a[lower]) + np.abs(b[lower]))
        over = np.full(front.size, NONE, np.int32)
        hides = away > APART * np.maximum(1, stretched)
        over[differs[hides]] = upper[hides]
        over = over.reshape(self.shape)
        return self._continued(over) if hides.any() else over

    def _drawn(self, order: np.ndarray) -> np.ndarray:
        """`[h, w]` int32: the last triangle of the order on each pixel."""
        left, top = self.origin
        corners = self.points[self.mesh.triangles] - (left + 1j * top)
        solid = np.abs(signed_areas(corners)) > FLAT * self.mesh.areas
        fixed = np.rint(np.stack([corners.real, corners.imag], -1) * 2**BITS).astype(np.int32)  # [m, 3, 2]
        shown = np.full(self.shape, NONE, np.int32)
        for number in order:
            if solid[number]:
                cv2.fillConvexPoly(shown, fixed[number], int(number), cv2.LINE_8, BITS)
        return shown

    def _continued(self, shown: np.ndarray) -> np.ndarray:
        """Beyond the mesh the nearest triangle goes on, but not into another part of the shape: a place that it shows
        must come back to where it is shown, or lie beyond a near neighbour."""
        empty = shown == NONE
        if not empty.any() or empty.all():
            return shown
        spread, way = continued(shown, ~empty)
        rim = np.flatnonzero(empty & (way <= self.margin))
        number = spread.ravel()[rim]
        y, x = np.divmod(rim, self.shape[1])
        at = x + self.origin[0] + 1j * (y + self.origin[1])
        place = self._inverse(number, at)
        own = (self.rest or self)._nearest(place)
        a, b, c = self._forward
        back = a[own] * place + b[own] * np.conj(place) + c[own]
        good = np.abs(back - at) <= STRAY + STRAYS * way.ravel()[rim]
        good = (own != NONE) & (good | (self.rest or self)._neighbours[number, own])
        found = shown.copy().ravel()
        found[rim[good]] = number[good]
        return found.reshape(self.shape)

    @cached_property
    def _neighbours(self) -> np.ndarray:
        """`[m, m]` bool: which triangles are at most `RINGS` apart. Where the edge is sheared, a place beyond one of
        them is beyond the next one at rest, and still no other part."""
        triangles = self.mesh.triangles
        rows = np.repeat(np.arange(len(triangles)), 3)
        has = csr_array((np.ones(rows.size), (rows, triangles.ravel())), shape=(len(triangles), len(self.mesh.points)))
        touching = has @ has.T
        near = touching
        for _ in range(RINGS - 1):
            near = near @ touching
        return near.toarray() > 0

    def _nearest(self, places: np.ndarray) -> np.ndarray:
        """`[k]` int: the triangle nearest to places (complex) around the mesh; `NONE` further away."""
        left, top = self.origin
        height, width = self.shape
        x, y = np.rint(places.real).astype(int) - left, np.rint(places.imag).astype(int) - top
        on = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        return np.where(on, self._labels[y.clip(0, height - 1), x.clip(0, width - 1)], NONE)

    @cached_property
    def _labels(self) -> np.ndarray:
        """`[h, w]` int32: the nearest triangle of each pixel."""
        drawn = self._drawn(self.order)
        empty = drawn == NONE
        return drawn if empty.all() else continued(drawn, ~empty)[0]


def affine(corners: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The maps z -> a z + b conj(z) + c `[m]` that take triangles `corners` [m, 3] to `there`; flat ones to a
    corner."""
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    p, q = there[:, 1] - there[:, 0], there[:, 2] - there[:, 0]
    twice = u * v.conj() - u.conj() * v  # 2i times the area, negative
    safe = np.where(np.abs(twice) > 1e-9, twice, 1)
    a = np.where(np.abs(twice) > 1e-9, (p * v.conj() - q * u.conj()) / safe, 0)
    b = np.where(np.abs(twice) > 1e-9, (u * q - v * p) / safe, 0)
    return a, b, there[:, 0] - a * corners[:, 0] - b * corners[:, 0].conj()


def small(mesh: Mesh, points: np.ndarray) -> float:
    """The scale of the copy in which it is looked for what hides what; `points` [T, n] as `Raster.points`."""
    widest = max(np.ptp(points.real, 1).max(), np.ptp(points.imag, 1).max())
    return min(SMALL / mesh.area**0.5, WIDEST / max(widest, np.finfo(float).tiny))


def lies_over_itself(mesh: Mesh, points: np.ndarray, order: np.ndarray) -> bool:
    """Whether a mesh hides some of itself in any frame; `points` [T, n] as `Raster.points`. Found in small."""
    scale = small(mesh, points)
    rest = Raster.at_rest(mesh.scaled(scale))
    return any(rest.bent(frame * scale, order).lies_over_itself for frame in points)


def stacked(mesh: Mesh, points: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The triangles `[m]` of a mesh from back to front: by how far `before` [n] others their points lie, and then what
    moves further in `points` [T, n] before what moves less."""
    way = np.abs(points - mesh.points).max(0)  # [n]
    height = before + 0.5 * way / max(way.max(), np.finfo(float).tiny)
    return np.argsort(height[mesh.triangles].mean(1), kind="stable")
