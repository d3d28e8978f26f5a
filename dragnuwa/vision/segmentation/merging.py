"""Hierarchical segmentation: neighbouring superpixels are merged step by step, weakest edge first (Arbelaez, Maire,
Fowlkes and Malik, "Contour detection and hierarchical image segmentation", PAMI 2011)."""

from __future__ import annotations

import heapq

import numpy as np

SIZE = 0.4  # exponent of the smaller region's area in the cost of a merge, so that specks are merged first
NONE = -1


def merged(area: np.ndarray, u: np.ndarray, v: np.ndarray, length: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """The hierarchy of regions, from the superpixels up. Arguments as in `Superpixels`.

    Returns:
        `[2 S - 1]` int: the parent of each superpixel and, after them, of each merged region. A parent's index is
        larger than its children's; the root, the whole picture, has `NONE`. If the graph is not connected, there are
        fewer entries and several roots.
    """
    area, parent = area.tolist(), [NONE] * len(area)
    touching: list[dict[int, tuple[float, float]]] = [{} for _ in area]  # by region: length, and length times strength
    for first, second, long, strong in zip(*(part.tolist() for part in (u, v, length, strength)), strict=True):
        touching[first][second] = touching[second][first] = (long, long * strong)

    def cost(first: int, second: int) -> float:
        long, strong = touching[first][second]
        return strong / long * min(area[first], area[second]) ** SIZE

    queue = [(cost(first, second), first, second) for first, second in zip(u.tolist(), v.tolist(), strict=True)]
    heapq.heapify(queue)
    while queue:
        _, *parts = heapq.heappop(queue)
        if any(parent[part] != NONE for part in parts):
            continue
        region, beside = len(parent), {}
        for part in parts:
            parent[part] = region
            for neighbour, (long, strong) in touching[part].items():
                if neighbour not in parts:
                    del touching[neighbour][part]
                    before = beside.get(neighbour, (0.0, 0.0))
                    beside[neighbour] = before[0] + long, before[1] + strong
        parent.append(NONE)
        area.append(area[parts[0]] + area[parts[1]])
        touching.append(beside)
        for neighbour, edge in beside.items():
            touching[neighbour][region] = edge
            heapq.heappush(queue, (cost(region, neighbour), region, neighbour))
    return np.array(parent)


def joining(parent: np.ndarray, count: int, start: int) -> np.ndarray:
    """`[count]` int: the number of steps up the hierarchy `parent` from superpixel `start` until the region contains
    each of the superpixels; `NONE` if it never does."""
    steps = np.full(len(parent), NONE)
    region, step = start, 0
    while region != NONE:
        steps[region], region, step = step, parent[region], step + 1
    up, found = parent.tolist(), steps.tolist()
    for region in range(len(up) - 1, -1, -1):
        if found[region] == NONE and up[region] != NONE:
            found[region] = found[up[region]]
    return np.array(found[:count])
