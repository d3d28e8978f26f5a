"""The object on which drags begin."""

import functools

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragnuwa.vision import segmentation as objects
from dragnuwa.vision.segmentation.find import MOST_DRAGS
from dragnuwa.vision.segmentation.pick import first_pick, soft_mask
from dragnuwa.vision.segmentation.prepared import SearchImage, search_image
from tests.support.exhaustive import some
from tests.support.likeness import overlap
from tests.support.pictures import BLUE, GROUND, RED, boxes_on_ground

HEIGHT, WIDTH = 192, 288
NONE = np.zeros(0, complex)


def drags(*starts: complex, shift: complex = 40 + 10j) -> np.ndarray:
    return np.array(starts)[:, None] + shift * np.linspace(0, 1, 4)


@functools.lru_cache(1)
def searched(pixels: bytes, shape: tuple[int, ...]) -> SearchImage:
    """A picture as the networks have seen it, once for all drags of a test."""
    return search_image(np.frombuffer(pixels, np.uint8).reshape(shape))


def find_objects(image: np.ndarray, tracks: np.ndarray, pins: np.ndarray) -> np.ndarray:
    """`[n, H, W]`: the object of each track, empty where there is none."""
    masks = np.zeros((len(tracks), *image.shape[:2]), np.float32)
    for found in objects.find_objects(searched(image.tobytes(), image.shape), tracks, pins):
        masks[found.tracks] = found.mask
    return masks


@settings(max_examples=some(6, 30), deadline=None)
@given(st.integers(30, 90), st.integers(30, 90), st.floats(0.2, 0.8), st.floats(0.2, 0.8), st.integers(0, 9))
def test_a_box_is_found_from_anywhere_inside(width, height, x, y, seed):
    """Small or large, and the drag need not begin in its middle."""
    image, (mask,) = boxes_on_ground((90, 48, 90 + width, 48 + height), seed=seed)
    start = 90 + x * (width - 1) + 1j * (48 + y * (height - 1))
    (found,) = find_objects(image, drags(start), NONE)
    assert overlap(found, mask) > 0.9


@pytest.mark.parametrize("scale", [0.5, 2.0, 4.0])
def test_what_is_found_does_not_depend_on_the_size_of_the_picture(scale):
    image, (mask,) = boxes_on_ground((90, 48, 150, 130))
    large = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    (found,) = find_objects(large, drags(scale * (120 + 80j), shift=30 * scale), NONE)
    again = cv2.resize(found, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    assert overlap(again, mask) > 0.9


def test_drags_that_move_as_one_have_all_that_lies_between_them():
    """An object of two colours, of which one drag alone finds its own half."""
    image, (top, bottom) = boxes_on_ground((120, 30, 160, 90), (120, 90, 160, 150), colors=(RED, BLUE))
    one, other = find_objects(image, drags(140 + 40j, 140 + 140j), NONE)
    assert (one == other).all() and overlap(one, top | bottom) > 0.9
    (alone,) = find_objects(image, drags(140 + 40j), np.array([140 + 140j]))
    assert overlap(alone, top) > 0.9


def test_two_objects_that_move_alike_do_not_take_the_ground_between_them():
    image, (left, right) = boxes_on_ground((20, 60, 70, 120), (200, 60, 250, 120))
    one, other = find_objects(image, drags(45 + 90j, 225 + 90j), NONE)
    assert overlap(np.maximum(one, other), left | right) > 0.9


def test_drags_that_move_differently_have_different_objects():
    image, (top, bottom) = boxes_on_ground((120, 30, 160, 90), (120, 90, 160, 150), colors=(RED, BLUE))
    tracks = np.concatenate([drags(140 + 60j, shift=40), drags(140 + 120j, shift=-40)])
    one, other = find_objects(image, tracks, NONE)
    assert overlap(one, top) > 0.9 and overlap(other, bottom) > 0.9


def test_a_pin_belongs_to_no_object():
    """Two boxes of one colour that touch: pinned, the one stays where it is."""
    image, _ = boxes_on_ground((60, 60, 120, 120), (120, 60, 180, 120))
    (alone,) = find_objects(image, drags(84 + 90j), NONE)
    (pinned,) = find_objects(image, drags(84 + 90j), np.array([150 + 90j]))
    assert alone[90, 150] == 1 and pinned[90, 150] == 0


def test_a_thin_object_is_found_to_its_ends():
    image, _ = boxes_on_ground()
    mask = cv2.line(np.zeros((HEIGHT, WIDTH), np.uint8), (60, 150), (230, 40), 1, 5).astype(bool)
    image[mask] = RED
    (found,) = find_objects(image, drags(145 + 95j), NONE)
    assert overlap(found, mask) > 0.8


def test_the_edge_is_as_soft_as_the_picture_shows_it():
    image, (mask,) = boxes_on_ground((90, 48, 150, 130), seed=1)
    image = cv2.GaussianBlur(image, (0, 0), 1.5)
    (found,) = find_objects(image, drags(120 + 80j), NONE)
    edge = found[60:120, 86:94].mean(0)  # across the left side
    assert edge[0] < 0.1 and edge[-1] > 0.9 and ((edge > 0.15) & (edge < 0.85)).sum() >= 2
    assert (found[mask & (cv2.erode(mask.astype(np.uint8), np.ones((9, 9))) == 1)] == 1).all()


def test_a_small_hole_belongs_to_the_object():
    image, (mask, _) = boxes_on_ground((90, 48, 160, 130), (120, 80, 130, 90), colors=(RED, GROUND))
    (found,) = find_objects(image, drags(105 + 60j), NONE)
    assert overlap(found, mask) > 0.9


@pytest.mark.parametrize("noise", [0, 15])
def test_nothing_is_found_where_nothing_stands_out(noise):
    image = np.full((HEIGHT, WIDTH, 3), 120) + np.random.default_rng(0).integers(-noise, noise + 1, (HEIGHT, WIDTH, 3))
    for start in (20 + 20j, 144 + 96j, 270 + 150j):
        assert not find_objects(image.astype(np.uint8), drags(start, shift=5), NONE).any()


@pytest.mark.parametrize("count", [MOST_DRAGS + 1, 10**6])
def test_nothing_is_found_where_a_field_moves(count):
    """Nor is memory asked for, a picture for each drag."""
    image, _ = boxes_on_ground((60, 60, 132, 132))
    assert objects.find_objects(search_image(image), np.full((count, 1), 90 + 90j), NONE) == []


@pytest.mark.parametrize("shape", [(2, 2), (2, 300), (9, 5), (40, 7)])
def test_any_picture_is_looked_at(shape):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    tracks = np.array([[0j, shape[1] - 1 + 1j * (shape[0] - 1)]])
    found = find_objects(image, tracks, np.array([shape[1] - 1 + 0j]))
    assert found.shape == (1, *shape) and found.min() >= 0 and found.max() <= 1


def test_the_same_picture_gives_the_same_object():
    image, _ = boxes_on_ground((60, 60, 132, 132))
    once, again = (objects.find_objects(search_image(image), drags(90 + 90j), NONE)[0].mask for _ in range(2))
    assert (once == again).all()


def test_drags_on_the_ground_that_move_as_one_hold_no_thing():
    """Patches of a chequered ground can be strung together from drag to drag."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    image, (mask,) = boxes_on_ground((110, 60, 180, 130))
    image[((x // 6 + y // 6) % 2 == 0) & ~mask] = (230, 230, 225)
    starts = (40 + 40j, 250 + 60j, 60 + 150j, 145 + 95j)
    assert not find_objects(image, drags(*starts, shift=20 + 8j), NONE).any()
    (found,) = find_objects(image, drags(starts[-1]), NONE)
    assert overlap(found, mask) > 0.8


def test_what_several_drags_hold_may_have_one_of_them_at_its_rim():
    image, (mask,) = boxes_on_ground((90, 48, 190, 130))
    found = find_objects(image, drags(91 + 49j, 140 + 90j, 170 + 110j), NONE)
    assert all(overlap(one, mask) > 0.9 for one in found)


LANDSCAPE = {
    "the lower half, on three sides": (slice(90, None), slice(None)),
    "a strip down the middle, on two": (slice(None), slice(100, 160)),
    "most of the middle": (slice(8, -8), slice(10, -10)),
}


@pytest.mark.parametrize("name", LANDSCAPE)
def test_a_landscape_is_no_thing(name: str):
    """A drag on it has no object, and moves its surroundings; a strip that reaches two sides may be a thing."""
    image, _ = boxes_on_ground()
    rows, columns = LANDSCAPE[name]
    image[rows, columns] = image[rows, columns] // 4 + np.array(BLUE, np.uint8) // 4 * 3
    (found,) = find_objects(image, drags(130 + 130j, shift=20), NONE)
    assert found.any() == ("two" in name)


def test_a_click_takes_a_thing_rather_than_the_landscape_which_is_a_step_away():
    """A box on a wide lawn: a click on the lawn beside it still takes the lawn, since there is nothing else."""
    image, (box,) = boxes_on_ground((90, 48, 150, 108))
    image[140:] = image[140:] // 4 + np.array(BLUE, np.uint8) // 4 * 3
    picture = search_image(image)
    assert overlap(soft_mask(picture, first_pick(picture, 120 + 80j)), box) > 0.9
    lake = first_pick(picture, 150 + 170j)
    assert soft_mask(picture, lake)[165:175, 140:160].min() > 0.5
