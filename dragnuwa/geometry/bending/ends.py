"""Whether a place is at an end of a shape, such as a head or a tail, or in its middle."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import dijkstra

from .mesh import Mesh

LONG = 1.57  # of sqrt(area): the length of a shape, along itself, from which it has ends; that of a disc is 1.13
AT_END = 1.28  # of the least mean distance to all places: from here on, a place is at an end
SAMPLED = 96  # points from which distances are measured


def is_at_end(mesh: Mesh, at: complex) -> bool:
    """Whether `at` (px) is so far from most of the shape, along it, that pulling there should bend it. In a compact
    shape, such as a fruit, a cup or a camera, no place is."""
    count = len(mesh.points)
    some = np.unique(np.linspace(0, count - 1, min(SAMPLED, count)).astype(int))
    way = dijkstra(mesh.graph, directed=False, indices=some)  # [S, n]
    mean = way.mean(0)
    own = mean[mesh.nearest(np.array([at]))[0]]
    return bool(way.max() >= LONG * mesh.area**0.5 and own >= AT_END * mean.min())
