"""The hierarchy of merged regions."""

import numpy as np
import pytest

from dragnuwa.vision.segmentation.superpixels import NONE, joining, merged


def row(strengths):
    """Superpixels in a row, by the strength of the edges between them: the arguments of `merged`."""
    count = len(strengths)
    area = np.full(count + 1, 10)
    return area, np.arange(count), np.arange(1, count + 1), np.full(count, 3), np.array(strengths, float)


def test_the_weakest_edges_go_first():
    parent = merged(*row([1, 9, 2]))
    assert parent.tolist() == [4, 4, 5, 5, 6, 6, NONE]
    assert joining(parent, 4, 0).tolist() == [0, 1, 2, 2]
    assert joining(parent, 4, 3).tolist() == [2, 2, 1, 0]


def test_what_is_small_goes_first_across_equal_edges():
    area, *pairs = row([3, 3])
    area[2] = 1
    assert merged(area, *pairs).tolist() == [4, 3, 3, 4, NONE]


def test_the_edges_of_merged_regions_count_by_their_length():
    """A square of which two have merged: the third has a long weak edge and a short strong one with them."""
    one, other = np.array([0, 0, 1, 1, 2]), np.array([1, 2, 2, 3, 3])
    length, strength = np.array([3, 9, 1, 5, 1]), np.array([0.1, 2.0, 9.0, 3.0, 9.0])
    assert merged(np.full(4, 10), one, other, length, strength).tolist() == [4, 4, 5, 6, 5, 6, NONE]


@pytest.mark.parametrize("start", [0, 2])
def test_what_does_not_hang_together_is_never_joined(start):
    parent = merged(np.ones(3, int), np.array([0]), np.array([1]), np.array([1]), np.array([1.0]))
    assert parent.tolist() == [3, 3, NONE, NONE]
    assert joining(parent, 3, start).tolist() == ([0, 1, NONE] if start == 0 else [NONE, NONE, 0])
