"""Depth and cameras at their limits: other sizes, one plane, sky alone, cameras inside of things or turned round."""

import numpy as np
import pytest
import torch

from dragnuwa.carry.depth.camera import PinholeCamera
from dragnuwa.carry.depth.parallax import in_depth, parallax
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.common.errors import InputError

SIZE = (96, 64)
INTRINSICS = np.array([[80.0, 0, 47.5], [0, 80, 31.5], [0, 0, 1]])
REST = PinholeCamera(np.eye(3), np.zeros(3), INTRINSICS, SIZE)


def wall(disparity: float) -> np.ndarray:
    return np.full(SIZE[::-1], disparity, np.float32)


def square_before_a_wall() -> DepthScene:
    disparity = wall(0.25)
    disparity[20:44, 36:60] = 1.0
    return DepthScene(disparity, INTRINSICS)


def camera(turn: float = 0.0, shift: tuple[float, float, float] = (0, 0, 0)) -> PinholeCamera:
    """Turned by degrees to the right, with a shift."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return PinholeCamera(np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]]), np.array(shift, float), INTRINSICS, SIZE)


def seen(scene: DepthScene, moved: PinholeCamera, picture: torch.Tensor | None = None):
    picture = torch.rand(SIZE[1], SIZE[0], 3) if picture is None else picture
    made = parallax(picture, scene, [REST, moved], 16)
    assert made.video.isfinite().all() and made.video.min() >= 0 and made.video.max() <= 1
    assert torch.equal(made.video[0], picture)
    return made


@pytest.mark.parametrize("degrees", [120, 180, 270])
def test_a_camera_that_is_turned_round_sees_nothing_of_the_picture(degrees):
    made = seen(square_before_a_wall(), camera(degrees))
    assert made.disoccluded[1].all()
    assert not made.trajectories.sample(2, *SIZE)[1][:, 1].any()


def test_a_camera_in_a_thing_sees_what_is_behind_it():
    made = seen(square_before_a_wall(), camera(shift=(0, 0, -1.5)))  # the square is at 1, the wall at 4
    assert made.disoccluded[1, 28:36, 44:52].all()  # which the square has hidden
    assert not made.disoccluded[1, :4].any()


def test_a_camera_beyond_everything_sees_nothing():
    assert seen(square_before_a_wall(), camera(shift=(0, 0, -5.0))).disoccluded[1].all()


def test_one_plane_moves_as_a_whole():
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]] / 10
    picture = torch.from_numpy(np.stack([np.sin(columns), np.cos(rows), np.sin(rows + columns)], -1) / 2 + 0.5).float()
    made = seen(DepthScene(wall(0.25), INTRINSICS), camera(shift=(-0.2, 0, 0)), picture)  # by 80 * 0.2 / 4 px
    assert (made.video[1, :, :88] - picture[:, 4:92]).abs().max() < 1e-3
    assert not made.disoccluded[1, :, :92].any() and made.disoccluded[1, :, 92:].all()


def test_sky_alone_only_turns():
    picture = torch.rand(SIZE[1], SIZE[0], 3)
    made = seen(DepthScene(wall(0), INTRINSICS), camera(shift=(-3.0, 1, 2)), picture)
    assert (made.video[1] - picture).abs().max() < 1e-3 and not made.disoccluded[1].any()


def test_depth_of_another_size_is_refused():
    with pytest.raises(InputError, match=r"96x64 for a picture of 90x64 pixels.*\.$"):
        in_depth(torch.rand(64, 90, 3), square_before_a_wall(), [REST, camera(3)])


def test_an_edge_shows_the_thing_and_what_is_now_behind_it_and_nothing_of_the_former_ground():
    """A grey square whose edge pixels are half mixed with a red ground, moved over blue."""
    picture = torch.zeros(SIZE[1], SIZE[0], 3)
    picture[:, :36] = torch.tensor([0.0, 0, 1])
    picture[:, 36:] = torch.tensor([1.0, 0, 0])
    picture[20:44, 48:60] = 0.5
    picture[20:44, 48] = torch.tensor([0.65, 0.35, 0.35])  # 70 % of the square
    disparity = wall(0.25)
    disparity[20:44, 48:60] = 1.0
    made = seen(DepthScene(disparity, INTRINSICS), camera(shift=(-0.3, 0, 0)), picture)  # the square by 24 px, else 6
    row = made.video[1, 32]
    assert row[22, 2] > 0.95 and row[22, 0] < 0.05  # blue, beside the square
    assert row[24].tolist() == pytest.approx([0.35, 0.35, 0.65], abs=0.05)  # 70 % of the square, before blue
    assert (row[26:34] - 0.5).abs().max() < 0.02
