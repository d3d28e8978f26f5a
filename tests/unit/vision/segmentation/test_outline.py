"""Outlines that follow the picture's edges, and soft edges."""

import cv2
import numpy as np
import pytest

from dragnuwa.vision.segmentation.outline import SMOOTHNESS, _solved, opacity, refine_mask
from tests.support.likeness import overlap

SIZE = 160
Y, X = np.mgrid[:SIZE, :SIZE]
NOTHING = np.zeros((SIZE, SIZE), bool)


def disc(radius: float, x: float = 80, y: float = 80) -> np.ndarray:
    return (X - x) ** 2 + (Y - y) ** 2 < radius**2


def test_an_outline_moves_to_the_edge():
    noise = np.random.default_rng(0).integers(-9, 10, (SIZE, SIZE, 3))
    image = (np.where(disc(40)[..., None], (190, 60, 60), (60, 160, 60)) + noise).astype(np.uint8)
    found = refine_mask(image, disc(46, 82), disc(3), NOTHING)
    assert overlap(found, disc(40)) > 0.98


@pytest.mark.parametrize("radius", [12, 24])
def test_where_colours_do_not_tell_it_stays(radius):
    """The ground is of two colours, and so is the object: each of GrabCut's answers is another shape."""
    image = np.where(((X // 8 + Y // 8) % 2 == 0)[..., None], (200, 190, 60), (40, 60, 120)).astype(np.uint8)
    mask = disc(radius)
    assert (refine_mask(image, mask, disc(1), NOTHING) == mask).all()


def test_grey_edges_are_as_exact_as_others():
    """Their channels are the same, so that the systems are all but singular."""
    rng = np.random.default_rng(0)
    grey = rng.uniform(0, 0.25, (50, 1, 1))
    matrix = np.broadcast_to(grey, (50, 3, 3)).astype(np.float32)
    right = (grey[..., 0] * rng.uniform(-1, 1, (50, 1)) * np.ones(3)).astype(np.float32)
    upper = {(one, other): matrix[:, one, other] for one in range(3) for other in range(one, 3)}
    exact = np.linalg.solve(matrix.astype(float) + SMOOTHNESS * np.eye(3), right[..., None].astype(float))[..., 0]
    np.testing.assert_allclose(_solved(upper, right), exact, rtol=1e-4, atol=1e-6)


def test_opacity_is_whole_inside_and_none_outside():
    image = np.dstack([cv2.GaussianBlur(np.where(disc(40), 255, 0).astype(np.uint8), (0, 0), 1.5)] * 3)
    soft = opacity(image, disc(40))
    assert (soft[disc(34)] == 1).all() and (soft[~disc(46)] == 0).all() and ((soft > 0.2) & (soft < 0.8)).any()
