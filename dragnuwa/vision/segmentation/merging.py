"""Regions of growing size: neighbouring superpixels merged step by step, those first that the weakest edge parts
(Arbelaez, Maire, Fowlkes and Malik, "Contour detection and hierarchical image segmentation", PAMI 2011)."""

from __future__ import annotations

import heapq

import numpy as np

SIZE = 0.4  # power of the smaller one's area, by which a merger costs more: specks go first, whatever their edges
NONE = -1


def merged(
    area: np.ndarray, one: np.ndarray, other: np.ndarray, length: np.ndarray, strength: np.ndarray
) -> np.ndarray:
    """The hierarchy of regions, from the superpixels up. Arguments as in `Superpixels`.

    Returns:
        `[2 S - 1]` int: of each superpixel, and after them of each merged region, the number of the region that it is
        merged into, which is larger than its own; `NONE` for the whole picture. Fewer numbers, and more of `NONE`,
        where not all superpixels hang together.
    """
    area, parent = area.tolist(), [NONE] * len(area)
    touching: list[dict[int, tuple[float, float]]] = [{} for _ in area]  # by region: length, and length times strength
    for first, second, long, strong in zip(*(part.tolist() for part in (one, other, length, strength)), strict=True):
        touching[first][second] = touching[second][first] = (long, long * strong)

    def cost(first: int, second: int) -> float:
        long, strong = touching[first][second]
        return strong / long * min(area[first], area[second]) ** SIZE

    queue = [(cost(first, second), first, second) for first, second in zip(one.tolist(), other.tolist(), strict=True)]
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
    """`[count]` int: after how many steps up the hierarchy `parent` from the superpixel `start` the region holds each
    of the superpixels; `NONE` where it never does."""
    steps = np.full(len(parent), NONE)
    region, step = start, 0
    while region != NONE:
        steps[region], region, step = step, parent[region], step + 1
    up, found = parent.tolist(), steps.tolist()
    for region in range(len(up) - 1, -1, -1):
        if found[region] == NONE and up[region] != NONE:
            found[region] = found[up[region]]
    return np.array(found[:count])
