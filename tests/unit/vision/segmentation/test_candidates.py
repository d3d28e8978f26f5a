"""Which candidate is taken for the object, and what is background."""

import numpy as np
import pytest

from dragnuwa.vision.segmentation.candidates import best, is_ground
from dragnuwa.vision.segmentation.superpixels import superpixels
from tests.support.pictures import boxes_on_ground


def patches_of(patches, *masks) -> list[np.ndarray]:
    """`[S]` each: the superpixels that are mostly within a mask `[h, w]`."""
    return [patches.mean(mask) > 0.5 for mask in masks]


def test_of_candidates_that_score_alike_the_largest_is_taken():
    """Two boxes far from each other, of which one is a little higher."""
    image, boxes = boxes_on_ground((40, 60, 90, 110), (190, 60, 240, 112))
    patches = superpixels(image)
    small, large = patches_of(patches, *boxes)
    assert patches.area[small].sum() < patches.area[large].sum()
    nowhere = np.zeros(patches.count)
    for candidates in ([small, large], [large, small]):
        assert (best(patches, candidates, nowhere) == large).all()


@pytest.mark.parametrize(("columns", "ground"), [((0, 288), True), ((0, 240), False)])
def test_what_reaches_three_sides_is_ground_though_it_is_small(columns: tuple[int, int], ground: bool):
    """The lowest quarter of the picture, and the same without its right end."""
    patches = superpixels(boxes_on_ground()[0])
    low = np.zeros(patches.label.shape)
    low[-48:, slice(*columns)] = 1
    (mask,) = patches_of(patches, low)
    assert is_ground(patches, mask) == ground
