"""What is filled in behind things that have gone."""

import numpy as np
import pytest

from dragnuwa.carry.filling import fill_hole


def hole(shape: tuple[int, int], top: int, left: int, bottom: int, right: int) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[top:bottom, left:right] = True
    return mask


@pytest.mark.parametrize("size", [40, 400])  # solved at once, and from a smaller copy
def test_a_ramp_goes_on_through_the_hole(size):
    ramp = np.linspace(0, 1, size, dtype=np.float32)[None, :, None].repeat(size, 0).repeat(3, 2)
    gone = hole((size, size), size // 4, size // 4, 3 * size // 4, 3 * size // 4)
    picture = np.where(gone[..., None], 9, ramp).astype(np.float32)
    filled = fill_hole(picture, gone)
    assert np.abs(filled - ramp).max() < 0.01
    assert (filled[~gone] == ramp[~gone]).all()


def test_the_sky_stays_beside_the_sky():
    """A tall hole across a horizon: rows in the sky become sky, rows on the ground ground."""
    picture = np.zeros((200, 200, 3), np.float32)
    picture[:100] = 1
    filled = fill_hole(picture, hole((200, 200), 20, 80, 180, 120))[..., 0]
    assert filled[20:85, 80:120].min() > 0.9 and filled[115:180, 80:120].max() < 0.1


@pytest.mark.parametrize(
    "gone", [hole((30, 50), 0, 0, 30, 20), hole((30, 50), 29, 49, 30, 50), hole((30, 50), 0, 0, 0, 0)]
)
def test_a_hole_at_the_border_or_none(gone):
    picture = np.full((30, 50, 3), 0.25, np.float32)
    assert np.allclose(fill_hole(np.where(gone[..., None], 1, picture).astype(np.float32), gone), picture, atol=1e-5)


@pytest.mark.parametrize("size", [40, 400])
def test_a_hole_that_is_all_of_the_picture_leaves_it_as_it_is(size):
    picture = np.random.default_rng(0).random((size, size, 3), np.float32)
    assert (fill_hole(picture, np.ones((size, size), bool)) == picture).all()
