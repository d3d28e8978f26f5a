"""What is small in a picture is seen in an enlarged part of it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dragnuwa.vision.segmentation import find
from dragnuwa.vision.segmentation.closer import seen_closer
from dragnuwa.vision.segmentation.prepared import search_image
from tests.support.likeness import overlap
from tests.support.pictures import texture

WIDTH, HEIGHT = 1024, 720
PLACES = [600 + 300j, 60 + 40j, 970 + 660j]  # in the middle, and so near to a border that the part lies beside it
NONE = np.zeros(0, complex)


@pytest.fixture(scope="module")
def street() -> np.ndarray:
    """Grey, with grains and some larger spots."""
    grains = texture(HEIGHT, WIDTH, seed=3)[..., :1].astype(float) + texture(HEIGHT, WIDTH, seed=4, grain=25.0)[..., :1]
    return np.repeat((70 + grains / 8).astype(np.uint8), 3, axis=2)


def with_car(street: np.ndarray, at: complex) -> tuple[np.ndarray, np.ndarray]:
    """A picture with a car of 12 x 26 pixels, seen from above, and its mask `[H, W]` bool."""
    x, y = int(at.real), int(at.imag)
    picture, mask = street.copy(), np.zeros((HEIGHT, WIDTH), bool)
    mask[y - 13 : y + 13, x - 6 : x + 6] = True
    picture[mask] = (200, 30, 30)
    cv2.rectangle(picture, (x - 5, y - 7), (x + 4, y - 3), (25, 25, 35), -1)
    cv2.rectangle(picture, (x - 5, y + 6), (x + 4, y + 9), (25, 25, 35), -1)
    return cv2.GaussianBlur(picture, (0, 0), 0.7), mask


@pytest.mark.parametrize("at", PLACES)
def test_a_small_car_is_seen(street, at):
    picture, mask = with_car(street, at)
    found = seen_closer(search_image(picture), at)
    assert found is not None and overlap(found.opacity, mask) > 0.7


def test_nothing_is_seen_on_ground_or_without_a_network(street):
    assert seen_closer(search_image(street), 600 + 300j) is None
    picture, _ = with_car(street, 600 + 300j)
    assert seen_closer(search_image(picture), 400 + 500j) is None
    assert seen_closer(replace(search_image(picture), networks=None), 600 + 300j) is None


def test_what_goes_on_outside_of_the_part_is_not_taken(street):
    picture = street.copy()
    cv2.circle(picture, (600, 300), 260, (200, 30, 30), -1)
    assert seen_closer(search_image(picture), 600 + 300j) is None


def test_a_small_picture_shows_no_more_when_enlarged(street):
    picture, _ = with_car(street, 600 + 300j)
    assert seen_closer(search_image(np.ascontiguousarray(picture[200:400, 450:750])), 150 + 100j) is None


def test_a_drag_on_which_nothing_was_found_takes_it(street, monkeypatch):
    picture, mask = with_car(street, 600 + 300j)
    monkeypatch.setattr(find, "best_of", lambda patches, group: None)
    searched, track = search_image(picture), (600 + 300j + 40 * np.linspace(0, 1, 4))[None]
    for found in (
        find.find_objects(searched, track, NONE),
        find.objects_together(searched, track[:, 0], np.array([True]), NONE),
    ):
        (thing,) = found
        assert overlap(thing.mask, mask) > 0.7 and thing.tracks.tolist() == [0]
