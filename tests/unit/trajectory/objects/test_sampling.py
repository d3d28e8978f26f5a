"""Objects sampled: to transforms, to tracks inside of their outlines, and to masks."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.models import drag_maps as flow
from dragnuwa.trajectory.objects import sampling
from dragnuwa.trajectory.objects.masks import contains, edges, interior_points, outline_mask, rings_mask
from dragnuwa.trajectory.objects.schema import encloses
from tests.support.drawings import parsed_objects
from tests.support.moved_objects import moved_masks

SIZE = np.array([400.0, 200.0])
CLIP = ClipShape(400, 200, 9)
SQUARE = [{"x": 0.25, "y": 0.25}, {"x": 0.5, "y": 0.25}, {"x": 0.5, "y": 0.75}, {"x": 0.25, "y": 0.75}]


def one_object(motion, outline=(SQUARE,), **fields):
    each = {"outline": list(outline), "motion": motion, **fields}
    return parsed_objects(each, size=CLIP.size)


def moved(value, place, fraction):
    """Where a place of the picture is at a fraction of the clip, both in pixels."""
    motion = sampling.transform(value.objects[0], np.array([fraction]), SIZE)
    at = motion.apply(np.array([[complex(*place)]]))[0, 0]
    return at.real, at.imag


def test_a_turn_keeps_its_angles_whatever_the_pictures_shape():
    value = one_object({"keys": [{"t": 1, "x": 0.1, "y": 0.2, "rotation": 90, "scale": 2}]})
    assert moved(value, (150, 100), 1) == pytest.approx((190, 140))  # the pivot
    assert moved(value, (160, 100), 1) == pytest.approx((190, 160))  # ten pixels to its right: twenty below it
    assert moved(value, (160, 100), 0.5) == pytest.approx((170 + 15 * 0.5**0.5, 120 + 15 * 0.5**0.5))
    assert moved(value, (160, 100), 0) == pytest.approx((160, 100))


def test_between_keys_the_ease_of_the_first_counts():
    keys = [{"t": 0, "ease": "ease_in"}, {"t": 0.5, "x": 0.1, "ease": "constant"}, {"t": 0.75, "x": 0.5}]
    value = one_object({"keys": keys}, start=0.5, end=1.0)
    ways = [moved(value, (0, 0), f)[0] for f in (0.5, 0.625, 0.75, 0.874, 0.875, 1.0)]
    assert ways == pytest.approx([0, 10, 40, 40, 200, 200])


def test_a_drawn_path_moves_it_as_far_as_it_goes():
    value = one_object({"points": [{"x": 0.9, "y": 0.1}, {"x": 0.95, "y": 0.3}], "spline": "linear"}, start=0.5)
    assert [moved(value, (10, 20), f) for f in (0, 0.5, 1)] == [
        pytest.approx((10, 20)), pytest.approx((10, 20)), pytest.approx((30, 60)),
    ]  # fmt: skip


def test_its_tracks_move_with_it_and_have_its_visibility():
    value = one_object({"keys": [{"t": 1, "rotation": 45, "scale": 1.5}]}, visible=[[0, 0.5]])
    sampled = value.at_frames(CLIP)
    assert 3 <= len(sampled.points) <= 8 and (sampled.owner == 0).all()
    motion = sampling.transform(value.objects[0], np.linspace(0, 1, 9), SIZE)
    starts = sampled.points[:, :1, 0] + 1j * sampled.points[:, :1, 1]
    found = sampled.points[..., 0] + 1j * sampled.points[..., 1]
    np.testing.assert_allclose(found, motion.apply(starts), atol=1e-5)
    assert sampled.visible[0].tolist() == [True] * 5 + [False] * 4
    alone, _ = value.sample(9, 400, 200)
    np.testing.assert_array_equal(alone, sampled.points)


def test_drag_maps_have_objects_too():
    maps = flow.encode_trajectories(one_object({"keys": [{"t": 1, "x": 0.2}]}), CLIP)
    middle = maps[1:, :, 100, 150]
    assert (middle[:4, 0] > 10).all() and (middle[:, 1].abs() < 1e-3).all()  # while it is there


def test_one_that_rests_becomes_anchors():
    for motion in ({"points": [{"x": 0.5, "y": 0.5}]}, {"keys": [{"t": 0}, {"t": 1}]}):
        assert one_object(motion).at_frames(CLIP).anchored.all()


places_of = st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2))


@given(st.lists(st.lists(places_of, min_size=3, max_size=7), min_size=1, max_size=3))
@settings(deadline=None, derandomize=True, max_examples=60)
def test_places_lie_inside_and_masks_are_what_many_points_say(outline):
    size = np.array([48.0, 32.0])
    assume(all(encloses(tuple(ring)) for ring in outline))  # the format refuses others
    rings = [np.array(ring) * size for ring in outline]
    first, second = edges(rings)
    found = interior_points(outline, size)
    assert 1 <= len(found) <= 8
    if len(found) > 1:
        assert contains(first, second, found).all()
        apart = np.abs((found[:, None] - found[None]) @ [1, 1j])
        assert apart[~np.eye(len(found), dtype=bool)].min() > 0
    y, x = np.mgrid[: 32 * 8, : 48 * 8]
    points = np.stack([x.ravel() + 0.5, y.ravel() + 0.5], -1) / 8
    dense = contains(first, second, points).reshape(32, 8, 48, 8).mean((1, 3))
    mask = outline_mask(outline, 48, 32)
    assert mask.dtype == np.float32 and mask.min() >= 0 and mask.max() <= 1
    assert np.abs(mask - dense).mean() < 0.01 and np.abs(mask - dense).max() < 0.3


def test_a_hole_is_a_hole_and_an_exact_box_has_exact_edges():
    hole = [(0.3, 0.4), (0.4, 0.4), (0.4, 0.6), (0.3, 0.6)]
    box = [(0.25, 0.25), (0.5, 0.25), (0.5, 0.75), (0.25, 0.75)]
    mask = outline_mask((box, hole), 400, 200)
    expected = np.zeros((200, 400))
    expected[50:150, 100:200] = 1
    expected[80:120, 120:160] = 0
    np.testing.assert_allclose(mask, expected, atol=1e-5)
    half = rings_mask([np.array([(1.25, 0.5), (2.75, 0.5), (2.75, 1), (1.25, 1)])], 4, 2)
    np.testing.assert_allclose(half, [[0, 0.375, 0.375, 0], [0, 0, 0, 0]], atol=1e-6)


def test_moved_masks_follow_the_object_and_its_visibility():
    value = one_object({"keys": [{"t": 1, "x": 0.25, "scale": 0.5}]}, visible=[[0, 0.5], [1, 1]])
    masks = moved_masks(value.objects[0], CLIP)
    assert masks.shape == (9, 200, 400)
    assert masks.sum((1, 2))[[0, 4, 5, 8]] == pytest.approx([1e4, 1e4 * 0.75**2, 0, 2500], rel=1e-3)
    np.testing.assert_allclose(masks[0], value.object_masks(400, 200)[0])
    rows, columns = np.nonzero(masks[8] > 0.5)
    assert [rows.min(), rows.max(), columns.min(), columns.max()] == [75, 124, 225, 274]


def test_masks_of_hostile_outlines_take_bounded_time_and_memory():
    zigzag = [(0.0 if k % 2 else 1.0, k / 4096 + (0.9 if k % 2 else 0)) for k in range(4096)]
    mask = outline_mask((zigzag,), 512, 512)
    assert np.isfinite(mask).all()
    far = [(-1e4, -1e4), (1e4, -1e4), (1e4, 1e4), (-1e4, 1e4)]
    assert outline_mask((far,), 64, 64).min() == 1
