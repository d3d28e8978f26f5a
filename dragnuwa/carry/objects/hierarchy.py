"""The hierarchy of a picture's superpixels: which regions grow together, when the weakest edge between two always
goes next (Arbeláez, Maire, Fowlkes and Malik, "Contour detection and hierarchical image segmentation", 2011)."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np

from .superpixels import Superpixels

SMALL_FIRST = 0.15  # power of the smaller region's area, by which small regions go before large ones
GROWTH = 1.05  # of the area, which a region has to grow by to be another
LEAST = 100  # px, area of a region

Merge = tuple[int, int]


def merges(patches: Superpixels) -> list[Merge]:
    """Pairs of regions `(kept, gone)`, in the order in which they are merged: the second becomes part of the first. A
    region has the number of one of its superpixels."""
    edges = _edges(patches)
    area = patches.area.astype(float).tolist()
    version = [0] * patches.count  # of a region, which changes as it grows; -1 where it is gone

    def entry(one: int, other: int) -> tuple[float, int, int, int, int]:
        length, strength = edges[one][other]
        cost = strength / length * min(area[one], area[other]) ** SMALL_FIRST
        return cost, one, other, version[one], version[other]

    heap = [entry(one, other) for one in range(patches.count) for other in edges[one] if one < other]
    heapify(heap)
    merged = []
    while heap:
        _, one, other, *versions = heappop(heap)
        if versions != [version[one], version[other]]:
            continue
        kept, gone = (one, other) if len(edges[one]) >= len(edges[other]) else (other, one)
        merged.append((kept, gone))
        area[kept] += area[gone]
        version[kept], version[gone] = version[kept] + 1, -1
        _join(edges, kept, gone)
        for beside in edges[kept]:
            heappush(heap, entry(kept, beside))
    return merged


def regions_with(
    patches: Superpixels, merged: list[Merge], inside: np.ndarray, outside: np.ndarray
) -> list[np.ndarray]:
    """Masks `[S]` bool of the regions that the superpixels `inside` are in, from small to large, as far as `outside`
    is not in one of them."""
    region = np.arange(patches.count)
    own, area, found = set(inside.tolist()), 0.0, []
    for kept, gone in merged:
        grows = kept in own or gone in own
        region[region == gone] = kept
        if not grows:
            continue
        own.discard(gone)
        own.add(kept)
        mask = np.isin(region, list(own))
        if mask[outside].any():
            break
        if (size := patches.area[mask].sum()) > max(LEAST, GROWTH * area):
            area = size
            found.append(mask)
    return found


def _edges(patches: Superpixels) -> list[dict[int, tuple[float, float]]]:
    """Of each superpixel, length and strength (summed along it) of the edge to each neighbour."""
    edges = [{} for _ in range(patches.count)]
    strength = patches.strength * patches.length
    columns = (patches.one, patches.other, patches.length, strength)
    for one, other, *edge in zip(*(column.tolist() for column in columns), strict=True):
        edges[one][other] = edges[other][one] = tuple(edge)
    return edges


def _join(edges: list[dict[int, tuple[float, float]]], kept: int, gone: int) -> None:
    """The edges of one region become those of another, which it is part of from now on."""
    del edges[kept][gone], edges[gone][kept]
    for beside, (length, strength) in edges[gone].items():
        of_kept = edges[kept].get(beside, (0, 0))
        del edges[beside][gone]
        edges[kept][beside] = edges[beside][kept] = (of_kept[0] + length, of_kept[1] + strength)
