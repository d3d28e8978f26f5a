"""The graph of superpixels that touch: its components under masks, and its minimum cut.

Masks are `[..., S]` bool: many are labelled at once, since most of the time of a single one is overhead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

FINE = 1000.0  # SciPy's maximum flow needs integer capacities: costs are rounded to a thousandth
FIXED = 1e5  # effectively infinite cost


@dataclass(frozen=True)
class Graph:
    """S superpixels and the E pairs of them that touch.

    Attributes:
        count: S.
        u, v: `[E]` int, the two ends of each edge, u ascending; no edge twice.
    """

    count: int
    u: np.ndarray
    v: np.ndarray

    @cached_property
    def adjacency(self) -> csr_array:
        """`[S, S]` int32: 1 where two superpixels touch."""
        ends = np.concatenate([self.u, self.v]), np.concatenate([self.v, self.u])
        return csr_array((np.ones(2 * len(self.u), np.int32), ends), shape=(self.count, self.count))

    def grown(self, masks: np.ndarray, steps: int) -> np.ndarray:
        """`[C, S]` bool: masks `[C, S]` bool with all superpixels that are at most `steps` edges away."""
        found = masks.T.copy(order="C")
        for _ in range(steps):
            found |= (self.adjacency @ found.view(np.uint8)) > 0
        return found.T

    def components(self, linked: np.ndarray) -> np.ndarray:
        """`[..., S]` int: the component of each superpixel, where `linked` `[..., E]` says which pairs are connected.
        No number occurs in two of the `...`."""
        rows, edge = np.divmod(np.flatnonzero(linked), max(len(self.u), 1))
        nodes = math.prod(linked.shape[:-1]) * self.count
        first, second = (rows * self.count + ends[edge] for ends in (self.u, self.v))
        begins = np.zeros(nodes + 1, np.int32)
        begins[1:] = np.cumsum(np.bincount(first, minlength=nodes))
        links = csr_array((np.ones(len(second)), second.astype(np.int32), begins), shape=(nodes, nodes))
        return connected_components(links, directed=False)[1].reshape(*linked.shape[:-1], self.count)

    def reached(self, linked: np.ndarray, seeds: np.ndarray) -> np.ndarray:
        """`[..., S]` bool: the components of pairs `linked` `[..., E]` that contain one of `seeds` `[..., S]` bool."""
        label = self.components(linked)
        kept = np.zeros(label.size, bool)
        kept[label[seeds]] = True
        return kept[label]

    def containing(self, masks: np.ndarray, seeds: np.ndarray) -> np.ndarray:
        """`[..., S]` bool: the components of masks that contain seeds, which are `[..., S]` bool, inside the masks."""
        return self.reached(masks[..., self.u] & masks[..., self.v], seeds)


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


@dataclass(frozen=True)
class FlowNetwork:
    """A graph with a source and a sink, laid out once for any number of cuts.

    Attributes:
        begins, ends: a sparse matrix's `indptr` and `indices`: all edges in both directions.
        position: `[2 E + 2 S]` int, of each capacity in the matrix's data: from u to v, from v to u, from the source,
            to the sink.
    """

    begins: np.ndarray
    ends: np.ndarray
    position: np.ndarray

    @classmethod
    def of(cls, graph: Graph) -> FlowNetwork:
        nodes = np.arange(graph.count)
        source, sink = np.full(graph.count, graph.count), np.full(graph.count, graph.count + 1)
        # the last two carry nothing; SciPy would add them for each cut
        rows = np.concatenate([graph.u, graph.v, source, nodes, nodes, sink])
        columns = np.concatenate([graph.v, graph.u, nodes, sink, source, nodes])
        order = np.lexsort((columns, rows))
        position = np.empty(len(order), int)
        position[order] = np.arange(len(order))
        begins = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=graph.count + 2))])
        return cls(begins.astype(np.int32), columns[order].astype(np.int32), position[: -2 * graph.count])

    def cut(self, costs: Costs) -> np.ndarray:
        """`[S]` bool: the superpixels of the object, by the minimum cut into object and background (Boykov and Jolly,
        "Interactive graph cuts", ICCV 2001); of several such cuts, the smallest object."""
        count = len(costs.not_object)
        capacity = np.zeros(len(self.ends), np.int32)
        each = np.concatenate([costs.cut, costs.cut, costs.not_object, costs.not_background])
        capacity[self.position] = np.minimum(each, FIXED) * FINE
        flow = maximum_flow(self._matrix(capacity, self.ends, self.begins), count, count + 1).flow
        if not np.array_equal(flow.indices, self.ends):  # so far it is, as all edges are there in both directions
            raise RuntimeError(
                "SciPy's maximum flow should have the layout of its network, and has another. "
                f"Report this with the version of SciPy, {scipy.__version__}, and install an earlier one."
            )
        left = capacity - flow.data
        open_ = left > 0
        begins = np.concatenate([[0], np.cumsum(open_)])[self.begins].astype(np.int32)
        residual = self._matrix(left[open_], self.ends[open_], begins)
        mask = np.zeros(count + 2, bool)
        mask[breadth_first_order(residual, count, return_predecessors=False)] = True
        return mask[:count]

    def _matrix(self, data: np.ndarray, ends: np.ndarray, begins: np.ndarray) -> csr_array:
        size = len(self.begins) - 1
        return csr_array((data, ends, begins), shape=(size, size))
