"""The object on which a drag begins."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.carry.composite import carry
from dragnuwa.carry.segmentation import MOST_DRAGS, find_objects
from dragnuwa.carry.settings import CarrySettings

HEIGHT, WIDTH, RADIUS = 64, 96, 8.0
NONE = np.zeros(0, complex)


def scene(*boxes: tuple[int, int, int, int], seed: int = 0, noise: int = 15) -> tuple[np.ndarray, list[np.ndarray]]:
    """A green ground with red boxes (left, top, right, bottom) on it, both noisy; and the boxes as masks."""
    noise = np.random.default_rng(seed).integers(-15, 15, (HEIGHT, WIDTH, 3))
    image, masks = np.full((HEIGHT, WIDTH, 3), (60, 160, 60)) + noise, []
    for left, top, right, bottom in boxes:
        mask = np.zeros((HEIGHT, WIDTH), bool)
        mask[top:bottom, left:right] = True
        image[mask] = (190, 60, 60) + noise[mask]
        masks.append(mask)
    return image.astype(np.uint8), masks


def overlap(found: np.ndarray, mask: np.ndarray) -> float:
    return (found & mask).sum() / (found | mask).sum()


@settings(max_examples=20)
@given(st.integers(14, 30), st.integers(14, 30), st.floats(0.2, 0.8), st.floats(0.2, 0.8), st.integers(0, 9))
def test_a_box_is_found_from_anywhere_inside(width, height, x, y, seed):
    """It may be much larger than the radius, and the drag need not begin in its middle."""
    image, (mask,) = scene((30, 16, 30 + width, 16 + height), seed=seed)
    start = 30 + x * (width - 1) + 1j * (16 + y * (height - 1))
    (found,) = find_objects(image, np.array([start]), NONE, radius=RADIUS)
    assert overlap(found, mask) > 0.9


@pytest.mark.parametrize("colors", [1, 2])
def test_a_large_object_on_a_busy_ground_is_found_whole(colors):
    """Four times as wide as the radius, on a ground of two colours, and of one or two colours itself: most of it lies
    outside of where it was thought to be at first, and once taught what the ground looks like."""
    image = np.full((HEIGHT, WIDTH, 3), (70, 190, 190))
    columns = np.arange(WIDTH)
    image[:, columns // 12 % 2 == 0] = (230, 200, 70)
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[14:50, 30:66] = True
    image[mask] = (225, 120, 150)
    if colors == 2:
        image[14:50, 52:66] = (120, 30, 60)
    image = (image + np.random.default_rng(0).integers(-12, 12, image.shape)).astype(np.uint8)
    (found,) = find_objects(image, np.array([46 + 32j]), NONE, radius=RADIUS)
    assert overlap(found, mask) > 0.9


def test_two_drags_on_one_object_find_the_same():
    """Neither reaches its other end."""
    image, (mask, other) = scene((12, 20, 62, 34), (76, 40, 90, 54))
    found = find_objects(image, np.array([16 + 27j, 58 + 27j, 83 + 47j]), NONE, radius=RADIUS)
    assert (found[0] == found[1]).all() and overlap(found[0], mask) > 0.95
    assert overlap(found[2], other) > 0.9


def test_a_pin_belongs_to_no_object():
    """Two boxes that touch: pinned, the one stays where it is."""
    image, _ = scene((20, 20, 40, 40), (40, 20, 60, 40))
    (alone,) = find_objects(image, np.array([28 + 30j]), NONE, radius=RADIUS)
    (pinned,) = find_objects(image, np.array([28 + 30j]), np.array([50 + 30j]), radius=RADIUS)
    assert alone[30, 50] and not pinned[30, 50]


def test_nothing_is_found_where_a_field_moves():
    image, _ = scene((20, 20, 44, 44))
    assert not find_objects(image, np.full(MOST_DRAGS + 1, 30 + 30j), NONE, radius=RADIUS).any()


def test_an_object_beyond_the_reach_is_not_one():
    """What has no end within five radii is ground."""
    image, _ = scene((10, 0, WIDTH, HEIGHT))
    assert not find_objects(image, np.array([54 + 32j]), NONE, radius=4.0).any()


def test_a_picture_that_is_small_for_the_radius_is_no_object():
    """All of it is what the drag begins on."""
    image = np.full((125, 49, 3), 120, np.uint8)
    for y in range(10, 120, 10):
        assert not find_objects(image, np.array([25 + 1j * y]), NONE, radius=60.0).any()


def test_the_same_picture_gives_the_same_object():
    image, _ = scene((20, 20, 44, 44))
    once, again = (find_objects(image, np.array([30 + 30j]), NONE, radius=RADIUS) for _ in range(2))
    assert (once == again).all()


def test_a_drag_without_a_mask_carries_the_object_it_begins_on():
    image, (mask,) = scene((20, 20, 44, 44))
    points = np.array([[[24.0, 24.0], [54.0, 30.0]]])
    picture = torch.from_numpy(image).float() / 255
    carried = carry(picture, points, np.ones((1, 2), bool), settings=CarrySettings(RADIUS))
    moved = np.roll(mask, (6, 30), (0, 1))
    assert overlap((carried.carried[1] > 0.5).numpy(), moved) > 0.7  # with its rim
    assert (carried.video[1, 20:26, 20:44, 0] < 0.4).all()  # nothing of it is left behind
