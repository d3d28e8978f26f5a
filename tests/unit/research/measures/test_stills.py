"""How far dragged points are, and what was kept: of pictures whose truth is known."""

import cv2
import numpy as np
import pytest

from dragnuwa.research.measures.stills import fidelity, likest, matched, mean_distance
from tests.support.pictures import texture

SIDE, LEFT, TOP = 40, 30, 20


def moved(x: float, y: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture, the same with a round textured thing moved, and the thing's mask."""
    ground, thing = texture(96, 128), cv2.GaussianBlur(texture(96, 128, seed=7), (0, 0), 1.5)
    mask = cv2.circle(np.zeros((96, 128), np.uint8), (LEFT + SIDE // 2, TOP + SIDE // 2), SIDE // 2, 1, -1)
    shift = np.float32([[1, 0, x], [0, 1, y]])
    there = cv2.warpAffine(mask.astype(np.float32), shift, (128, 96))[..., None]
    after = ground * (1 - there) + cv2.warpAffine(thing, shift, (128, 96), flags=cv2.INTER_CUBIC) * there
    return np.where(mask[..., None] > 0, thing, ground), after.round().astype(np.uint8), mask > 0


@pytest.mark.parametrize("way", [(0, 0), (23, 11), (-17.5, 8.25), (40.3, -6.7)])
def test_a_moved_thing_is_found_to_a_fraction_of_a_pixel(way):
    before, after, mask = moved(*way)
    found = matched(before, after, mask, np.array([50.0, 40.0]))
    assert found == pytest.approx(np.array([50, 40]) + way, abs=0.15)


def test_a_thing_that_was_not_moved_is_found_where_it_was():
    before, _, mask = moved(20, 0)
    found = matched(before, before, mask, np.array([50.0, 40.0]))
    assert mean_distance(found[None], np.array([[70.0, 40.0]])) == pytest.approx(20, abs=0.1)


def test_the_rest_is_what_may_not_change():
    before, after, mask = moved(20, 0)
    both = mask | np.roll(mask, 20, 1)
    assert fidelity(before, before, both) == 100
    assert fidelity(before, after, cv2.dilate(both.astype(np.uint8), np.ones((5, 5))) > 0) == 100
    assert fidelity(before, after, mask) < 30  # where the thing is now has changed
    lighter = np.where(both[..., None], before, np.clip(before.astype(int) + 2, 0, 255)).astype(np.uint8)
    assert fidelity(before, lighter, both) == pytest.approx(20 * np.log10(255 / 2), abs=0.1)


def test_the_likest_vector_is_found():
    random = np.random.default_rng(0).random((20, 30, 8)).astype(np.float32)
    shifted = np.roll(random, (3, 5), (0, 1))
    before, after = np.zeros((20, 30, 3), np.uint8), np.ones((20, 30, 3), np.uint8)
    found = likest(lambda picture: shifted if picture.any() else random, before, after, np.array([[4, 6], [10, 2]]))
    assert (found == [[9, 9], [15, 5]]).all()


PICTURE, MASK, POINT = np.zeros((8, 9, 3), np.uint8), np.zeros((8, 9), bool), np.zeros((1, 2))


@pytest.mark.parametrize(
    "call",
    [lambda: matched(PICTURE, PICTURE, MASK, POINT[0]), lambda: matched(PICTURE, PICTURE[:4], ~MASK, POINT[0]),
     lambda: fidelity(PICTURE, PICTURE, ~MASK), lambda: fidelity(PICTURE, PICTURE.astype(float), MASK),
     lambda: mean_distance(POINT[:0], POINT[:0]), lambda: mean_distance(np.zeros((2, 2)), POINT),
     lambda: mean_distance(np.full((1, 2), np.nan), POINT)],
)  # fmt: skip
def test_what_cannot_be_measured_is_refused(call):
    with pytest.raises(ValueError, match=r"\.$"):
        call()
