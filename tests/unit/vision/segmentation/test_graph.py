"""The graph of superpixels: components of many masks at once, and the minimum cut against all possible ones."""

import itertools

import numpy as np
import pytest

from dragnuwa.vision.segmentation.superpixels import FINE, Costs, FlowNetwork, Graph

LINE = Graph(5, np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4]))  # 0 - 1 - 2 - 3 - 4


def random_graph(rng: np.random.Generator, count: int) -> Graph:
    u, v = np.triu_indices(count, 1)
    some = rng.random(len(u)) < 0.5
    return Graph(count, u[some], v[some])


def test_components_of_many_are_those_of_each():
    rng = np.random.default_rng(0)
    graph = random_graph(rng, 12)
    linked = rng.random((6, len(graph.u))) < 0.15
    together = graph.components(linked)
    assert together.shape == (6, 12)
    assert len(np.unique(together)) == sum(len(np.unique(row)) for row in together), "a number is in two of them"
    for row, label in zip(linked, together, strict=True):
        alone = graph.components(row)
        assert ((alone[:, None] == alone) == (label[:, None] == label)).all()


def test_what_contains_a_seed_is_the_whole_part_of_the_mask():
    masks = np.array([[1, 1, 0, 1, 1], [1, 1, 1, 1, 0], [0, 0, 0, 0, 0]], bool)
    seeds = np.array([[0, 0, 0, 0, 1], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]], bool)
    expected = [[0, 0, 0, 1, 1], [1, 1, 1, 1, 0], [0, 0, 0, 0, 0]]
    assert LINE.containing(masks, seeds).astype(int).tolist() == expected
    assert LINE.containing(masks[0], seeds[0]).astype(int).tolist() == expected[0]


def test_masks_grow_by_steps():
    masks = np.array([[1, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]], bool)
    assert LINE.grown(masks, 0).tolist() == masks.tolist()
    assert LINE.grown(masks, 1).astype(int).tolist() == [[1, 1, 0, 0, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]]
    assert LINE.grown(masks, 3).astype(int).tolist() == [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]]
    star = Graph(257, np.zeros(256, int), np.arange(1, 257))  # as many neighbours as a byte has values
    leaves = np.arange(257)[None] > 0
    assert star.grown(leaves, 1).all() and not leaves[0, 0]


def test_a_single_superpixel_has_no_edges():
    alone = Graph(1, np.zeros(0, int), np.zeros(0, int))
    assert alone.components(np.zeros((2, 0), bool)).tolist() == [[0], [1]]
    nothing = np.zeros(0)
    assert FlowNetwork.of(alone).cut(Costs(nothing, np.array([2.0]), np.array([1.0]))).tolist() == [True]


@pytest.mark.parametrize("seed", range(8))
def test_the_cut_is_the_cheapest_of_all(seed):
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, 7)
    costs = Costs(*(rng.integers(0, 6, size).astype(float) for size in (len(graph.u), 7, 7)))

    def total(mask: np.ndarray) -> float:
        apart = costs.cut[mask[graph.u] != mask[graph.v]].sum()
        return float(apart + costs.not_object[~mask].sum() + costs.not_background[mask].sum())

    every = [np.array(mask) for mask in itertools.product((False, True), repeat=7)]
    found = FlowNetwork.of(graph).cut(costs)
    cheapest = [mask for mask in every if total(mask) == min(map(total, every))]
    assert any((mask == found).all() for mask in cheapest)
    assert found.sum() == min(mask.sum() for mask in cheapest)


def test_costs_are_told_apart_to_a_thousandth():
    costs = Costs(np.zeros(4), np.full(5, 1.0), np.full(5, 1.0))
    costs.not_background[2] -= 2 / FINE
    assert FlowNetwork.of(LINE).cut(costs).tolist() == [False, False, True, False, False]
