"""Lists of tracks as other tools write them."""

import json
from functools import partial

import numpy as np
import pytest

from dragnuwa.trajectory import Point, TrajectoryError
from dragnuwa.trajectory.formats import importing
from tests.support.drawings import parsed

read = partial(parsed, size=(500, 400))


def first_frame(value):
    return read(value).sample(2, 500, 400)[0][:, 0].tolist()


A, B, C = {"x": 25, "y": 40}, {"x": 128.5, "y": 128}, {"x": 250, "y": 100}
EXPECTED = (Point(0.05, 0.1), Point(0.257, 0.32))


@pytest.mark.parametrize(
    "value",
    [
        [[A, B]],
        [A, B],
        [[[25, 40], [128.5, 128]]],
        [[25, 40], [128.5, 128]],
        (((25, 40), (128.5, 128)),),
        [[A, [128.5, 128]]],
        [[A | {"t": 3, "highlighted": False}, B | {"pressure": 0.25}]],
        [{"points": [A, B], "color": "#1f77b4", "name": "Spline 1"}],
        [{"points": [[25, 40], [128.5, 128]]}],
        json.dumps([[A, B]]),
        str([[A, B]]),
        str([A, B]),
        json.dumps([[25, 40], [128.5, 128]]).encode(),
        [[{"x": np.float32(25), "y": np.int64(40)}, B]],
    ],
)
def test_one_track_in_all_notations(value):
    (track,) = read(value).tracks
    assert track.points == EXPECTED
    assert (track.id, track.kind, track.spline, track.timing, track.ease) == ("t1", "path", "pchip", "points", "linear")
    assert read(value).canvas == (500, 400)


def test_tracks_of_unequal_length_and_notation():
    found = read([[A, B, C], [[10, 20]], {"points": [A]}, [A] * 100])
    assert [len(track.points) for track in found.tracks] == [3, 1, 1, 100]
    assert [track.id for track in found.tracks] == ["t1", "t2", "t3", "t4"]
    assert len({track.color for track in found.tracks}) == 4


def test_points_past_the_edge_are_kept_and_clamped_when_sampled():
    (track,) = read([[{"x": 512, "y": -8}, {"x": 500, "y": 400}]]).tracks  # a canvas of 512 is wider than the picture
    assert track.points[0] == Point(1.024, -0.02)
    points, _ = read([[{"x": 512, "y": -8}, {"x": 500, "y": 400}]]).sample(2, 500, 400)
    assert points.tolist() == [[[499, 0], [499, 399]]]


def test_points_store_keeps_name_colour_and_single_points():
    store = [
        {"points": [A, B, C], "color": "#d62728", "name": "Spline 1"},
        {"points": [A], "color": "#2ca02c", "name": "Spline 2", "isSinglePoint": True},
        {"points": [A, B], "color": "rgb(1,2,3)", "name": None},
        {"points": [A, B], "name": "n" * 300 + "\ud800"},
    ]
    one, two, three, four = read(store).tracks
    assert (one.name, one.color, one.kind) == ("Spline 1", "#d62728", "path")
    assert (two.name, two.color, two.kind) == ("Spline 2", "#2ca02c", "anchor")
    assert (three.name, three.color) == ("", "#2ca02c")  # the third colour of the palette
    assert four.name == "n" * 256
    assert read(read(store).to_json()) == read(store)


def test_points_store_with_handles_is_a_bezier_curve():
    (track,) = read(
        [{"points": [A | {"h1x": 0, "h1y": 40, "h2x": 75, "h2y": 0}, B | {"h1x": 128.5, "h1y": 28}, C]}]
    ).tracks
    assert track.spline == "bezier"
    first, second, third = track.points
    assert first.handle_in == pytest.approx((-0.05, 0)) and first.handle_out == pytest.approx((0.1, -0.1))
    assert second.handle_in == pytest.approx((0, -0.25)) and second.handle_out is None
    assert third.handle_in is None and third.handle_out is None


def test_tracking_points_of_the_earlier_pack_come_back():
    assert first_frame("[[[25,25],[128,128]],[[499,399],[0,0]]]") == [[25, 25], [499, 399]]


@pytest.mark.parametrize("flags", [(1, 0, 1), (True, False, True), (0.75, 0.5, 1.0), (np.float32(1), np.int64(0), 1)])
def test_a_third_number_says_whether_a_point_is_seen(flags):
    path = [[25, 40], [128.5, 128], [250, 100]]
    track, other = read([[[x, y, flag] for (x, y), flag in zip(path, flags, strict=True)], path]).tracks
    assert track.visible == ((0.0, 0.0), (1.0, 1.0)) and other.visible == ((0.0, 1.0),)
    assert track.points == other.points and track.spline == "pchip"
    assert read([[25, 40, 1], [128.5, 128, 0]]).tracks[0].visible == ((0.0, 0.0),)
    assert read([[[25, 40, 0]]]).tracks[0].visible == ()
    assert read([[[25, 40], [128.5, 128, 0]]]).tracks[0].visible == ((0.0, 0.0),)


@pytest.mark.parametrize("lost", [None, [None, None], [5, None], [float("nan"), 3, 1], {"x": None, "y": 2}])
def test_lost_points_are_hidden_and_counted(lost):
    found = importing.read([[[10, 20], lost, [30, 40]], [lost, [1, 2], [3, 4]]], width=500, height=400)
    points, visible = found.trajectories.sample(3, 500, 400)
    np.testing.assert_allclose(points, [[(10, 20), (20, 30), (30, 40)], [(1, 2), (1, 2), (3, 4)]], atol=1e-6)
    assert visible.tolist() == [[True, False, True], [False, True, True]]
    assert "Lost points, hidden: 2 of 2 tracks." in found.report


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([[]], ["Track 1", "no points", "Delete the track", "sampling_method"]),
        ([[A], []], ["Track 2", "no points"]),
        ([{"points": []}], ["Track 1", "no points"]),
        ([[A, {"x": 1}]], ["Track 1, point 2: y", "a number", "missing"]),
        ([[A], [A, B, {"x": "12", "y": 1}]], ["Track 2, point 3: x", "a number", 'the text "12"']),
        ([[[1, 2], [True, 2]]], ["Track 1, point 2: x", "it is true"]),
        ([[[1, 2]], [[1, None]]], ["Track 2: no point of it is known", "Delete the track"]),
        ([[[1, 2], [1, "x"]]], ["Track 1, point 2: y", 'the text "x"']),
        ([[[1, 2], [1]]], ["Track 1, point 2", "a pair [x, y]", "a list of 1 item"]),
        ([[[1, 2, 1], [1, 2, 1, 0.5]]], ["Track 1, point 2", "[x, y, visible]", "a list of 4 items"]),
        ([[[1, 2, "yes"]]], ["Track 1, point 1: visible", "a number from 0 to 1", 'the text "yes"']),
        ([[[1, 2, -1]]], ["Track 1, point 1: visible", "a number from 0 to 1", "it is -1"]),
        ([[[1, 2, None]]], ["Track 1, point 1: visible", "missing"]),
        ([[[1, 2], 7]], ["Track 1, point 2", "a pair [x, y]", "it is 7"]),
        ([[[1, 2], "7"]], ["Track 1, point 2", "a pair", 'the text "7"']),
        ([1, 2], ["Track 1", "a list", "it is 1"]),
        ([[A], "[[1,2]]"], ["Track 2", "a list", 'the text "[[1,2]]"']),
        ([[A], None], ["Track 2", "a list", "missing"]),
        ([{}], ["Track 1", '"points"', "an empty object"]),
        ([{"pts": [A]}], ["Track 1", '"points"', '"pts"', "Write a track as"]),
        ([[[5_000_001, 0]]], ["Track 1, point 1: x", "5,000,000", "5000001", "pixels"]),
        ([[[0, 10**400]]], ["Track 1, point 1: y", "far too large"]),
        ([[{"x": 1, "y": float("inf")}]], ["Track 1, point 1: y", "infinite"]),
        ([{"points": [A | {"h1x": 3}]}], ["Track 1, point 1: h1y", "a number", "missing"]),
        ([[A]] * 16385, ["at most 16,384 items", "16,385"]),
        ([[A] * 10_001], ["Track 1", "at most 10,000 items", "10,001"]),
        ([[A] * 10_000] * 105, ["1,048,576 points", "1,050,000"]),
        ({"points": [A, B]}, ['"type": "dragnuwa.trajectories"', '"points"']),
        ({"coordinates": "[]", "points_store": "[]"}, ['"coordinates", "points_store"']),
    ],
)
def test_bad_lists_are_refused_with_help(value, words):
    with pytest.raises(TrajectoryError) as caught:
        read(value)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert len(message) < 600
