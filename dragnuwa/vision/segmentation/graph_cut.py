"""The least cut of a graph of superpixels: which of them are object and which are ground, at the least cost (Boykov and
Jolly, "Interactive graph cuts", ICCV 2001), and what of it is connected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from .superpixels import Superpixels

FINE = 1000.0  # SciPy's flow counts in whole numbers: costs are rounded to a thousandth
FIXED = 1e5  # cost that is never paid


@dataclass(frozen=True)
class Costs:
    """
    Attributes:
        cut: `[E]`, of having an edge of the graph in the outline.
        not_object: `[S]`, of calling a superpixel ground.
        not_ground: `[S]`, of calling it object.
    """

    cut: np.ndarray
    not_object: np.ndarray
    not_ground: np.ndarray


def least_cut(patches: Superpixels, costs: Costs) -> np.ndarray:
    """`[S]` bool: the superpixels of the object."""
    count, nodes = patches.count, np.arange(patches.count)
    source, sink = count, count + 1
    rows = np.concatenate([patches.one, patches.other, np.full(count, source), nodes])
    columns = np.concatenate([patches.other, patches.one, nodes, np.full(count, sink)])
    capacity = np.concatenate([costs.cut, costs.cut, costs.not_object, costs.not_ground])
    whole = (np.minimum(capacity, FIXED) * FINE).astype(np.int32)
    used = whole > 0
    graph = csr_array((whole[used], (rows[used], columns[used])), shape=(count + 2, count + 2))
    left = graph - maximum_flow(graph, source, sink).flow
    left.data = np.maximum(left.data, 0)
    left.eliminate_zeros()
    reached = breadth_first_order(left, source, return_predecessors=False)
    mask = np.zeros(count + 2, bool)
    mask[reached] = True
    return mask[:count]


def connected(patches: Superpixels, mask: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """What of a mask `[S]` bool is connected with one of the superpixels `inside` in it, with the holes in that; but
    not holes with one of `outside`."""
    kept = mask & _with(patches, mask, inside[mask[inside]])
    ground = patches.border > 0
    ground[outside] = True
    return kept | ~_with(patches, ~kept, np.flatnonzero(ground & ~kept))


def components(patches: Superpixels, linked: np.ndarray) -> np.ndarray:
    """`[S]` int, from 0: which component each superpixel is in, where `linked` `[E]` says which pairs hang together."""
    links = coo_array(
        (np.ones(linked.sum()), (patches.one[linked], patches.other[linked])), shape=(patches.count, patches.count)
    )
    return connected_components(links, directed=False)[1]


def _with(patches: Superpixels, mask: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The components of a mask's superpixels that seeds lie in, `[S]` bool."""
    label = components(patches, mask[patches.one] & mask[patches.other])
    return np.isin(label, label[seeds])
