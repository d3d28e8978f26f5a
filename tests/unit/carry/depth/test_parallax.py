"""A camera that moves through ray-traced scenes, against what it truly sees."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from dragnuwa.carry.depth.parallax import parallax
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.scene import DepthScene
from dragnuwa.common.errors import InputError
from dragnuwa.research.scenes.traced import make_traced

MOVES = [CameraMoves(truck=0.1, pan=3), CameraMoves(orbit=8), CameraMoves(dolly=0.12, tilt=2), CameraMoves(rise=-5)]


def scene_of(truth, depth: np.ndarray) -> DepthScene:
    return DepthScene((1 / depth).astype(np.float32), truth.intrinsics)


def first_of(truth):
    return truth.seen(np.eye(3), np.zeros(3))


@pytest.mark.parametrize("seed", range(4))
def test_it_sees_what_a_camera_truly_sees(seed):
    truth = make_traced(seed)
    first = first_of(truth)
    scene = scene_of(truth, first.depth)
    cameras = MOVES[seed].cameras(scene, 3)
    made = parallax(torch.from_numpy(first.picture), scene, cameras, 16)
    assert torch.equal(made.video[0], torch.from_numpy(first.picture)) and not made.disoccluded[0].any()
    place = cameras[-1].rotation, cameras[-1].translation, cameras[-1].intrinsics
    new = truth.seen(*place)
    shown, _ = truth.shown_before(new, *place)
    error = np.square(made.video[-1].numpy() - new.picture)[shown].mean()
    assert 10 * np.log10(1 / error) > 30
    gap, true_gap = made.disoccluded[-1].numpy() > 0.5, ~shown
    for one, other in ((gap, true_gap), (true_gap, gap)):  # but for a pixel along its border
        assert (one & ~ndimage.binary_dilation(other, np.ones((3, 3)))).mean() < 0.003
    points, visible = made.trajectories.sample(3, *truth.size)
    there, depth = _truly(truth, points[:, 0] - 0.5, first.depth, cameras[-1])
    seen = (there > -0.5).all(1) & (there < np.array(truth.size) - 0.5).all(1)
    seen &= depth <= truth.depth_at(there, *place) * 1.01
    assert (seen == visible[:, -1]).mean() > 0.97
    both = seen & visible[:, -1] & (there < np.array(truth.size) - 1.5).all(1)  # sampling keeps points in the picture
    assert np.abs(points[:, -1] - 0.5 - there)[both].max() < 0.1


def _truly(truth, starts: np.ndarray, depth: np.ndarray, camera) -> tuple[np.ndarray, np.ndarray]:
    """Where a camera sees places `[N, 2]` of the picture, and how far."""
    column, row = np.rint(starts).astype(int).T
    rays = np.concatenate([starts, np.ones((len(starts), 1))], 1) @ np.linalg.inv(truth.intrinsics).T
    there = (rays * depth[row, column, None] @ camera.rotation.T + camera.translation) @ camera.intrinsics.T
    return there[:, :2] / there[:, 2:], there[:, 2]


def two_walls(size: tuple[int, int] = (96, 64)) -> DepthScene:
    """A near square before a wall that is four times as far."""
    disparity = np.full(size[::-1], 0.25, np.float32)
    disparity[20:44, 36:60] = 1.0
    return DepthScene(disparity, np.array([[80.0, 0, 47.5], [0, 80, 31.5], [0, 0, 1]]))


def place_of(scene: DepthScene, moves: CameraMoves, x: int, y: int) -> np.ndarray:
    """Where the last frame shows a pixel, in pixels from where the first one did."""
    return moves.cameras(scene, 2)[-1].project(scene)[y, x, :2] - (x, y)


NEAR, FAR = (48, 32), (10, 10)


@pytest.mark.parametrize(
    ("moves", "near", "far"),
    [
        ({"truck": 0.1}, (-8, 0), (-2, 0)), ({"pedestal": 0.1}, (0, 8), (0, 2)), ({"truck": -0.1}, (8, 0), (2, 0)),
    ],
)  # fmt: skip
def test_near_things_move_more_and_the_picture_against_the_camera(moves, near, far):
    scene = two_walls()
    assert place_of(scene, CameraMoves(**moves), *NEAR) == pytest.approx(near, abs=1e-3)
    assert place_of(scene, CameraMoves(**moves), *FAR) == pytest.approx(far, abs=1e-3)


def test_turns_and_lenses_have_no_parallax():
    scene = two_walls()
    right, up = place_of(scene, CameraMoves(pan=5), *NEAR), place_of(scene, CameraMoves(tilt=5), *NEAR)
    assert right[0] < -6 and abs(right[1]) < 0.1 and up[1] > 6 and abs(up[0]) < 0.1
    assert place_of(scene, CameraMoves(zoom=0.5), *FAR) == pytest.approx((-18.75, -10.75), abs=1e-3)
    wall = DepthScene(np.full((64, 96), 0.25, np.float32), scene.intrinsics)
    for moves in (CameraMoves(pan=5, tilt=-3, roll=8), CameraMoves(zoom=0.5)):
        assert place_of(scene, moves, *NEAR) == pytest.approx(place_of(wall, moves, *NEAR), abs=1e-3)
    clockwise = place_of(scene, CameraMoves(roll=10), 80, 32)
    assert clockwise[1] < -4  # the picture turns the other way


def test_the_focus_stays_in_orbit_and_its_size_in_a_dolly_zoom():
    scene = two_walls()
    focus = {"focus": (48.5 / 96, 32.5 / 64)}
    for moves in (CameraMoves(orbit=20, **focus), CameraMoves(rise=-15, orbit=9, **focus)):
        assert place_of(scene, moves, *NEAR) == pytest.approx((0, 0), abs=1e-3)
    assert place_of(scene, CameraMoves(orbit=10, **focus), *FAR)[0] > 3  # what is behind goes along with the camera
    closer = CameraMoves(dolly=0.4, dolly_zoom=True)
    assert place_of(scene, closer, 58, 32) == pytest.approx((0, 0), abs=1e-3)
    assert place_of(scene, closer, *FAR)[0] > 5  # what is behind shrinks towards the middle


def test_an_unsteady_hand_is_repeatable_and_begins_at_rest():
    scene = two_walls()
    first, again, other = (CameraMoves(handheld=2, seed=seed).cameras(scene, 9) for seed in (1, 1, 2))
    assert (first[0].rotation == np.eye(3)).all()
    assert all((a.rotation == b.rotation).all() for a, b in zip(first, again, strict=True))
    assert np.abs(first[5].rotation - other[5].rotation).max() > 1e-3
    angle = max(np.degrees(np.arccos((np.trace(camera.rotation) - 1) / 2)) for camera in first)
    assert 1 < angle < 4


def test_a_resting_camera_shows_the_picture_in_every_frame():
    scene, picture = two_walls(), torch.rand(64, 96, 3)
    made = parallax(picture, scene, CameraMoves().cameras(scene, 4))
    assert all(torch.equal(frame, picture) for frame in made.video) and not made.disoccluded.any()


def test_sky_never_has_parallax_and_is_behind_everything():
    disparity = two_walls().disparity.copy()
    disparity[disparity < 0.5] = 0
    scene, picture = DepthScene(disparity, two_walls().intrinsics), torch.rand(64, 96, 3)
    made = parallax(picture, scene, CameraMoves(truck=0.1).cameras(scene, 2))
    assert (made.video[1, :10] - picture[:10]).abs().max() < 1e-5
    assert (made.video[1, 24:40, 30:48] - picture[24:40, 38:56]).abs().max() < 1e-3  # the square, 8 px to the left
    assert made.disoccluded[1, 24:40, 53:59].all()


@pytest.mark.parametrize(
    "fields",
    [{"dolly": 1.0}, {"pan": 90}, {"zoom": -1}, {"handheld": -1}, {"truck": float("nan")}, {"start": 0.5, "end": 0.5},
     {"focus": (1.5, 0.5)}, {"ease": "bounce"}],
)  # fmt: skip
def test_moves_out_of_range_are_refused(fields):
    with pytest.raises(InputError, match=r"\.$"):
        CameraMoves(**fields)


@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
def test_depth_that_is_none_is_refused(value):
    with pytest.raises(InputError, match=r"\.$"):
        DepthScene(np.full((8, 8), value, np.float32), np.eye(3))


@pytest.mark.parametrize("moves", [{"dolly": -5.0, "roll": 180}, {"orbit": 89, "rise": 89}, {"pan": 89}, {"zoom": 10}])
def test_extreme_moves_give_a_video(moves):
    scene, picture = two_walls(), torch.rand(64, 96, 3)
    made = parallax(picture, scene, CameraMoves(**moves).cameras(scene, 3))
    assert made.video.isfinite().all() and made.video.min() >= 0 and made.video.max() <= 1
