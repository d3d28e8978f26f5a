"""The figures themselves, on arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dragnuwa.research.evaluation import objmc, relative_objmc, undragged_motion

SHAPES = st.tuples(st.integers(1, 4), st.integers(2, 6))
PIXELS = st.integers(-640_000, 640_000).map(lambda part: part / 64)  # no sums that vanish beside another


@st.composite
def pairs(draw):
    """predicted, target and visible, with at least one visible point."""
    shape = draw(SHAPES)
    predicted, target = (draw(arrays(np.float64, (*shape, 2), elements=PIXELS)) for _ in range(2))
    visible = draw(arrays(bool, shape).filter(np.any))
    return predicted, target, visible


def test_objmc_is_the_mean_distance_over_visible_points_and_frames():
    target = np.zeros((2, 2, 2))
    predicted = np.array([[[0, 0], [3, 4]], [[6, 8], [1e6, 1e6]]], float)
    visible = np.array([[True, True], [True, False]])
    assert objmc(predicted, target, visible) == pytest.approx((0 + 5 + 10) / 3)


@given(pairs())
def test_objmc_is_a_distance(tracks):
    predicted, target, visible = tracks
    value = objmc(predicted, target, visible)
    assert (value > 0) == bool((predicted != target).any(2)[visible].any())
    assert value == objmc(target, predicted, visible)
    assert objmc(target, target, visible) == 0
    assert (value == 0) == np.array_equal(predicted[visible], target[visible])


@given(pairs(), st.floats(allow_nan=True, allow_infinity=True))
def test_hidden_points_have_no_influence(tracks, anything):
    predicted, target, visible = tracks
    elsewhere = np.where(visible[..., None], predicted, anything)
    assert objmc(elsewhere, target, visible) == objmc(predicted, target, visible)
    assert objmc(predicted, np.where(visible[..., None], target, anything), visible) == objmc(
        predicted, target, visible
    )


@given(pairs(), st.floats(-100, 100), st.floats(-100, 100))
def test_a_shift_of_everything_moves_every_point_by_its_length(tracks, x, y):
    _, target, visible = tracks
    assert objmc(target + np.array((x, y)), target, visible) == pytest.approx(np.hypot(x, y), abs=1e-9)


def test_relative_objmc_is_1_for_what_stays_and_half_for_half_the_way():
    target = np.linspace((0, 0), (30, 40), 6)[None]
    visible = np.ones((1, 6), bool)
    assert relative_objmc(np.repeat(target[:, :1], 6, 1), target, visible) == 1
    assert relative_objmc(target / 2, target, visible) == pytest.approx(0.5)
    assert relative_objmc(target, target, visible) == 0
    assert relative_objmc(-target, target, visible) == pytest.approx(2)


def test_nothing_visible_is_an_error_and_never_0():
    with pytest.raises(ValueError, match="None of 2 tracks is visible in any of 3 frames"):
        objmc(np.zeros((2, 3, 2)), np.zeros((2, 3, 2)), np.zeros((2, 3), bool))
    with pytest.raises(ValueError, match="None of 0 tracks"):
        objmc(np.zeros((0, 3, 2)), np.zeros((0, 3, 2)), np.zeros((0, 3), bool))


def test_errors_say_what_was_found():
    tracks, seen = np.zeros((2, 3, 2)), np.ones((2, 3), bool)
    with pytest.raises(ValueError, match=r"found \[2, 3, 2\], \[2, 3, 2\] and \[3, 2\]"):
        objmc(tracks, tracks, seen.T)
    with pytest.raises(ValueError, match="visible must be bool; found float64"):
        objmc(tracks, tracks, seen.astype(float))
    with pytest.raises(ValueError, match="NaN or infinite"):
        objmc(tracks * np.nan, tracks, seen)
    with pytest.raises(ValueError, match="no intended track moves"):
        relative_objmc(tracks, tracks, seen)


def test_undragged_motion_is_the_median_of_the_farthest_visible_distances():
    found = np.zeros((3, 3, 2))
    found[0, 1] = (3, 4)  # there and back again
    found[1, 2] = (0, 1)
    found[2, 1:] = 1e6  # hidden then
    visible = np.array([[True] * 3, [True] * 3, [True, False, True]])
    found[2, 2] = (0, 2)
    assert undragged_motion(found, visible) == 2
    assert undragged_motion(found[:2], visible[:2]) == 3
    with pytest.raises(ValueError, match="visible after the first frame"):
        undragged_motion(found, np.array([[True, False, False]] * 3))
