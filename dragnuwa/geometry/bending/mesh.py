"""A triangle mesh inside a mask: points of a hexagonal grid and of the outline, triangulated (Delaunay), without the
triangles that leave the mask, so that nothing bridges the gap between two legs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import Delaunay, cKDTree

WORKING = 320  # px, longer side of the copy of the mask that is meshed, so that its size in pixels does not matter
INTERIOR = 350  # points inside a shape that fills its outline
MOST_ON_OUTLINE = 700
LEAST_STEP = 3.0  # px of the copy
SPACING = 0.8  # of the step, between neighbours on the outline
FROM_EDGE = 0.45  # of the step: grid points closer to the outline are left out
COVERED = 0.3  # of a pixel of the copy, from which it counts as inside; thin parts cover little of theirs
GROWN = np.ones((3, 3), np.uint8)  # one px, by which parts are grown that are thinner than this
SAMPLES = np.arange(1, 10) / 10  # along each edge, all of which must lie inside
SLIVER = 0.02  # area over the sum of the squared sides (0.144 of an equal-sided triangle), below which it is left out
WEIGHTS = 0.05, 2.0  # of an edge, least and most: obtuse triangles would have negative ones, and thin ones huge ones
LINKS = 3  # edges that tie a part to the nearest other one
LONG = 1.57  # of sqrt(area): the length of a shape, along itself, from which it has ends; that of a disc is 1.13
AT_END = 1.28  # of the least mean distance to all places: from here on, a place is at an end
CUT = 0.75  # of sqrt(area): the width, from which the picture's lower border cuts a shape off
RISING = 1.1  # of sqrt(area): the way from there to its farthest place, from which it rises
FAR_HALF = 0.5  # of that way
SAMPLED = 96  # points from which distances are measured


@dataclass(frozen=True)
class Mesh:
    """
    Attributes:
        points: `[n]` complex, in px of the mask's picture, at rest.
        triangles: `[m, 3]` int, all turned alike.
        part: `[n]` int, from 0: the number of the connected part of each point.
        edges: `[e, 2]` int, each once.
        weights: `[e]`, the cotangent weights of the edges.
        links: `[b, 2, LINKS]` int: a tree over the parts, the pairs of points by which each link ties two of them.
        step: px between neighbours.
        size: (width, height) of the mask's picture.
    """

    points: np.ndarray
    triangles: np.ndarray
    part: np.ndarray
    edges: np.ndarray
    weights: np.ndarray
    links: np.ndarray
    step: float
    size: tuple[float, float]

    @property
    def area(self) -> float:
        """Of all triangles, in px^2."""
        return float(self.areas.sum())

    @cached_property
    def areas(self) -> np.ndarray:
        """`[m]` of each triangle, positive."""
        return signed_areas(self.points[self.triangles])

    @cached_property
    def areas_of_points(self) -> np.ndarray:
        """`[n]`, a third of the triangles around each point."""
        return np.bincount(self.triangles.ravel(), np.repeat(self.areas / 3, 3), len(self.points))

    @cached_property
    def graph(self) -> csr_array:
        """`[n, n]` lengths of the edges, and of the links between parts."""
        u, v = np.concatenate([self.edges, self.links.swapaxes(1, 2).reshape(-1, 2)]).T
        return csr_array(coo_array((np.abs(self.points[u] - self.points[v]), (u, v)), shape=(len(self.points),) * 2))

    def scaled(self, factor: float) -> Mesh:
        """The same mesh in other pixels."""
        return replace(self, points=self.points * factor, step=self.step * factor,
                       size=(self.size[0] * factor, self.size[1] * factor))  # fmt: skip

    def distance(self, sources: np.ndarray) -> np.ndarray:
        """`[n]`: how far each point is from the nearest of the points `sources` [s] int, along the mesh, in px."""
        return dijkstra(self.graph, directed=False, indices=np.atleast_1d(sources), min_only=True)

    def nearest(self, positions: np.ndarray) -> np.ndarray:
        """`[k]` int: the mesh's point nearest to each of `positions` (complex)."""
        tree = cKDTree(np.stack([self.points.real, self.points.imag], -1))
        return tree.query(np.stack([positions.real, positions.imag], -1))[1]

    def located(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The triangle of each of `positions` [k] (complex) and its barycentric coordinates there: `[k, 3]` int, the
        points, and `[k, 3]`. What lies outside of the mesh is at the nearest place on it."""
        a, b, c = self.points[self.triangles].T  # [m]
        q = positions[:, None]  # [k, 1]
        u = _cross(q - a, c - a) / _cross(b - a, c - a)
        v = _cross(b - a, q - a) / _cross(b - a, c - a)
        shares = np.stack([1 - u - v, u, v], -1)  # [k, m, 3]
        inside = shares.min(-1) >= -1e-9
        clamped = np.stack([_on_edge(q, *ends) for ends in ((a, b), (b, c), (c, a))], -1)  # [k, m, 3] complex
        way = np.where(inside, 0, np.abs(clamped - q[..., None]).min(-1))  # [k, m]
        best, rows = way.argmin(1), np.arange(len(positions))
        edge = np.abs(clamped - q[..., None])[rows, best].argmin(-1)
        at = np.where(inside[rows, best], positions, clamped[rows, best, edge])
        a, b, c = self.points[self.triangles[best]].T
        u, v = _cross(at - a, c - a) / _cross(b - a, c - a), _cross(b - a, at - a) / _cross(b - a, c - a)
        return self.triangles[best], np.stack([1 - u - v, u, v], -1).clip(0, 1)


def carried(mesh: Mesh, points: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """`[..., k]`: where a mesh whose points are at `points` [..., n] has taken `positions` [k] (complex) of it at rest;
    what lies beside it goes along with the nearest place."""
    corners, shares = mesh.located(positions)
    beside = positions - (mesh.points[corners] * shares).sum(-1)
    return (points[..., corners] * shares).sum(-1) + beside


def mesh_of(mask: np.ndarray) -> Mesh:
    """The mesh of a mask `[H, W]` from 0 to 1, which must not be empty."""
    inside, scale, origin = _reduced(mask)
    step = max(LEAST_STEP, (2 * inside.sum() / (3**0.5 * INTERIOR)) ** 0.5)
    spots = np.concatenate([_grid(inside, step), _outlines(inside, step)])  # [n, 2]
    spots = np.unique(spots.round(3), axis=0)
    triangles = _inside(spots, Delaunay(spots).simplices, inside)
    used, triangles = np.unique(triangles, return_inverse=True)
    triangles = triangles.reshape(-1, 3)
    points = (spots[used, 0] + 0.5 + 1j * (spots[used, 1] + 0.5)) * scale - (0.5 + 0.5j) + origin
    edges, weights = _edges(points, triangles)
    links = coo_array((np.ones(len(edges)), edges.T), shape=(len(points),) * 2)
    count, part = connected_components(links, directed=False)
    return Mesh(points, triangles, part, edges, weights, _links(points, part, count), step * scale, mask.shape[::-1])


def signed_areas(corners: np.ndarray) -> np.ndarray:
    """Of triangles `[..., 3]` complex, in px^2; positive clockwise, as seen with y downwards."""
    return _cross(corners[..., 1] - corners[..., 0], corners[..., 2] - corners[..., 0]) / 2


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return u.real * v.imag - u.imag * v.real


def _on_edge(q: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The point of the segment from a to b that is nearest to q."""
    way = b - a
    return a + ((q - a) * way.conj()).real.clip(0, np.abs(way) ** 2) / np.abs(way) ** 2 * way


def _reduced(mask: np.ndarray) -> tuple[np.ndarray, float, complex]:
    """The mask's box at the working size `[h, w]` bool, with a margin; px of the picture per px of it; and its
    origin."""
    own = mask >= min(0.5, float(mask.max()))
    rows, columns = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
    part = own[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    scale = max(1.0, max(part.shape) / WORKING)
    width, height = (max(1, -int(-side // scale)) for side in part.shape[::-1])
    shrunk = np.array([[1 / scale, 0, 0.5 / scale - 0.5], [0, 1 / scale, 0.5 / scale - 0.5]])
    if scale > 1:
        blurred = cv2.blur(part, (round(scale) | 1,) * 2, borderType=cv2.BORDER_CONSTANT)
        part = cv2.warpAffine(blurred, shrunk, (width, height), flags=cv2.INTER_LINEAR)
    inside = np.pad(part >= min(COVERED, float(part.max())), 3).astype(np.uint8)
    thin = inside - cv2.morphologyEx(inside, cv2.MORPH_OPEN, GROWN)
    inside = (inside | cv2.dilate(thin, GROWN)) > 0
    return inside, scale, complex(columns[0], rows[0]) - (3 + 3j) * scale


def _grid(inside: np.ndarray, step: float) -> np.ndarray:
    """`[n, 2]`: the points of a hexagonal grid that lie inside, away from the edge."""
    height, width = inside.shape
    rows = np.arange(0, height, step * 3**0.5 / 2)
    columns = np.arange(0, width, step)
    x = columns[None] + np.where(np.arange(len(rows)) % 2, step / 2, 0)[:, None]
    spots = np.stack([x, np.broadcast_to(rows[:, None], x.shape)], -1).reshape(-1, 2)
    depth = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    at = spots.round().astype(int)
    within = (at[:, 0] < width) & (at[:, 1] < height)
    spots, at = spots[within], at[within]
    return spots[depth[at[:, 1], at[:, 0]] > FROM_EDGE * step]


def _outlines(inside: np.ndarray, step: float) -> np.ndarray:
    """`[n, 2]`: points along all outlines, evenly spaced, at least three on each."""
    rings, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings = [ring[:, 0].astype(np.float64) for ring in rings if len(ring) > 2]
    lengths = [np.abs(np.diff(ring @ (1, 1j), append=ring[0] @ (1, 1j))) for ring in rings]
    spacing = max(SPACING * step, sum(each.sum() for each in lengths) / MOST_ON_OUTLINE)
    found = []
    for ring, length in zip(rings, lengths, strict=True):
        count = max(3, round(length.sum() / spacing))
        at = np.arange(count) / count * length.sum()
        found.append(ring[np.searchsorted(np.cumsum(length), at, side="right").clip(0, len(ring) - 1)])
    return np.concatenate(found)


def _inside(spots: np.ndarray, triangles: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The triangles, turned alike, that lie inside: by their centres, and by points along their edges. If there are
    none, as in a speck, all."""
    corners = spots[triangles] @ (1, 1j)  # [m, 3]
    area = signed_areas(corners)
    triangles = np.where(area[:, None] < 0, triangles[:, ::-1], triangles)
    corners = np.where(area[:, None] < 0, corners[:, ::-1], corners)
    ahead = np.roll(corners, -1, axis=1)
    along = corners[..., None] + SAMPLES * (ahead - corners)[..., None]  # [m, 3, S]
    tested = np.concatenate([along.reshape(len(triangles), -1), corners.mean(1)[:, None]], 1)
    wider = cv2.dilate(inside.astype(np.uint8), GROWN) > 0
    on = wider[tested.imag.round().astype(int), tested.real.round().astype(int)]
    on[:, -1] = inside[tested[:, -1].imag.round().astype(int), tested[:, -1].real.round().astype(int)]
    solid = np.abs(area) > 1e-3
    full = np.abs(area) > SLIVER * (np.abs(ahead - corners) ** 2).sum(1)  # along a straight edge there are slivers
    for kept in (on.all(1) & full, on.all(1) & solid):
        if kept.any():
            return triangles[kept]
    return triangles[solid]


def _edges(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each edge once, `[e, 2]`, and its weight: half the sum of the cotangents of the angles that face it."""
    corners = points[triangles]  # [m, 3]
    first, second = (np.roll(corners, turn, axis=1) - corners for turn in (-1, -2))
    cotangent = (first * second.conj()).real / np.maximum(np.abs(_cross(first, second)), 1e-9)
    ends = np.sort(np.stack([np.roll(triangles, -1, axis=1), np.roll(triangles, -2, axis=1)], -1).reshape(-1, 2), 1)
    edges, of = np.unique(ends, axis=0, return_inverse=True)
    weights = np.bincount(of.ravel(), cotangent.ravel() / 2, len(edges))
    return edges, weights.clip(*WEIGHTS)


def _links(points: np.ndarray, part: np.ndarray, count: int) -> np.ndarray:
    """`[count - 1, 2, LINKS]`: the pairs of points that tie each part to the nearest of those tied before."""
    flat = np.stack([points.real, points.imag], -1)
    largest = np.bincount(part).argmax()
    tied = part == largest
    links = []
    while not tied.all():
        there = np.flatnonzero(tied)
        way, nearest = cKDTree(flat[there]).query(flat[~tied])
        rest = np.flatnonzero(~tied)
        mine = part[rest] == part[rest[way.argmin()]]
        order = np.flatnonzero(mine)[np.argsort(way[mine], kind="stable")[:LINKS]]
        order = order[np.arange(LINKS) % len(order)]
        links.append((there[nearest[order]], rest[order]))
        tied |= part == part[rest[order[0]]]
    return np.array(links, dtype=int).reshape(-1, 2, LINKS)


def is_at_end(mesh: Mesh, at: complex) -> bool:
    """Whether `at` (px) is so far from most of the shape, along it, that pulling there should bend it: at an end of a
    long shape, or in the far half of one that rises from the picture's lower border, such as a head in a portrait, of
    which the rest stays where it is. In a compact shape, such as a fruit, a cup or a camera, no place is."""
    count, unit = len(mesh.points), mesh.area**0.5
    nearest = mesh.nearest(np.array([at]))[0]
    some = np.unique(np.linspace(0, count - 1, min(SAMPLED, count)).astype(int))
    way = dijkstra(mesh.graph, directed=False, indices=some)  # [S, n]
    mean = way.mean(0)
    if way.max() >= LONG * unit and mean[nearest] >= AT_END * mean.min():
        return True
    way = from_below(mesh)
    return way is not None and bool(way[nearest] >= FAR_HALF * way.max())


def from_below(mesh: Mesh) -> np.ndarray | None:
    """`[n]`: how far each point of a shape is from the picture's lower border, along it, in px; None if that does not
    cut it off, or it does not rise from there, as somebody in a portrait does."""
    unit = mesh.area**0.5
    cut = mesh.points.imag >= mesh.size[1] - 1 - mesh.step
    if not cut.any() or np.ptp(mesh.points.real[cut]) < CUT * unit:
        return None
    way = mesh.distance(np.flatnonzero(cut))
    return way if way.max() >= RISING * unit else None
