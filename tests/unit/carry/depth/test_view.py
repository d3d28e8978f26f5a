"""What is computed of a view: only what is asked for, and of an object's depth only what belongs to it."""

import cv2
import numpy as np
import pytest

from dragnuwa.carry.depth import background
from dragnuwa.carry.depth.camera import intrinsics_from_angle
from dragnuwa.carry.depth.cleaning import cleaned
from dragnuwa.carry.depth.nearest import CHUNK
from dragnuwa.carry.depth.path import CameraMoves
from dragnuwa.carry.depth.scene import BLOCK, DepthScene
from dragnuwa.carry.depth.view import view, view_with_edges
from dragnuwa.research.scenes.traced import make_traced

REACH = 2 * 8 + 1  # px, over which pixels between projected ones are filled
MOVES = [CameraMoves(truck=0.1, dolly=0.1), CameraMoves(orbit=8), CameraMoves(dolly=-0.2, roll=20)]


def square_before_wall(size: tuple[int, int] = (200, 150), near: float = 1.0, far: float = 0.15) -> DepthScene:
    disparity = np.full(size[::-1], far, np.float32)
    disparity[40:110, 60:130] = near
    return DepthScene(disparity, intrinsics_from_angle(50, size))


@pytest.mark.parametrize("moves", MOVES)
def test_a_part_of_a_view_is_that_of_the_whole(moves):
    truth = make_traced(3)
    scene = DepthScene((1 / truth.seen(np.eye(3), np.zeros(3)).depth).astype(np.float32), truth.intrinsics)
    camera = moves.cameras(scene, 2)[-1]
    everywhere = np.ones(scene.disparity.shape, bool)
    wanted = np.zeros_like(everywhere)
    wanted[50:120, 70:160] = True
    whole, part = view(scene, camera, everywhere), view(scene, camera, wanted)
    inner = cv2.erode(wanted.astype(np.uint8), np.ones((2 * REACH + 1,) * 2)) > 0
    np.testing.assert_array_equal(part.sources[inner], whole.sources[inner])
    np.testing.assert_array_equal(part.disparity[inner], whole.disparity[inner])
    assert whole.shown[inner].mean() > 0.5 and not part.shown[~wanted].any()


def test_blocks_have_the_range_of_their_pixels():
    scene = square_before_wall((100, 70))
    left, top, right, bottom, least, most = scene.blocks
    assert (right[-1, -1], bottom[-1, -1]) == (99, 69) and least.shape == (-(-70 // BLOCK), -(-100 // BLOCK))
    for row, column in np.ndindex(least.shape):
        rows = slice(top[row, column], bottom[row, column] + 1)
        own = scene.disparity[rows, left[row, column] : right[row, column] + 1]
        assert (least[row, column], most[row, column]) == (own.min(), own.max())


def test_edges_are_where_something_is_seen_and_not_within_gaps():
    scene = square_before_wall()
    camera = CameraMoves(truck=0.3).cameras(scene, 2)[-1]
    seen = view_with_edges(scene, camera, np.arange(scene.disparity.size, dtype=np.int32).reshape(150, 200))
    beside = cv2.dilate(seen.shown.astype(np.uint8), np.ones((3, 3))) > 0
    assert (~seen.shown).sum() > 1000 and len(seen.edges) > 100
    assert beside.ravel()[seen.edges].all()


def test_noisy_depth_has_nothing_between_a_near_thing_and_a_far_wall():
    true = square_before_wall((640, 480)).disparity
    random = np.random.default_rng(5)
    noise = cv2.resize(random.normal(size=(60, 80)), (640, 480), interpolation=cv2.INTER_CUBIC).clip(-2, 2)
    found = cleaned(np.round(cv2.blur(true * (1 + 0.03 * noise), (5, 5)) * 200) / 200)
    between = (found > 0.3) & (found < 0.7)
    assert between.mean() < 1e-4  # which would be stretched over the whole gap


def test_stray_pixels_are_filled_as_in_the_whole_frame():
    random = np.random.default_rng(6)
    frame = cv2.GaussianBlur(random.uniform(size=(90, 120, 3)).astype(np.float32), (0, 0), 3)
    missing = random.uniform(size=(90, 120)) < 0.003
    missing[30:36, 40:60] = True
    small = np.round(frame * 255).astype(np.uint8)
    whole = cv2.inpaint(small, missing.astype(np.uint8), background.STRAY, cv2.INPAINT_TELEA) / 255
    found = frame.copy()
    background._close(found, missing)
    np.testing.assert_array_equal(found[~missing], frame[~missing])
    np.testing.assert_allclose(found[missing], whole[missing], atol=1e-6)


@pytest.mark.parametrize("moves", MOVES)
def test_a_view_of_more_pixels_than_are_computed_at_a_time_is_exact(moves):
    """Of a square and a wall before the camera, where a ray meets the plane of either is known."""
    disparity = np.full((300, 400), 0.15, np.float32)
    disparity[90:210, 140:260] = 0.25
    scene = DepthScene(disparity, intrinsics_from_angle(50, (400, 300)))
    assert scene.disparity.size > CHUNK
    camera = moves.cameras(scene, 2)[-1]
    seen = view(scene, camera, np.ones(scene.disparity.shape, bool))
    x, y = np.meshgrid(np.arange(400), np.arange(300))
    back = camera.rotation.T @ np.linalg.inv(camera.intrinsics)
    rays, away = np.stack([x, y, np.ones_like(x)], -1) @ back.T, camera.rotation.T @ camera.translation
    explained = 0
    for own in (0.25, 0.15):
        points = rays * ((1 / own + away[2]) / rays[..., 2])[..., None] - away
        there = points @ scene.intrinsics.T / points[..., 2:]
        column, row = np.rint(there[..., :2]).astype(int).clip(0, (399, 299)).transpose(2, 0, 1)
        shows = seen.shown & (np.abs(scene.disparity[row, column] - own) < 1e-6)
        shows &= np.abs(seen.sources - there[..., :2]).max(-1) < 0.5
        assert shows.sum() > 3000
        np.testing.assert_allclose(seen.sources[shows], there[..., :2][shows], atol=2e-3)
        explained += shows.sum()
    assert explained == seen.shown.sum() > 0.5 * scene.disparity.size
