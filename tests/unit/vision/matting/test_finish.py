"""Cuts that grow, shrink and are feathered: where their edges lie, and how soft they are."""

import numpy as np
import pytest

from dragnuwa.vision.matting.cut_out import feathered, grown

CENTRE = (50.3, 46.6)


def disc(radius: float, soft: float = 1) -> np.ndarray:
    """`[96, 100]`: a disc whose opacity falls from 1 to 0 over `soft` px."""
    rows, columns = np.mgrid[:96, :100]
    away = np.hypot(columns - CENTRE[0], rows - CENTRE[1])
    return ((radius - away) / soft + 0.5).clip(0, 1).astype(np.float32)


@pytest.mark.parametrize("soft", [1, 8])
@pytest.mark.parametrize("by", [-7.3, -3, -0.5, 0.4, 1, 3, 6.6])
def test_a_disc_has_its_radius_and_what_it_grows_by(by, soft):
    found, expected = grown(disc(30, soft), by), disc(30 + by, soft)
    assert np.sqrt(found.sum() / np.pi) == pytest.approx(np.sqrt(expected.sum() / np.pi), abs=0.2)
    assert np.abs(found - expected).max() < 0.3 / soft + 0.02  # all around, as sharp and as soft as before


def test_growing_by_nothing_changes_nothing():
    assert np.abs(grown(disc(30, 8), 0) - disc(30, 8)).max() < 1 / 32


def test_a_thing_that_goes_beyond_the_picture_neither_shrinks_nor_fades_there():
    half = np.zeros((20, 20), np.float32)
    half[:, :10] = 1
    for found in (grown(half, -3), feathered(half, 6)):
        assert (found[:, :6] == 1).all() and (found == found[:1]).all()
    whole, nothing = np.ones((9, 9), np.float32), np.zeros((9, 9), np.float32)
    assert (grown(whole, -3) == 1).all() and (grown(nothing, 3) == 0).all()


@pytest.mark.parametrize("width", [2, 5.5, 12])
def test_a_feather_is_as_wide_as_it_says_and_even_about_the_edge(width):
    half = np.zeros((3, 60), np.float32)
    half[:, :30] = 1  # the edge is at 29.5
    profile = feathered(half, width)[1]
    away = np.arange(60) - 29.5
    assert (profile[away <= -width / 2 - 0.5] == 1).all() and (profile[away >= width / 2 + 0.5] == 0).all()
    assert (np.diff(profile) <= 0).all()
    np.testing.assert_allclose(profile + profile[::-1], 1, atol=1e-5)
    inside = (away > -width / 2) & (away < width / 2)
    assert ((profile > 0) & (profile < 1))[inside].all()
    slope = -np.diff(profile).min()
    assert slope == pytest.approx(2 / width, rel=0.35)  # of a raised cosine in its middle


def test_a_feather_of_a_pixel_and_less_changes_nothing():
    for width in (0, 0.5, 1):
        np.testing.assert_allclose(feathered(disc(20), width), disc(20), atol=1e-5)
