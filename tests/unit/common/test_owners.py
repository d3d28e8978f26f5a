"""Which mask a track has: one rule for Carry, Restore Detail and DragAnything."""

import numpy as np
import pytest

from dragnuwa.common.masks import owners

IN, OUT = True, False


@pytest.mark.parametrize(
    ("holds", "area", "owner"),
    [
        ([[IN], [OUT], [IN]], [9], [0, -1, 0]),  # one mask for all that begin in it
        ([[IN, IN], [IN, OUT]], [9, 4], [1, 0]),  # not each in its own: the smallest
        ([[IN, IN], [IN, IN]], [9, 4], [0, 1]),  # each in its own, though the other is smaller
        ([[IN, OUT], [IN, OUT]], [9, 0], [0, -1]),  # an empty mask: none
        ([[OUT, IN], [IN, OUT]], [4, 4], [1, 0]),  # in another order
        ([[IN, IN, OUT], [OUT, OUT, OUT]], [9, 4, 5], [1, -1]),  # more masks than tracks
        ([[OUT, OUT], [OUT, IN]], [4, 4], [-1, 1]),
    ],
)
def test_a_track_has_its_own_mask_or_the_smallest_in_which_it_begins(holds, area, owner):
    assert owners(np.array(holds), np.array(area)).tolist() == owner
