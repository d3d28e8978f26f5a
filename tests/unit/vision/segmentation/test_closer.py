"""What is small in a picture is seen in an enlarged part of it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dragnuwa.vision.segmentation import closer, find
from dragnuwa.vision.segmentation.closer import Look, estimated_closer, pick_at, seen_closer
from dragnuwa.vision.segmentation.pick import corrected, estimated_overlaps, seems_ground, sizes, soft_mask
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


def look(mask: np.ndarray, thing: float, estimate: float) -> Look:
    return Look(mask.astype(np.float32), thing, estimate)


@pytest.mark.parametrize(
    "second, third, believed",
    [
        (("same", 0.6, 0.75), None, 0.75),  # the second confirms the first, which is surer of a thing
        (("same", 0.6, 0.65), None, None),  # neither is sure of its outline
        (("other", 0.99, 0.95), None, None),
        (("other", 0.99, 0.95), ("same", 0.6, 0.8), 0.8),
        (None, None, None),
    ],
)
def test_an_answer_has_to_be_confirmed_by_another_part(street, monkeypatch, second, third, believed):
    masks = {name: np.zeros((HEIGHT, WIDTH), bool) for name in ("same", "other")}
    masks["same"][290:310, 590:610] = True
    masks["other"][280:310, 580:640] = True
    answers = [("same", 0.95, 0.6), second, third]
    looks = [None if each is None else look(masks[each[0]], *each[1:]) for each in answers]
    by_share = dict(zip(closer.SHARES, looks, strict=True))
    monkeypatch.setattr(closer, "_look", lambda picture, point, share: by_share[share])
    found = seen_closer(search_image(street), 600 + 300j)
    assert (None if found is None else found.estimate) == believed


def test_a_place_is_looked_at_once_whatever_else_is_drawn(street, monkeypatch):
    """A drag on ground, beside one that is being drawn."""
    searched, looked = search_image(street), []
    monkeypatch.setattr(find, "best_of", lambda patches, group: None)
    monkeypatch.setattr(closer, "_look", lambda picture, point, share: looked.append(point))
    ways = np.array([700 + 600j, 300 + 200j, 500 + 100j])[:, None] + 40 * np.array([1, 1j, -1])[:, None] * [0, 0.5, 1]
    for count in (1, 2, 3):
        assert find.find_objects(searched, ways[:count], NONE) == []
        assert find.objects_together(searched, ways[:count, 0], np.ones(count, bool), NONE) == []
    assert [looked.count(way[0]) for way in ways] == [2, 2, 2]  # the third part could confirm nothing


@pytest.mark.parametrize("blob, taken", [(None, True), (60, True), (300, False)])
def test_a_drag_takes_it_where_nothing_large_was_found(street, monkeypatch, blob, taken):
    picture, mask = with_car(street, 600 + 300j)
    searched, track = search_image(picture), (600 + 300j + 40 * np.linspace(0, 1, 4))[None]
    found = None
    if blob is not None:
        around = np.zeros((HEIGHT, WIDTH), np.float32)
        cv2.circle(around, (600, 300), blob, 1.0, -1)
        height, width = searched.patches.label.shape
        found = searched.patches.mean(cv2.resize(around, (width, height))) >= 0.5
    monkeypatch.setattr(find, "best_of", lambda patches, group: found)
    monkeypatch.setattr(find, "is_ground", lambda patches, mask: False)
    monkeypatch.setattr(closer, "DOUBTED", 0)  # what is large is not doubted
    for found in (
        find.find_objects(searched, track, NONE),
        find.objects_together(searched, track[:, 0], np.array([True]), NONE),
    ):
        (thing,) = found
        assert (overlap(thing.mask, mask) > 0.7) == taken and thing.tracks.tolist() == [0]


def test_a_click_takes_it_too(street):
    picture, mask = with_car(street, 600 + 300j)
    searched = search_image(picture)
    pick = pick_at(searched, 600 + 300j)
    assert overlap(soft_mask(searched, pick), mask) > 0.7 and not seems_ground(searched, pick)
    picks, number = sizes(searched, pick)
    assert overlap(soft_mask(searched, picks[number]), mask) > 0.7
    assert all(soft_mask(searched, larger).sum() > 2 * mask.sum() for larger in picks[number + 1 :])
    with_more = corrected(searched, pick, 640 + 300j, True)
    assert soft_mask(searched, with_more)[300, 640] >= 0.5
    on_ground = pick_at(searched, 400 + 500j)
    assert on_ground.opacity is None


def test_what_is_small_is_judged_in_an_enlarged_part(street):
    picture, mask = with_car(street, 600 + 300j)
    searched = search_image(picture)
    around = np.zeros((HEIGHT, WIDTH), np.float32)
    around[270:330, 560:640] = 1
    car, blob = estimated_closer(searched, 600 + 300j, [mask.astype(np.float32), around])
    assert car > 0.6 > blob
    around[:, :300] = 1  # too large for the part
    pair = [mask.astype(np.float32), around]
    assert (estimated_closer(searched, 600 + 300j, pair) == estimated_overlaps(searched, 600 + 300j, pair)).all()
