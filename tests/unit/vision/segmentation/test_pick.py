"""The object under clicks."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from dragnuwa.common.interrupt import interrupts
from dragnuwa.common.picture_files import open_picture
from dragnuwa.vision.segmentation import pick
from dragnuwa.vision.segmentation.candidates import is_ground
from dragnuwa.vision.segmentation.find import find_objects
from dragnuwa.vision.segmentation.pick import corrected, first_pick, nested_sizes, seems_ground, sizes, soft_mask
from dragnuwa.vision.segmentation.prepared import search_image
from tests.support.likeness import overlap
from tests.support.pictures import BLUE, GROUND, RED, boxes_on_ground

PICTURES = Path(__file__).parents[4] / "web" / "pictures"


def searched_boxes(*boxes):
    """A noisy green ground with boxes (left, top, right, bottom, colour) on it; and the boxes as masks."""
    image, masks = boxes_on_ground(*(box[:4] for box in boxes), colors=[box[4] for box in boxes])
    return search_image(image), masks


HALVES = (120, 30, 160, 90, RED), (120, 90, 160, 150, BLUE)


def test_plus_adds_the_other_half():
    """By colours alone: to the networks, both are one thing."""
    picture, (top, bottom) = searched_boxes(*HALVES)
    picture = replace(picture, networks=None)
    first = first_pick(picture, 140 + 60j)
    assert overlap(soft_mask(picture, first), top) > 0.9
    assert overlap(soft_mask(picture, corrected(picture, first, 140 + 120j, True)), top | bottom) > 0.9


def test_what_is_of_one_colour_is_added_as_a_whole():
    """A drawing without noise: red, and green above it, on blue."""
    image = np.full((320, 576, 3), BLUE, np.uint8)
    image[96:192, 115:230], image[26:96, 115:230] = RED, GROUND
    thing = (image != BLUE).any(2)
    picture = search_image(image)
    first = first_pick(picture, 173 + 144j)
    for above in (24, 35, 50):
        assert overlap(soft_mask(picture, corrected(picture, first, complex(173, 96 - above), True)), thing) > 0.97


def test_of_clicks_on_one_superpixel_the_last_one_counts():
    """Minus takes the whole half away, and plus brings it back."""
    picture, (top, bottom) = searched_boxes(*HALVES)
    whole = corrected(picture, first_pick(picture, 140 + 60j), 140 + 120j, True)
    without = corrected(picture, whole, 141 + 120j, False)
    assert overlap(soft_mask(picture, without), top) > 0.9
    again = corrected(picture, without, 142 + 120j, True)
    assert overlap(soft_mask(picture, again), top | bottom) > 0.9


def test_a_correction_keeps_what_the_earlier_ones_have_settled():
    """Four boxes that lie apart, added one by one: each click adds its own, and loses no other."""
    boxes = [(20 + 130 * x, 20 + 90 * y, 60 + 130 * x, 60 + 90 * y, RED) for x in (0, 1) for y in (0, 1)]
    picture, masks = searched_boxes(*boxes)
    positions = [40 + 130 * x + 1j * (40 + 90 * y) for x in (0, 1) for y in (0, 1)]
    pick, wanted = first_pick(picture, positions[0]), masks[0]
    for place, mask in zip(positions[1:], masks[1:], strict=True):
        wanted = wanted | mask
        if soft_mask(picture, pick)[round(place.imag), round(place.real)] < 0.5:
            pick = corrected(picture, pick, place, True)
    assert overlap(soft_mask(picture, pick), wanted) > 0.9


def test_clicks_hold_to_the_pixel():
    """A click at the very edge of a box does not take the superpixel under it out of the box."""
    picture, (box,) = searched_boxes((90, 48, 150, 130, RED))
    pick = corrected(picture, first_pick(picture, 120 + 90j), 153 + 90j, False)
    assert soft_mask(picture, pick)[90, 153] < 0.5 and overlap(soft_mask(picture, pick), box) > 0.95


def test_a_click_that_takes_a_corner_away_leaves_the_rest():
    """Of a box with an eye, which the first click was on, not the eye alone."""
    picture, (box, eye) = searched_boxes((40, 20, 250, 175, RED), (130, 85, 150, 105, BLUE))
    found, number = sizes(picture, first_pick(picture, 140 + 95j))
    whole = next(each for each in found[number:] if overlap(soft_mask(picture, each), box | eye) > 0.9)
    assert soft_mask(picture, corrected(picture, whole, 60 + 40j, False)).sum() > 0.1 * box.sum()


def test_a_click_in_the_middle_means_the_whole_and_not_a_stripe():
    """A box with a wide stripe across: in its middle, so is the click."""
    picture, (box, stripe) = searched_boxes((60, 40, 220, 150, RED), (60, 85, 220, 105, (150, 50, 70)))
    assert overlap(soft_mask(picture, first_pick(picture, 140 + 95j)), box | stripe) > 0.9


def test_a_click_that_takes_away_where_the_only_one_added():
    """No click is left that says where the object is."""
    picture = search_image(np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8))
    mask = corrected(picture, first_pick(picture, 40 + 30j), 40 + 30j, belongs=False).mask
    assert mask.shape == (picture.patches.count,)


def test_a_smaller_and_a_larger_thing_take_the_place_of_a_pick():
    """An eye in a head on a body: from the one that is picked, steps lead to the others, each within the next."""
    picture, (body, head, eye) = searched_boxes(
        (60, 40, 180, 150, RED), (90, 60, 150, 120, BLUE), (112, 82, 128, 98, RED)
    )
    found, number = sizes(picture, first_pick(picture, 120 + 90j))
    masks = [soft_mask(picture, each) > 0.5 for each in found]
    assert 2 <= len(masks) <= 9 and 0 <= number < len(masks)
    for small, large in pairwise(masks):
        assert small.sum() < large.sum() / 1.15 and (small & large).sum() > 0.9 * small.sum()
    for wanted in (body | head | eye, head | eye, eye):
        assert max(overlap(mask, wanted) for mask in masks) > 0.85


def test_no_step_goes_past_what_looks_likelier_than_the_sizes_around_it():
    """Five regions, each within the next; between the pick and the whole lie two, of which the likelier is a step."""
    patches = SimpleNamespace(area=np.full(32, 10))
    masks = [np.arange(32) < count for count in (4, 7, 12, 28, 32)]
    steps, number = nested_sizes(patches, masks, dict(enumerate((0.9, 0.8, 0.5, 0.6, 0.4))), masks[0])
    assert [int(mask.sum()) for mask in steps] == [4, 7, 12, 28] and number == 0  # of the last two, the likelier
    steps, number = nested_sizes(patches, masks, dict(enumerate((0.9, 0.8, 0.5, 0.6, 0.7))), masks[3])
    assert [int(mask.sum()) for mask in steps] == [4, 7, 12, 28] and number == 3


def lines_before_a_sky():
    """A sky that gets lighter downwards, a hill, and before the sky a mast and a rope; and both as masks."""
    image = np.empty((600, 900, 3), np.float32)
    image[:] = np.linspace((90, 140, 205), (200, 215, 235), 600)[:, None]
    image[480:] = 70, 110, 50
    image += np.random.default_rng(0).normal(0, 2, image.shape)
    mast, rope = (np.zeros(image.shape[:2], np.uint8) for _ in range(2))
    cv2.line(mast, (300, 60), (300, 470), 1, 7)
    cv2.line(rope, (500, 420), (850, 120), 1, 5)
    image[mast > 0], image[rope > 0] = (60, 45, 40), (245, 240, 225)
    return image.clip(0, 255).astype(np.uint8), mast > 0, rope > 0


def test_a_click_or_a_drag_on_a_thin_thing_is_not_one_on_the_sky_behind_it():
    image, mast, rope = lines_before_a_sky()
    picture = search_image(image)
    for line, click in ((mast, 300 + 200j), (rope, 675 + 270j)):
        found = first_pick(picture, click)
        assert not seems_ground(picture, found)
        assert overlap(soft_mask(picture, found), line) > 0.5
        (drawn,) = find_objects(picture, (click + np.linspace(0, 90, 4))[None], np.zeros(0, complex))
        assert overlap(drawn.mask, line) > 0.5
    assert is_ground(picture.patches, first_pick(picture, 150 + 200j).mask)


def test_where_nothing_else_is_there_are_no_sizes():
    picture = search_image(np.full((120, 160, 3), 128, np.uint8))
    found, number = sizes(picture, first_pick(picture, 80 + 60j))
    assert len(found) >= 1 and found[number].mask.any()


def test_a_click_on_uneven_ground_finds_the_ground_and_not_a_scrap_of_it():
    """A meadow with lighter and darker places, and a box on it, which a click still picks."""
    noise = np.random.default_rng(0).normal(size=(240, 360, 3)).astype(np.float32)
    positions, grain = (cv2.GaussianBlur(each, (0, 0), sigma) for each, sigma in ((noise, 25), (noise[::-1], 2)))
    light = 60 * np.linspace(0, 1, 240)[:, None, None]
    ground = (70, 130, 60) + light + 8 * positions / positions.std() + 5 * grain / grain.std()
    box = np.zeros((240, 360), bool)
    box[80:170, 40:120] = True
    ground[box] = RED
    picture = search_image(ground.clip(0, 255).astype(np.uint8))
    for place in (250 + 120j, 200 + 60j, 300 + 200j):
        assert is_ground(picture.patches, first_pick(picture, place).mask), place
    assert overlap(soft_mask(picture, first_pick(picture, 80 + 125j)), box) > 0.95


def test_a_click_where_the_network_sees_no_thing_seems_to_be_on_ground():
    """On a dune, of which only a scrap is found."""
    with open_picture(PICTURES / "dragnuwa-desert.jpg") as opened:
        image = np.asarray(opened.convert("RGB"))
    height, width = image.shape[:2]
    picture = search_image(image)
    dune = first_pick(picture, complex(0.5 * width, 0.9 * height))
    assert not is_ground(picture.patches, dune.mask) and seems_ground(picture, dune)


def test_sizes_do_not_score_the_candidates_of_a_first_click_again(monkeypatch):
    picture, _ = searched_boxes(*HALVES)
    first = first_pick(picture, 140 + 60j)
    again = sizes(picture, replace(first, scores=None))
    monkeypatch.setattr(pick, "scores_of", None)  # a call of it would fail
    kept = sizes(picture, first)
    assert kept[1] == again[1]
    assert [each.mask.tolist() for each in kept[0]] == [each.mask.tolist() for each in again[0]]


def test_a_first_pick_stops_soon_after_nobody_waits_any_longer():
    class Gone(Exception):
        pass

    picture, _ = searched_boxes(*HALVES)
    calls = []

    def check() -> None:
        calls.append(1)
        if len(calls) == 5:
            raise Gone

    with pytest.raises(Gone), interrupts(check):
        first_pick(picture, 140 + 60j)
    assert len(calls) == 5
