"""What pulls at a shape: pins that are moved, turned and scaled, and points that stay; and how it swings."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse.csgraph import connected_components

from .mesh import Mesh

FURTHER = 0.2  # of the way from where points stay to the furthest one, that an area which stays reaches
DETOUR = 1.2  # times the way from a moved pin: up to here, a way past one that holds its place counts as the way
LOWEST = 0.05  # of its height: what holds a shape that nothing else holds
STEM = 1.5  # power of the part by which the swing grows: a stem bends little near the ground
NOTHING = np.zeros(0, int)


@dataclass(frozen=True)
class Pins:
    """
    Attributes:
        at: `[k]` complex, where they hold the shape at rest, in px. A pin outside of it holds the nearest place.
        moved: `[k, T]` complex, their displacement in each frame.
        turned: `[k, T]` radians, positive clockwise, how what is around a pin turns; NaN where it turns by itself.
        scaled: `[k, T]`, the size of what is around it, 1 at rest.
        stays: `[s]` int, the points of the mesh that rest.
        cut: `[c]` int, those at the picture's edge, which cuts the shape off: they rest if nothing pulls hard.
    """

    at: np.ndarray
    moved: np.ndarray
    turned: np.ndarray
    scaled: np.ndarray
    stays: np.ndarray = field(default_factory=lambda: NOTHING)
    cut: np.ndarray = field(default_factory=lambda: NOTHING)

    @classmethod
    def along(cls, ways: np.ndarray, stays: np.ndarray = NOTHING) -> Pins:
        """Pins that are moved along `ways` [k, T] (complex), and turn by themselves."""
        return cls(ways[:, 0], ways - ways[:, :1], np.full(ways.shape, np.nan), np.ones(ways.shape), stays)


def beyond(mesh: Mesh, at: complex, part: float) -> np.ndarray:
    """What stays by itself when a single pin bends a shape: `[s]` int, the points that are further from `at`, along the
    mesh, than `part` (0..1) of the furthest; at least the furthest one.

    Where such points form several areas, as feet and a tail do, an area none of whose points are `FURTHER` goes along:
    the ears of a head that is pulled by its nose.
    """
    way = mesh.distance(mesh.nearest(np.array([at])))
    way = way / max(way.max(), np.finfo(float).tiny)
    stays = np.flatnonzero((way > part) | (way == 1))
    area = connected_components(mesh.graph[stays][:, stays], directed=False)[1]
    furthest = np.zeros(area.max() + 1)
    np.maximum.at(furthest, area, way[stays])
    return stays[furthest[area] >= part + FURTHER * (1 - part)]


def behind(mesh: Mesh, moved: np.ndarray, held: np.ndarray) -> np.ndarray:
    """What rests by itself since it lies behind pins that hold their places: `[s]` int, the points of the mesh to which
    the way from every moved pin, along the mesh, leads past one that is held. With a shoulder held, a hand that is
    dragged moves the arm and nothing else.

    Args:
        moved, held: the places `[k]` (complex) of both.
    """
    if not len(moved) or not len(held):
        return NOTHING
    holds = mesh.nearest(held)
    past = np.stack([mesh.distance(hold) for hold in holds])  # [h, n]
    stays = np.ones(len(mesh.points), bool)
    for start in mesh.nearest(moved):
        way = mesh.distance(start)
        there = way[holds][:, None]
        stays &= ((way >= there) & (there + past <= DETOUR * way)).any(0)
    return np.flatnonzero(stays)


def at_edge(mesh: Mesh) -> np.ndarray:
    """`[c]` int: the points of a mesh that lie at the edge of its picture."""
    x, y = mesh.points.real, mesh.points.imag
    return np.flatnonzero(np.minimum.reduce([x, y, mesh.size[0] - 1 - x, mesh.size[1] - 1 - y]) < mesh.step / 2)


def nearest_pin(mesh: Mesh, at: np.ndarray) -> np.ndarray:
    """`[n]` int: the pin that is nearest to each point of the mesh, along it; pins at `at` [k] (complex)."""
    return np.argmin([mesh.distance(start) for start in mesh.nearest(at)], axis=0)


@dataclass(frozen=True)
class Wave:
    """How far the points of a mesh swing, and how late, in waves that run along it from what holds it.

    Attributes:
        part: `[n]`, how far from what holds it each point is, along the mesh: 0 there, 1 at the furthest point.
        reach: `[n]` complex px, across the shape: its length at the furthest point, nothing where it is held.
    """

    part: np.ndarray
    reach: np.ndarray

    @classmethod
    def along(cls, mesh: Mesh, held: np.ndarray) -> Wave:
        """
        Args:
            held: the places `[k]` (complex) that hold it. If there are none, it is held by the picture's edge; if that
                does not cut it off, by its lowest part.
        """
        base = mesh.nearest(held) if len(held) else at_edge(mesh)
        if not len(base):
            y = mesh.points.imag
            base = np.flatnonzero(y >= y.max() - LOWEST * np.ptp(y))
        away = mesh.distance(base)
        length = max(float(away.max()), np.finfo(float).tiny)
        part = away / length
        axis = mesh.points[part >= 0.5].mean() - mesh.points[base].mean()
        across = 1j * axis / abs(axis) if abs(axis) > np.finfo(float).eps else 1.0
        return cls(part, length * across * part**STEM)
