"""ComfyUI's TRACKS and other arrays with a position for every frame."""

import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dragnuwa.trajectory import TrajectoryError, from_arrays, parse
from dragnuwa.trajectory.formats import importing
from dragnuwa.trajectory.types import MAX_TEXT_BYTES, MAX_TEXT_VALUES, MAX_TOTAL_POINTS, MAX_TRACKS

WIDTH, HEIGHT = 576, 320


def read(path, visibility=None, **more):
    value = {"track_path": path} | ({} if visibility is None else {"track_visibility": visibility}) | more
    return parse(value, width=WIDTH, height=HEIGHT)


@given(st.integers(2, 40), st.integers(0, 5), st.data())
@settings(deadline=None, derandomize=True)
def test_tracks_come_back(frames, count, data):
    inside = st.floats(0, HEIGHT - 1, width=32)
    path = data.draw(hnp.arrays(np.float32, (frames, count, 2), elements=inside))
    seen = data.draw(hnp.arrays(bool, (frames, count)))
    value = read(torch.from_numpy(path), torch.from_numpy(seen))
    points, visible = value.sample(frames, WIDTH, HEIGHT)
    np.testing.assert_allclose(points.swapaxes(0, 1), path, atol=1e-6)
    np.testing.assert_array_equal(visible.T, seen)
    assert parse(value.to_json(), width=8, height=8) == value


@given(st.integers(2, 30), st.data())
@settings(deadline=None, derandomize=True)
def test_a_sampled_value_comes_back(frames, data):
    points = data.draw(hnp.arrays(np.float64, (3, frames, 2), elements=st.floats(0, HEIGHT - 1)))
    visible = data.draw(hnp.arrays(bool, (3, frames)))
    again, seen = from_arrays(points, visible, width=WIDTH, height=HEIGHT).sample(frames, WIDTH, HEIGHT)
    np.testing.assert_allclose(again, points, atol=1e-6)
    np.testing.assert_array_equal(seen, visible)


def test_every_length_of_clip_comes_back():
    for frames in (*range(2, 130), 997, 4096):
        seen = np.arange(frames) % 3 != 1
        _, visible = from_arrays(np.zeros((1, frames, 2)), seen[None], width=8, height=8).sample(frames, 8, 8)
        np.testing.assert_array_equal(visible[0], seen)


def test_nothing_is_made_up_between_the_frames():
    points = np.array([[[10, 10], [20, 10], [100, 10]]])
    found, _ = from_arrays(points, width=WIDTH, height=HEIGHT).sample(5, WIDTH, HEIGHT)
    np.testing.assert_allclose(found[0, :, 0], [10, 15, 20, 60, 100], atol=1e-6)


def test_runs_become_intervals_that_end_on_frames():
    seen = np.array([[1, 1, 0, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0]], dtype=bool)
    value = from_arrays(np.zeros((4, 5, 2)), seen, width=8, height=8)
    expected = [((0, 0.25), (1, 1)), (), ((0, 1),), ((0.5, 0.5),)]
    assert [track.visible for track in value.tracks] == expected


@pytest.mark.parametrize(
    "visibility",
    [
        None,
        torch.ones(6, 3, dtype=torch.bool),
        torch.ones(6, 1, dtype=torch.bool),  # what the host makes from a mask
        np.ones((6, 3), dtype=np.int64),
        np.full((6, 3), 0.75),
        [[True] * 3] * 6,
        torch.ones(6, 3, dtype=torch.bfloat16),
    ],
)
@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16, torch.int64, "numpy", "list"])
def test_arrays_tensors_and_lists_of_any_type(kind, visibility):
    path = torch.arange(36).reshape(6, 3, 2)
    path = path.numpy() if kind == "numpy" else path.tolist() if kind == "list" else path.to(kind)
    points, visible = read(path, visibility, track_pos_emb=None).sample(6, WIDTH, HEIGHT)
    np.testing.assert_array_equal(points[2, 4], [28, 29])
    assert visible.all() and visible.shape == (3, 6)


def test_gradients_do_not_matter():
    assert len(read(torch.zeros(4, 2, 2, requires_grad=True)).tracks) == 2


def test_one_mask_for_all_tracks_may_hide():
    _, visible = read(np.zeros((4, 3, 2)), np.array([[1], [0], [0], [1]])).sample(4, WIDTH, HEIGHT)
    assert visible.tolist() == [[True, False, False, True]] * 3


def test_a_clip_of_one_frame_gives_single_points():
    value = read(np.array([[[10.0, 20.0], [30.0, 40.0]]]), np.array([[True, False]]))
    assert [len(track.points) for track in value.tracks] == [1, 1]
    assert [track.visible for track in value.tracks] == [((0.0, 1.0),), ()]


def test_positions_outside_the_picture_are_kept():
    (track,) = read(np.array([[[-5.76, 10.0]], [[1152.0, 10.0]]])).tracks
    assert [point.x for point in track.points] == pytest.approx([-0.01, 2.0])


@pytest.mark.parametrize(
    ("path", "visibility", "words"),
    [
        (np.zeros((4, 2)), None, ["track_path", "[frames, tracks, 2]", "[4, 2]"]),
        (np.zeros((1, 4, 3, 2)), None, ["track_path", "[1, 4, 3, 2]"]),
        (np.zeros((4, 3, 3)), None, ["[3, 4, 3]"]),
        (np.zeros((0, 3, 2)), None, ["[3, 0, 2]"]),
        (np.zeros((4, 3, 2)), np.zeros(4), ["track_visibility", "[frames, tracks]", "[4]"]),
        (np.zeros((4, 3, 2)), np.zeros((3, 4)), ["the visibility", "3 tracks in 4 frames", "4 in 3"]),
        (np.full((4, 3, 2), np.nan), None, ["known positions", "all 12 are lost"]),
        ([[[0, 0], [0, 0]], [[0, 0], [0, float("inf")]]], None, ["track 2, frame 2: y", "infinite"]),
        (np.full((4, 3, 2), 1e9), None, ["track 1, frame 1: x", "5,760,000"]),
        (np.zeros((2, 16385, 2)), None, ["16,384 tracks", "16,385 tracks of 2 frames"]),
        (np.zeros((10_001, 1, 2)), None, ["10,000 frames", "1 tracks of 10,001 frames"]),
        (np.zeros((1000, 2000, 2)), None, ["1,048,576 positions", "2,000 tracks of 1,000 frames"]),
        ("abc", None, ["track_path", "array or tensor of numbers", "type str"]),
        (None, None, ["track_path", "type NoneType"]),
        ([[[0, 0]], [[0]]], None, ["track_path", "type list"]),
        ([[["a", "b"]]], None, ["track_path", "type list"]),
        (np.zeros((4, 3, 2), dtype=complex), None, ["track_path", "numbers"]),
        (np.zeros((4, 3, 2)), "yes", ["track_visibility", "type str"]),
    ],
)
def test_bad_tracks_are_refused_with_help(path, visibility, words):
    with pytest.raises(TrajectoryError) as caught:
        read(path, visibility)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def far_too_many() -> torch.Tensor:
    """2.6 GB as float64, of which nothing is there yet."""
    return torch.zeros(1, 1, 1).expand(10_000, 16_384, 2)


@pytest.mark.parametrize("path", [far_too_many(), far_too_many().numpy()])
def test_shapes_are_checked_before_anything_is_copied(path):
    begin = time.process_time()
    with pytest.raises(TrajectoryError, match="16,384 tracks of 10,000 frames"):
        read(path)
    with pytest.raises(TrajectoryError, match="that of 4 tracks in 2 frames"):
        read(np.zeros((2, 4, 2)), path[..., 0])
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    "path", [torch.zeros(2, 1, 2).to_sparse(), torch.zeros(2, 1, 2, device="meta"), torch.zeros(2, 1, 2).cfloat()]
)
def test_tensors_without_plain_numbers_are_refused(path):
    with pytest.raises(TrajectoryError, match="array or tensor of numbers"):
        read(path)


@pytest.mark.parametrize("frames", [1, 64, 105, 10_000])
def test_the_largest_arrays_can_be_written_and_read_again(frames):
    """A point takes most room where its numbers are long and every second one is hidden."""
    points = np.random.default_rng(0).random((1, frames, 2)) * -1e-300
    text = from_arrays(points, np.arange(frames)[None] % 2, width=WIDTH, height=HEIGHT).to_json()
    tracks = min(MAX_TRACKS, MAX_TOTAL_POINTS // frames)
    assert tracks * (len(text) + len("16384")) <= MAX_TEXT_BYTES
    assert tracks * sum(text.count(mark) for mark in "{[,") <= MAX_TEXT_VALUES


def test_tracks_of_a_dense_grid_can_be_written_and_read_again():
    """49 frames of 8,192 tracks, as optical flow and trackers give them: 20 MiB of text."""
    value = read(np.random.default_rng(0).random((49, 8_192, 2), dtype=np.float32) * 500)
    assert parse(value.to_json(), width=WIDTH, height=HEIGHT) == value


def test_lost_points_become_hidden_ones_on_the_way_between_the_others():
    path = np.array([[[10, 5], [np.nan, 7], [30, np.nan], [40, 8]], [[np.nan, 1], [3, 4], [5, 6], [np.nan, np.nan]]])
    path = np.concatenate([path, np.full((1, 4, 2), np.nan)]).swapaxes(0, 1)
    value = read(path, np.array([[1, 1, 1]] * 3 + [[0, 1, 1]]))
    points, visible = value.sample(4, WIDTH, HEIGHT)
    np.testing.assert_allclose(points[0], [(10, 5), (20, 6), (30, 7), (40, 8)], atol=1e-6)
    np.testing.assert_allclose(points[1], [(3, 4), (3, 4), (5, 6), (5, 6)], atol=1e-6)
    assert visible.tolist() == [[True, False, False, False], [False, True, True, False]]
    report = importing.read({"track_path": path}, width=WIDTH, height=HEIGHT).report
    assert "Lost points, hidden: 4 of 2 tracks." in report
    assert "Left out: 1 track without a known position." in report
