"""The hierarchy of a picture's superpixels."""

from itertools import pairwise

import numpy as np

from dragnuwa.carry.objects.hierarchy import merges, regions_with
from dragnuwa.carry.objects.superpixels import superpixels

NONE = np.zeros(0, int)
LEFT, RIGHT = 40 + 60j, 120 + 60j


def picture() -> np.ndarray:
    """A dark square on the left and a bright one on the right of a noisy ground, of 120x160 pixels."""
    image = np.full((120, 160, 3), (60, 160, 60)) + np.random.default_rng(0).integers(-10, 10, (120, 160, 3))
    image[40:80, 20:60], image[40:80, 100:140] = (30, 40, 90), (220, 210, 200)
    return image.clip(0, 255).astype(np.uint8)


def test_all_superpixels_are_merged_into_one_region():
    patches = superpixels(picture())
    merged = merges(patches)
    assert len({gone for _, gone in merged}) == len(merged) == patches.count - 1


def test_a_region_is_the_square_that_it_begins_on():
    patches = superpixels(picture())
    square = np.zeros((120, 160), bool)
    square[40:80, 20:60] = True
    regions = regions_with(patches, merges(patches), patches.at(np.array([LEFT])), NONE)
    overlaps = [(mask[patches.label] & square).sum() / (mask[patches.label] | square).sum() for mask in regions]
    assert max(overlaps) > 0.9


def test_regions_grow_and_hold_what_they_begin_with():
    patches = superpixels(picture())
    inside = patches.at(np.array([LEFT, RIGHT]))
    regions = regions_with(patches, merges(patches), inside, NONE)
    assert all(mask[inside].all() for mask in regions)
    assert all((one <= other).all() and one.sum() < other.sum() for one, other in pairwise(regions))


def test_no_region_has_what_does_not_belong_to_it():
    patches = superpixels(picture())
    inside, outside = (patches.at(np.array([place])) for place in (LEFT, RIGHT))
    regions = regions_with(patches, merges(patches), inside, outside)
    assert regions and not any(mask[outside].any() for mask in regions)
