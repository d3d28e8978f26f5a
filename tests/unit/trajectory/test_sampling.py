"""Sampling: where every track is at every frame."""

import math
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from dragnuwa.trajectory import Point, Track, Trajectories, TrajectoryError, parse

SIZE = 200  # pixels, width and height of the picture of most tests
PIXELS = [(20, 20), (60, 20), (60, 100)]
HANDLES_OUT = [(16, 0), None, None]
HANDLES_IN = [None, (0, -8), (-8, 0)]
KEYS = [0.25, 0.5, 1]

# The same three points as cubic Bezier segments, by hand. Slopes at the points (dx, dy by index), with P + slope / 3
# and Q - slope / 3 as inner control points:
#   pchip        (60, 0), (0, 0), (0, 120): one-sided 3/2 of the first difference at the ends, 0 beside a flat stretch
#   catmull_rom  (20, 0), (20, 40), (0, 40): half of the way between the neighbours, end points doubled
SEGMENTS = {
    "linear": [
        [(20, 20), (100 / 3, 20), (140 / 3, 20), (60, 20)],
        [(60, 20), (60, 140 / 3), (60, 220 / 3), (60, 100)],
    ],
    "pchip": [[(20, 20), (40, 20), (60, 20), (60, 20)], [(60, 20), (60, 20), (60, 60), (60, 100)]],
    "catmull_rom": [
        [(20, 20), (80 / 3, 20), (160 / 3, 20 / 3), (60, 20)],
        [(60, 20), (200 / 3, 100 / 3), (60, 260 / 3), (60, 100)],
    ],
    "bezier": [[(20, 20), (36, 20), (60, 12), (60, 20)], [(60, 20), (60, 20), (52, 100), (60, 100)]],
}
# s at the five frames of a clip, by hand: s = 0, 1/4, 1/2, 3/4, 1 through each ease.
EASED = {
    "linear": [0, 0.25, 0.5, 0.75, 1],
    "ease_in": [0, 0.0625, 0.25, 0.5625, 1],
    "ease_out": [0, 0.4375, 0.75, 0.9375, 1],
    "ease_in_out": [0, 0.15625, 0.5, 0.84375, 1],
    "constant": [0, 0.25, 0.5, 0.75, 1],
}
# u at those frames, by hand, for the timings that do not measure the curve.
PARAMETER = {
    ("points", "linear"): [0, 0.5, 1, 1.5, 2],
    ("points", "ease_in"): [0, 0.125, 0.5, 1.125, 2],
    ("points", "ease_out"): [0, 0.875, 1.5, 1.875, 2],
    ("points", "ease_in_out"): [0, 0.3125, 1, 1.6875, 2],
    ("points", "constant"): [0, 0, 1, 1, 2],
    ("keys", "linear"): [0, 0, 1, 1.5, 2],
    ("keys", "ease_in"): [0, 0, 0, 1.125, 2],
    ("keys", "ease_out"): [0, 0.75, 1.5, 1.875, 2],
    ("keys", "ease_in_out"): [0, 0, 1, 1.6875, 2],
    ("keys", "constant"): [0, 0, 1, 1, 2],
}


def track(pixels=PIXELS, *, size=SIZE, t=None, **settings):
    """A track through `pixels` of a picture of size x size."""
    points = (Point(x / size, y / size, time) for (x, y), time in zip(pixels, t or [None] * len(pixels), strict=True))
    return Track(points=tuple(points), **settings)


def positions(*tracks, frames=5, size=SIZE):
    return Trajectories(tracks, (size, size)).sample(frames, size, size)[0]


def three_points(**settings):
    def scaled(handle):
        return handle and (handle[0] / SIZE, handle[1] / SIZE)

    points = (
        Point(x / SIZE, y / SIZE, t, scaled(h_in), scaled(h_out))
        for (x, y), t, h_in, h_out in zip(PIXELS, KEYS, HANDLES_IN, HANDLES_OUT, strict=True)
    )
    return Track(points=tuple(points), **settings)


def de_casteljau(spline, u):
    """The reference: a position on the hand-made Bezier segments, by repeated halving of the way."""
    k = min(int(u), 1)
    d = u - k
    polygon = SEGMENTS[spline][k]
    while len(polygon) > 1:
        polygon = [((1 - d) * a + d * c, (1 - d) * b + d * e) for (a, b), (c, e) in pairwise(polygon)]
    return polygon[0]


def travelled(spline, s):
    """The reference for arc length: u at the fraction s of the length, on 4,000 straight pieces."""
    table = np.arange(4001) / 2000
    curve = np.array([de_casteljau(spline, u) for u in table])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    return np.interp(np.array(s) * length[-1], length, table)


@pytest.mark.parametrize("ease", EASED)
@pytest.mark.parametrize("timing", ["points", "keys"])
@pytest.mark.parametrize("spline", SEGMENTS)
def test_positions_by_hand(spline, timing, ease):
    expected = [de_casteljau(spline, u) for u in PARAMETER[timing, ease]]
    found = positions(three_points(spline=spline, timing=timing, ease=ease))
    np.testing.assert_allclose(found[0], expected, atol=1e-6)


@pytest.mark.parametrize("ease", EASED)
@pytest.mark.parametrize("spline", SEGMENTS)
def test_arc_length_by_hand(spline, ease):
    u = travelled(spline, EASED[ease])
    u = np.floor(u) if ease == "constant" else u
    expected = [de_casteljau(spline, value) for value in u]
    found = positions(three_points(spline=spline, timing="arc_length", ease=ease))
    np.testing.assert_allclose(found[0], expected, atol=0.01)


def test_arc_length_of_straight_segments_by_hand():
    # 40 px and 80 px: a quarter of 120 px is 30 px along, on the first; the half is 20 px down the second.
    found = positions(track(spline="linear", timing="arc_length"))
    np.testing.assert_allclose(found[0], [(20, 20), (50, 20), (60, 40), (60, 70), (60, 100)], atol=1e-6)


@pytest.mark.parametrize("spline", ["pchip", "catmull_rom", "bezier", "linear"])
def test_arc_length_is_constant_speed(spline):
    pixels = [(20, 20), (180, 30), (170, 40), (30, 160), (31, 161), (150, 150)]

    def unevenness(timing):
        """The largest distance, in pixels, from where a constant speed along the way would be."""
        step = np.diff(positions(track(pixels, spline=spline, timing=timing), frames=2000)[0], axis=0)
        way = np.concatenate([[0], np.cumsum(np.linalg.norm(step, axis=1))])
        return np.abs(way - np.linspace(0, way[-1], len(way))).max()

    assert unevenness("arc_length") < 0.1
    assert unevenness("points") > 50


def test_arc_length_is_measured_in_pixels_of_the_sampled_size():
    # Right 0.5 and down 0.5: on 400 x 100 that is 200 px and 50 px, so half of the way is 125 px to the right.
    corner = Track((Point(0.1, 0.1), Point(0.6, 0.1), Point(0.6, 0.6)), spline="linear", timing="arc_length")
    found, _ = Trajectories((corner,), (400, 100)).sample(3, 400, 100)
    np.testing.assert_allclose(found[0, 1], (40 + 125, 10), atol=1e-6)


@pytest.mark.parametrize("ease", EASED)
def test_arc_length_of_a_path_without_length(ease):
    found = positions(track([(50, 60)] * 3, timing="arc_length", ease=ease))
    np.testing.assert_array_equal(found, np.broadcast_to([50.0, 60.0], (1, 5, 2)))


def test_arc_length_with_doubled_points():
    doubled = track([(20, 20), (20, 20), (60, 20), (60, 20)], spline="linear", timing="arc_length")
    np.testing.assert_allclose(positions(doubled)[0, :, 0], [20, 30, 40, 50, 60], atol=1e-6)


@pytest.mark.parametrize("timing", ["points", "keys", "arc_length"])
def test_the_path_rests_before_start_and_after_end(timing):
    moving = track(spline="linear", timing=timing, start=0.25, end=0.75)
    found = positions(moving, frames=9)[0]
    np.testing.assert_array_equal(found[:3], [(20, 20)] * 3)
    np.testing.assert_array_equal(found[6:], [(60, 100)] * 3)
    inner = positions(track(spline="linear", timing=timing), frames=5)[0]
    np.testing.assert_allclose(found[2:7], inner, atol=1e-6)  # half of the clip holds the whole motion


def test_a_very_short_motion_is_a_jump():
    found = positions(track(spline="linear", start=0.5, end=math.nextafter(0.5, 1)))[0]
    np.testing.assert_array_equal(found, [(20, 20)] * 3 + [(60, 100)] * 2)


def test_missing_key_times_are_filled_evenly():
    pixels = [(0, 0), (10, 0), (20, 0), (30, 0), (40, 0), (50, 0)]
    keyed = track(pixels, spline="linear", timing="keys", t=[None, 0.5, None, None, 0.8, None])
    # Times: 0, 0.5, 0.6, 0.7, 0.8, 1.
    found = positions(keyed, frames=11)[0, :, 0]
    np.testing.assert_allclose(found, [0, 2, 4, 6, 8, 10, 20, 30, 40, 45, 50], atol=1e-6)


def test_key_times_belong_to_the_tracks_own_time():
    keyed = track([(0, 0), (10, 0), (50, 0)], spline="linear", timing="keys", t=[0, 0.75, 1], start=0.5, end=1)
    found = positions(keyed, frames=9)[0, :, 0]  # the second point at 0.5 + 0.75 / 2 = 7/8 of the clip
    np.testing.assert_allclose(found, [0, 0, 0, 0, 0, 10 / 3, 20 / 3, 10, 50], atol=1e-6)


def test_constant_ease_jumps_when_a_points_time_has_come():
    # Point k at frame 2k, whatever the rounding of i / (frames - 1) * (points - 1).
    for count in range(2, 100):
        steps = track([(k, 0) for k in range(count)], ease="constant")
        found = positions(steps, frames=2 * count - 1)[0, :, 0]
        assert found.tolist() == [i // 2 for i in range(2 * count - 1)]
    keyed = track([(0, 0), (10, 0), (20, 0)], timing="keys", t=[0.3, 0.6, 0.9], ease="constant")
    assert positions(keyed, frames=11)[0, :, 0].tolist() == [0, 0, 0, 0, 0, 0, 10, 10, 10, 20, 20]


@given(
    pixels=st.lists(st.tuples(st.integers(0, 575), st.integers(0, 319)), min_size=2, max_size=30),
    frames=st.integers(2, 128),
)
@settings(deadline=None, derandomize=True)
def test_the_defaults_are_scipys_pchip(pixels, frames):
    """What the original does: PCHIP over equally spaced times, x and y on their own."""
    found, _ = parse([pixels], width=576, height=320).sample(frames, 576, 320)
    curve = PchipInterpolator(np.linspace(0, 1, len(pixels)), np.array(pixels, dtype=float))
    np.testing.assert_allclose(found[0], curve(np.linspace(0, 1, frames)), atol=1e-5)


def test_a_single_point_drifts_by_one_pixel():
    anchor = track([(100, 50)], kind="anchor")
    point = track([(100, 50)], timing="keys", ease="ease_in", spline="linear")
    expected = [(100 + f, 50 + f) for f in (0, 0.25, 0.5, 0.75, 1)]
    np.testing.assert_allclose(positions(anchor, point), [expected, expected], atol=1e-6)


def test_a_single_point_rests_outside_its_time():
    found = positions(track([(100, 50)], start=0.5))[0, :, 0]
    np.testing.assert_allclose(found, [100, 100, 100, 100.5, 101], atol=1e-6)


def test_positions_are_clamped_after_the_curve_is_followed():
    leaving = track([(100, 100), (300, 20)], spline="linear")  # the border, 199, is reached halfway
    np.testing.assert_allclose(
        positions(leaving)[0], [(100, 100), (150, 80), (199, 60), (199, 40), (199, 20)], atol=1e-6
    )
    entering = track([(-100, -50), (100, 150)], spline="linear")
    np.testing.assert_allclose(positions(entering)[0], [(0, 0), (0, 0), (0, 50), (50, 100), (100, 150)], atol=1e-6)


def test_a_picture_of_one_pixel():
    found, _ = Trajectories((track(), track([(1, 1)])), (1, 1)).sample(2, 1, 1)
    np.testing.assert_array_equal(found, np.zeros((2, 2, 2)))


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (((0.0, 1.0),), [1, 1, 1, 1, 1]),
        ((), [0, 0, 0, 0, 0]),
        (((0.25, 0.5),), [0, 1, 1, 0, 0]),
        (((0.75, 0.75),), [0, 0, 0, 1, 0]),
        (((0.6, 1.0), (0.0, 0.25)), [1, 1, 0, 1, 1]),
        (((0.0, 0.5), (0.25, 0.8)), [1, 1, 1, 1, 0]),
        (((0.26, 0.49),), [0, 0, 0, 0, 0]),
        (((0.5 + 1e-10, 0.5 + 1e-10),), [0, 0, 1, 0, 0]),
    ],
)
def test_visible_intervals_are_closed(visible, expected):
    _, found = Trajectories((track(visible=visible),), (SIZE, SIZE)).sample(5, SIZE, SIZE)
    assert found.dtype == bool
    assert found[0].astype(int).tolist() == expected


def test_enabled_tracks_only_and_in_order():
    tracks = [track([(10 * k, 0)] * 2, enabled=k != 1, spline=("linear", "pchip")[k % 2]) for k in range(4)]
    assert positions(*tracks)[:, 0, 0].tolist() == [0, 20, 30]


def test_no_track_gives_empty_arrays_of_the_right_shape():
    points, visible = parse([], width=576, height=320).sample(14, 576, 320)
    assert points.shape == (0, 14, 2) and points.dtype == np.float64
    assert visible.shape == (0, 14) and visible.dtype == bool


@given(st.data())
@settings(deadline=None, derandomize=True)
def test_twice_the_size_is_twice_the_pixels(data):
    coordinate = st.floats(0.01, 0.9, allow_subnormal=False)
    handle = st.none() | st.tuples(*[st.floats(-0.05, 0.05, allow_subnormal=False)] * 2)
    point = st.builds(Point, coordinate, coordinate, handle_in=handle, handle_out=handle)
    one = data.draw(
        st.builds(
            Track,
            points=st.lists(point, min_size=2, max_size=8).map(tuple),
            spline=st.sampled_from(["pchip", "linear", "catmull_rom", "bezier"]),
            timing=st.sampled_from(["points", "keys", "arc_length"]),
            ease=st.sampled_from(["linear", "ease_in", "ease_out", "ease_in_out"]),
        )
    )
    value = Trajectories((one,), (576, 320))
    small, _ = value.sample(14, 576, 320)
    large, _ = value.sample(14, 1152, 640)
    inside = ((small > 0) & (small < [575, 319])).all(axis=-1)  # clamping ends at another fraction of the picture
    np.testing.assert_allclose(large[inside], 2 * small[inside], atol=1e-3)


@given(x=st.integers(0, 4095), width=st.integers(1, 4096), y=st.integers(0, 4095), height=st.integers(1, 4096))
@settings(deadline=None, derandomize=True, max_examples=500)
def test_whole_pixels_come_back_whole(x, width, y, height):
    x, y = min(x, width - 1), min(y, height - 1)
    found, _ = parse([[[x, y], [x, y]]], width=width, height=height).sample(14, width, height)
    assert (found == [x, y]).all()


def test_many_tracks_are_sampled_quickly():
    random = np.random.default_rng(0)
    tracks = [
        Track(
            points=tuple(Point(x, y) for x, y in random.random((int(random.integers(1, 30)), 2)).tolist()),
            spline=("pchip", "linear", "catmull_rom", "bezier")[k % 4],
            timing=("points", "keys", "arc_length")[k % 3],
        )
        for k in range(4096)
    ]
    begin = time.process_time()
    points, visible = Trajectories(tuple(tracks), (576, 320)).sample(128, 576, 320)
    assert time.process_time() - begin < 5  # about 0.3 s on one ordinary core
    assert points.shape == (4096, 128, 2) and visible.all()
    assert np.isfinite(points).all()
    alone, _ = Trajectories((tracks[1234],), (576, 320)).sample(128, 576, 320)
    np.testing.assert_array_equal(points[1234], alone[0])  # grouping changes nothing


@pytest.mark.parametrize(
    ("frames", "width", "height", "words"),
    [
        (1, 576, 320, ["number of frames", "2 to 4096", "it is 1"]),
        (4097, 576, 320, ["number of frames", "4097"]),
        (True, 576, 320, ["number of frames", "true"]),
        (14.0, 576, 320, ["number of frames", "14.0"]),
        (14, 0, 320, ["width", "whole number", "0"]),
        (14, 576, -1, ["height", "-1"]),
        (14, "576", 320, ["width", 'the text "576"']),
    ],
)
def test_impossible_sizes_are_refused(frames, width, height, words):
    with pytest.raises(TrajectoryError) as caught:
        parse([[[1, 1]]], width=576, height=320).sample(frames, width, height)
    assert all(word in str(caught.value) for word in words), str(caught.value)
