"""Outlines drawn by hand, moved to the edge beside them."""

import cv2
import numpy as np

from dragnuwa.vision.segmentation.outline import snapped

SIDE = 240


def disc(radius: float, x: float = 120, y: float = 120) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return (np.hypot(columns - x, rows - y) <= radius).astype(np.float32)


def picture(thing: np.ndarray, contrast: int = 110) -> np.ndarray:
    """A thing on a ground, both with grain."""
    grain = np.random.default_rng(0).normal(0, 5, (SIDE, SIDE, 1))
    image = np.full((SIDE, SIDE, 3), 80.0) + contrast * cv2.GaussianBlur(thing, (3, 3), 0)[..., None] + grain
    return image.clip(0, 255).astype(np.uint8)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one >= 0.5, other >= 0.5
    return (one & other).sum() / (one | other).sum()


def test_an_outline_drawn_around_a_thing_goes_to_its_edge():
    thing, drawn = disc(60), disc(64)
    assert overlap(thing, drawn) < 0.9
    assert overlap(thing, snapped(picture(thing), drawn)) > 0.97


def test_an_outline_drawn_too_small_goes_to_its_edge():
    thing = disc(60)
    assert overlap(thing, snapped(picture(thing), disc(56))) > 0.97


def test_where_there_is_no_edge_the_outline_stays_as_drawn():
    drawn = disc(60)
    assert snapped(picture(disc(60), contrast=0), drawn) is drawn


def test_an_outline_at_the_edge_stays_as_drawn():
    drawn = disc(60)
    assert overlap(drawn, snapped(picture(disc(60)), drawn)) > 0.99


def test_an_edge_beyond_the_band_is_left_alone():
    drawn = disc(40)
    assert overlap(drawn, snapped(picture(disc(80)), drawn)) > 0.98


def test_one_side_moves_while_the_other_stays():
    """The thing ends in an edge at the left, 4 px inside of the outline, and goes on to the right without one."""
    thing, drawn = disc(60), disc(60, x=116)
    thing[:, 120:] = 1
    found = snapped(picture(thing), drawn)
    assert not found[120, 57:59].any()
    np.testing.assert_array_equal(found[:, 150:], drawn[:, 150:])
