"""Minimum cut of a superpixel graph into object and background (Boykov and Jolly, "Interactive graph cuts", ICCV 2001),
and its connected components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from .superpixels import Superpixels

FINE = 1000.0  # SciPy's maximum flow needs integer capacities: costs are rounded to a thousandth
FIXED = 1e5  # effectively infinite cost


@dataclass(frozen=True)
class Costs:
    """
    Attributes:
        cut: `[E]`, of having an edge of the graph in the outline.
        not_object: `[S]`, of labelling a superpixel background.
        not_background: `[S]`, of labelling it object.
    """

    cut: np.ndarray
    not_object: np.ndarray
    not_background: np.ndarray


def least_cut(patches: Superpixels, costs: Costs) -> np.ndarray:
    """`[S]` bool: the superpixels of the object."""
    count, nodes = patches.count, np.arange(patches.count)
    source, sink = count, count + 1
    rows = np.concatenate([patches.u, patches.v, np.full(count, source), nodes])
    columns = np.concatenate([patches.v, patches.u, nodes, np.full(count, sink)])
    capacity = np.concatenate([costs.cut, costs.cut, costs.not_object, costs.not_background])
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
    """The components of a mask `[S]` bool that contain a superpixel of `inside`, with their holes filled, except holes
    that contain a superpixel of `outside`."""
    kept = mask & _with(patches, mask, inside[mask[inside]])
    background = patches.border > 0
    background[outside] = True
    return kept | ~_with(patches, ~kept, np.flatnonzero(background & ~kept))


def components(patches: Superpixels, linked: np.ndarray) -> np.ndarray:
    """`[S]` int, from 0: the component of each superpixel, where `linked` `[E]` says which pairs are connected."""
    links = coo_array(
        (np.ones(linked.sum()), (patches.u[linked], patches.v[linked])), shape=(patches.count, patches.count)
    )
    return connected_components(links, directed=False)[1]


def _with(patches: Superpixels, mask: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """`[S]` bool: the components of a mask that contain seeds."""
    label = components(patches, mask[patches.u] & mask[patches.v])
    return np.isin(label, label[seeds])
