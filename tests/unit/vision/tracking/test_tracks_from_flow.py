"""The Trajectory Sampler: it follows known flow exactly, and draws where things move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragnuwa.models import drag_maps
from dragnuwa.research.scenes import SceneConfig, make_scene
from dragnuwa.vision.tracking.tracks_from_flow import bilinear, follow, grid, sample_tracks

speeds = st.integers(-96, 96).map(lambda sixteenths: sixteenths / 16)  # exact in binary, so no rounding at the edge


@given(dx=speeds, dy=speeds, seed=st.integers(0, 2**32 - 1))
def test_a_constant_flow_is_followed_exactly(dx, dy, seed):
    flow = np.broadcast_to(np.array([dx, dy]), (5, 40, 60, 2))
    points, visible = sample_tracks(flow, np.random.default_rng(seed))
    ideal = points[:, :1] + np.arange(6)[None, :, None] * (dx, dy)
    inside = ((ideal >= 0) & (ideal <= (59, 39))).all(2)
    np.testing.assert_array_equal(visible, np.logical_and.accumulate(inside, axis=1))
    np.testing.assert_allclose(points[visible], ideal[visible], atol=1e-9)
    assert (points >= 0).all() and (points <= (59, 39)).all()  # what has left rests at the edge


@given(turn=st.floats(-0.1, 0.1), grow=st.floats(-0.1, 0.1), seed=st.integers(0, 999))
def test_bilinear_lookup_is_exact_in_a_linear_field(turn, grow, seed):
    y, x = np.mgrid[:30, :50].astype(float)
    field = np.stack([grow * x - turn * y + 1, turn * x + grow * y - 2], -1)
    points = np.random.default_rng(seed).uniform(0, (49, 29), (20, 2))
    expected = np.stack(
        [grow * points[:, 0] - turn * points[:, 1] + 1, turn * points[:, 0] + grow * points[:, 1] - 2], 1
    )
    np.testing.assert_allclose(bilinear(field, points), expected, atol=1e-9)


def test_anchors_stand_one_in_each_cell_of_16_px_of_a_picture_320_high():
    anchors = grid((576, 320), 16, np.random.default_rng(0))
    assert len(anchors) == 20 * 36
    cells = np.floor((anchors + 0.5) / 16).astype(int).clip(0, (35, 19))
    assert len(np.unique(cells, axis=0)) == 20 * 36
    assert len(grid((128, 128), 16, np.random.default_rng(0))) == 400  # scaled to the height: 6.4 px


def test_tracks_are_drawn_in_proportion_to_how_far_things_move():
    flow = np.zeros((3, 64, 64, 2))
    flow[:, :32, :, 0] = 0.1
    flow[:, 32:, :, 0] = 0.3
    rng = np.random.default_rng(0)
    lower = np.mean([sample_tracks(flow, rng, count=1)[0][0, 0, 1] > 31.5 for _ in range(1000)])
    assert 0.70 < lower < 0.80  # three times as fast, so three of four


def test_still_pictures_give_still_tracks_and_one_moving_thing_is_found():
    still = np.zeros((3, 64, 64, 2))
    points, visible = sample_tracks(still, np.random.default_rng(0), count=5)
    assert points.shape == (5, 4, 2) and visible.all() and np.ptp(points, axis=1).max() == 0
    still[:, 20:40, 20:40, 0] = 1.0
    points, _ = sample_tracks(still, np.random.default_rng(0), count=3)
    assert (np.ptp(points, axis=1)[:, 0] > 0).all()


def test_the_number_of_tracks_is_that_asked_for_or_1_to_8():
    flow = np.ones((2, 64, 64, 2))
    counts = {len(sample_tracks(flow, np.random.default_rng(seed))[0]) for seed in range(200)}
    assert counts == set(range(1, 9))
    assert len(sample_tracks(flow, np.random.default_rng(0), count=20)[0]) == 20


def test_the_same_generator_state_gives_the_same_tracks():
    flow = np.random.default_rng(1).normal(0, 2, (4, 48, 48, 2))
    first, again = (sample_tracks(flow, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])


def test_a_hidden_point_is_invisible_from_then_on():
    flow = np.ones((4, 32, 32, 2))
    occluded = np.zeros((4, 32, 32), bool)
    occluded[1, 11, 11] = True
    points, visible = follow(np.array([[10.0, 10.0], [20.0, 10.0]]), flow, occluded)
    assert visible.tolist() == [[True, True, False, False, False], [True] * 5]
    np.testing.assert_array_equal(points[0, 1:], [[11, 11]] * 4)  # rests where it was last seen


def test_tracks_of_a_scene_stay_on_their_surface_and_fit_the_drag_maps():
    config = SceneConfig(sizes=((128, 128),))
    right = total = 0
    for seed in range(20):
        scene = make_scene(seed, config)
        rng = np.random.default_rng(seed)
        points, visible = sample_tracks(scene.flow, rng, occluded=scene.occluded)
        maps = drag_maps.encode(points, visible, height=128, width=128, kernel_size=79, sigma=8.0)
        assert maps.shape == (8, 2, 128, 128)
        x, y = np.rint(points).astype(int).transpose(2, 0, 1)
        owner = scene.owner[np.arange(8)[None], y, x]
        right += (owner == owner[:, :1])[visible].sum()
        total += visible.sum()
    assert right / total > 0.97  # bilinear lookup mixes two surfaces along an outline


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flow": np.zeros((3, 8, 8))}, r"\[T-1, H, W, 2\]"),
        ({"flow": np.full((3, 8, 8, 2), np.nan)}, "finite"),
        ({"occluded": np.zeros((2, 8, 8), bool)}, "occluded"),
        ({"count": 0}, "at least 1"),
        ({"interval": 0.0}, "positive"),
    ],
)
def test_bad_input_is_refused_with_what_was_found(changes, message):
    arguments = {"flow": np.zeros((3, 8, 8, 2)), "rng": np.random.default_rng(0), **changes}
    with pytest.raises(ValueError, match=message):
        sample_tracks(**arguments)
