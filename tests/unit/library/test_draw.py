"""Pictures of motion show where the motion is."""

import numpy as np
import pytest
import torch

from dragnuwa import draw

RED, BLUE = "#ff0000", "#0000ff"


def moving(frames=5, start=(20, 60), end=(100, 60)) -> np.ndarray:
    return np.linspace(start, end, frames)[None]  # [1, T, 2]


def is_red(pixel: torch.Tensor) -> bool:
    return bool(pixel[0] > 0.8 and pixel[1] < 0.2 and pixel[2] < 0.2)


def test_the_marker_is_where_the_point_is():
    points = moving()
    drawn = draw.tracks(torch.zeros(5, 120, 120, 3), points, np.ones((1, 5), bool), [RED])
    assert drawn.shape == (5, 120, 120, 3)
    for now in range(5):
        x, y = points[0, now].astype(int)
        assert is_red(drawn[now, y - 2, x])  # beside the dot in the middle of the marker
        assert not is_red(drawn[now, y - 2, (x + 50) % 120])


def test_the_path_and_its_arrow_show_in_every_frame():
    drawn = draw.tracks(torch.zeros(5, 120, 120, 3), moving(), np.ones((1, 5), bool), [RED])
    for frame in drawn:
        assert (frame[:, 20:100, 0].amax(dim=0) > 0.3).all()
        assert frame[56:65, 101:104, 0].max() > 0.3  # the head goes past the last point


def test_a_hidden_point_is_hollow():
    shown = np.array([[True, False, True, True, True]])
    drawn = draw.tracks(torch.zeros(5, 120, 120, 3), moving(), shown, [RED])
    assert not is_red(drawn[1, 58, 40]) and is_red(drawn[2, 58, 60])


def test_rest_is_a_pin_without_a_path():
    points = np.full((1, 4, 2), 30.0)
    drawn = draw.tracks(torch.zeros(4, 64, 64, 3), points, np.ones((1, 4), bool), [BLUE])
    assert drawn[0, 30, 33].tolist() == pytest.approx([0, 0, 1], abs=0.05)
    assert (drawn[0, 45:, :] == 0).all()


def test_tracks_leave_the_given_pictures_alone():
    images = torch.rand(5, 64, 64, 3)
    before = images.clone()
    draw.tracks(images, moving(5, (5, 5), (60, 60)), np.ones((1, 5), bool), [RED])
    assert torch.equal(images, before)


def test_no_track_gives_the_pictures():
    images = torch.randint(0, 256, (2, 8, 8, 3)).float() / 255
    assert torch.equal(draw.tracks(images, np.zeros((0, 2, 2)), np.zeros((0, 2), bool), []), images)


def test_numbers_that_differ_are_refused():
    with pytest.raises(ValueError, match="4 images"):
        draw.tracks(torch.zeros(4, 8, 8, 3), moving(5), np.ones((1, 5), bool), [RED])


def test_the_wheel_tells_directions_apart_and_rest_is_white():
    flow = torch.zeros(2, 2, 16, 16)
    flow[1, 0, :, :8] = 5
    flow[1, 0, :, 8:] = -5
    wheel = draw.flow_wheel(flow)
    assert wheel.shape == (2, 16, 16, 3)
    assert (wheel[0] > 0.99).all()
    assert (wheel[1, 0, 0] - wheel[1, 0, 15]).abs().max() > 0.5


def test_over_flow_leaves_rest_as_it_is():
    images, flow = torch.rand(2, 16, 16, 3), torch.zeros(2, 2, 16, 16)
    flow[1, 1, 4:8, 4:8] = 3
    laid = draw.over_flow(images, flow)
    assert torch.allclose(laid[0], images[0]) and torch.allclose(laid[1, 8:], images[1, 8:])
    assert not torch.allclose(laid[1, 4:8, 4:8], images[1, 4:8, 4:8])
    with pytest.raises(ValueError, match="2 frames of 16x16, the images 3 of 16x16"):
        draw.over_flow(torch.rand(3, 16, 16, 3), flow)
