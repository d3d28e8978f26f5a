"""Pictures of motion show where the motion is."""

import numpy as np
import pytest
import torch

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.overlay import tracks as draw
from dragnuwa.overlay.tracks import over_frames

RED, BLUE = "#ff0000", "#0000ff"


def moving(frames=5, start=(20, 60), end=(100, 60)) -> np.ndarray:
    return np.linspace(start, end, frames)[None]  # [1, T, 2]


def tracks(images, points, visible, colors) -> torch.Tensor:
    clip = ClipShape(images.shape[2], images.shape[1], len(images))
    return over_frames(images, [draw.TrackLayer(points, visible, colors, clip)])


def is_red(pixel: torch.Tensor) -> bool:
    return bool(pixel[0] > 0.8 and pixel[1] < 0.2 and pixel[2] < 0.2)


def test_the_marker_is_where_the_point_is():
    points = moving()
    drawn = tracks(torch.zeros(5, 120, 120, 3), points, np.ones((1, 5), bool), [RED])
    assert drawn.shape == (5, 120, 120, 3)
    for now in range(5):
        x, y = points[0, now].astype(int)
        assert is_red(drawn[now, y - 2, x])  # beside the dot in the middle of the marker
        assert not is_red(drawn[now, y - 2, (x + 50) % 120])


def test_the_path_and_its_arrow_show_in_every_frame():
    drawn = tracks(torch.zeros(5, 120, 120, 3), moving(), np.ones((1, 5), bool), [RED])
    for frame in drawn:
        assert (frame[:, 20:100, 0].amax(dim=0) > 0.3).all()
        assert frame[56:65, 101:104, 0].max() > 0.3  # the head goes past the last point


def test_a_hidden_point_is_hollow():
    shown = np.array([[True, False, True, True, True]])
    drawn = tracks(torch.zeros(5, 120, 120, 3), moving(), shown, [RED])
    assert not is_red(drawn[1, 58, 40]) and is_red(drawn[2, 58, 60])


def test_rest_is_a_pin_without_a_path():
    points = np.full((1, 4, 2), 30.0)
    drawn = tracks(torch.zeros(4, 64, 64, 3), points, np.ones((1, 4), bool), [BLUE])
    assert drawn[0, 30, 33].tolist() == pytest.approx([0, 0, 1], abs=0.05)
    assert (drawn[0, 45:, :] == 0).all()


def test_tracks_leave_the_given_pictures_alone():
    images = torch.rand(5, 64, 64, 3)
    before = images.clone()
    tracks(images, moving(5, (5, 5), (60, 60)), np.ones((1, 5), bool), [RED])
    assert torch.equal(images, before)


def test_no_track_gives_the_pictures():
    images = torch.randint(0, 256, (2, 8, 8, 3)).float() / 255
    assert torch.equal(tracks(images, np.zeros((0, 2, 2)), np.zeros((0, 2), bool), []), images)


def test_numbers_that_differ_are_refused():
    with pytest.raises(ValueError, match="4 images"):
        tracks(torch.zeros(4, 8, 8, 3), moving(5), np.ones((1, 5), bool), [RED])


def test_a_hidden_stretch_is_a_gap_in_the_path():
    shown = np.array([[True, True, False, True, True]])
    points = moving(5, (10, 60), (110, 60))  # 25 px a frame: hidden at 60, so the path is missing from 35 to 85
    drawn = tracks(torch.zeros(5, 120, 120, 3), points, shown, [RED])
    coverage = drawn[0, 58:63, :, 0].amax(dim=0)
    assert (coverage[12:34] > 0.3).all() and (coverage[87:108] > 0.3).all()
    assert (coverage[40:58] == 0).all() and (coverage[63:80] == 0).all()  # but for the dot of the hidden frame


def test_the_part_ahead_is_paler_than_what_is_travelled():
    drawn = tracks(torch.zeros(5, 120, 120, 3), moving(), np.ones((1, 5), bool), [RED])
    assert drawn[0, 60, 50, 0] < 0.7 < drawn[4, 60, 50, 0]


def test_later_markers_lie_over_earlier_ones():
    points = np.concatenate([moving(), moving()])
    assert is_red(tracks(torch.zeros(5, 120, 120, 3), points, np.ones((2, 5), bool), [BLUE, RED])[2, 58, 60])
    assert not is_red(tracks(torch.zeros(5, 120, 120, 3), points, np.ones((2, 5), bool), [RED, BLUE])[2, 58, 60])


def test_each_track_has_its_own_colour_among_many():
    """Rows of tracks of two colours in turn: no marker takes its neighbour's."""
    rows = [moving(5, (20, 20 * row + 20), (100, 20 * row + 20))[0] for row in range(10)]
    drawn = tracks(torch.zeros(5, 240, 120, 3), np.array(rows), np.ones((10, 5), bool), [RED, BLUE] * 5)
    for row in range(10):
        assert is_red(drawn[2, 20 * row + 18, 60]) == (row % 2 == 0)


def test_ten_thousand_tracks_leave_something_of_the_picture():
    rng = np.random.default_rng(0)
    start = rng.uniform(0, (575, 319), (10_000, 1, 2))
    points = np.clip(start + np.linspace(0, 20, 3)[None, :, None], 0, (575, 319))
    drawn = tracks(torch.zeros(3, 320, 576, 3), points, np.ones((10_000, 3), bool), [RED] * 10_000)
    few = tracks(torch.zeros(3, 320, 576, 3), points[:10], np.ones((10, 3), bool), [RED] * 10)
    assert 0.1 < (drawn[0].amax(-1) > 0.7).float().mean() < 0.75
    assert (few[0].amax(-1) > 0.7).float().mean() < 0.02


def test_the_dots_of_a_long_clip_leave_the_path_visible():
    def white(frames):
        points = moving(frames, (10, 60), (110, 60))
        drawn = tracks(torch.zeros(frames, 120, 120, 3), points, np.ones((1, frames), bool), [RED])
        return int((drawn[0, 60, 20:100].min(dim=-1).values > 0.5).sum())

    assert white(6) < white(25) < 45 and white(121) < 45


def test_points_outside_of_the_picture_are_no_trouble():
    points = moving(4, (-30, -10), (90, 70))
    drawn = tracks(torch.zeros(4, 64, 64, 3), points, np.ones((1, 4), bool), [RED])
    assert drawn[0].amax() > 0.3 and is_red(drawn[2, 41, 50])
