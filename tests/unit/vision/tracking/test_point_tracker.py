"""Trackers find what has moved by known amounts."""

import cv2
import numpy as np
import pytest

from dragnuwa.research.evaluation import LucasKanade, MatchCutout, objmc, relative_objmc
from dragnuwa.research.scenes import SceneConfig, make_scene

POINTS = np.array([[40.0, 40], [64, 70], [90, 50]])
STEPS = np.array([[0, 0], [2.3, -1.1], [5.0, 0.4], [9.7, 3.2], [12.1, 8.8]])  # px, (x, y) from frame 0


def strong_texture(side: int = 200) -> np.ndarray:
    noise = np.random.default_rng(1).integers(0, 256, (side, side, 3)).astype(np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5).astype(np.float32)
    return np.clip((soft - soft.mean()) * 5 + 128, 0, 255).astype(np.uint8)


def shifted(side: int = 128) -> np.ndarray:
    """A picture that moves by `STEPS` as a whole, `[T, H, W, 3]`."""
    big = strong_texture()
    moves = [np.float32([[1, 0, dx - 36], [0, 1, dy - 36]]) for dx, dy in STEPS]
    return np.stack([cv2.warpAffine(big, move, (side, side), flags=cv2.INTER_CUBIC) for move in moves])


def target() -> np.ndarray:
    return POINTS[:, None] + STEPS


def test_lucas_kanade_finds_a_known_shift_to_a_third_of_a_pixel():
    found, visible = LucasKanade()(shifted(), POINTS)
    assert visible.all()
    assert np.abs(found - target()).max() < 0.3


def test_objmc_is_near_0_for_the_true_video_and_the_mean_way_for_a_still_one():
    frames, everywhere = shifted(), np.ones((3, 5), bool)
    found, _ = LucasKanade()(frames, POINTS)
    assert objmc(found, target(), everywhere) < 0.15
    still, visible = LucasKanade()(np.repeat(frames[:1], 5, 0), POINTS)
    assert visible.all()
    assert objmc(still, target(), everywhere) == pytest.approx(np.linalg.norm(STEPS, axis=1).mean(), abs=0.01)
    assert relative_objmc(still, target(), everywhere) == pytest.approx(1, abs=0.01)


def test_a_point_without_texture_is_lost_and_stays():
    frames = shifted()
    frames[:, 30:110, 30:75] = 90  # two of the points are in the middle of one colour
    found, visible = LucasKanade()(frames, POINTS[:2] - (0, 0))
    assert not visible[0, 1:].any() and visible[:, 0].all()
    assert (found[0] == POINTS[0]).all()


def test_a_point_that_is_covered_is_lost_for_good():
    frames = shifted()
    frames[2] = strong_texture(128)[::-1]
    found, visible = LucasKanade()(frames, POINTS)
    assert visible[:, :2].all() and not visible[:, 2:].any()
    assert (found[:, 2:] == found[:, 1:2]).all()


def test_a_point_whose_way_back_leads_elsewhere_is_lost():
    frames = shifted() // 8 + 112  # so faint that any patch looks much like any other
    frames[2] = strong_texture(128)[::-1] // 8 + 112
    _, visible = LucasKanade()(frames, POINTS)
    assert visible[:, 1].all() and not visible[:, 2].any()
    _, unchecked = LucasKanade(bound=1e9)(frames, POINTS)
    assert unchecked[:, 2].any()


def test_a_point_that_leaves_the_picture_is_lost_at_its_last_place():
    found, visible = LucasKanade()(shifted(), np.array([[119.5, 60], [124.8, 60]]))
    assert visible.tolist() == [[True, True, True, False, False], [True, False, False, False, False]]
    assert np.abs(found[0, 3:] - (124.5, 60.4)).max() < 0.5
    assert (found[1] == (124.8, 60)).all()


def test_cut_outs_are_found_on_scenes():
    config = SceneConfig(sizes=((128, 128),), objects=(1, 1), spin=0, growth=(1, 1), camera_share=0, leaving_share=0)
    errors = []
    for seed in range(20):
        scene = make_scene(seed, config)
        found, _ = MatchCutout(scene.masks[:, 0])(scene.frames, scene.points[:, 0])
        errors.append(np.median(np.linalg.norm(found - scene.points, axis=-1)[scene.visible]))
    assert np.median(errors) < 0.2
    assert np.max(errors) < 1


def square(positions: list[tuple[int, int] | None]) -> tuple[np.ndarray, np.ndarray]:
    """A chequered square of 16 px whose corner is at `positions` over a texture, or nowhere; frames and its mask."""
    frames = np.repeat(strong_texture(128)[None] // 3, len(positions), axis=0)
    thing = np.zeros((16, 16, 3), np.uint8)
    thing[::4] = (255, 200, 0)
    thing[:, ::5] = (0, 90, 255)
    for frame, place in zip(frames, positions, strict=True):
        if place is not None:
            frame[place[1] : place[1] + 16, place[0] : place[0] + 16] = thing
    mask = np.zeros((1, 128, 128), bool)
    mask[0, 30:46, 20:36] = True
    return frames, mask


def test_a_thing_that_vanishes_is_lost_where_it_was_and_found_again():
    frames, mask = square([(20, 30), (30, 33), None, (70, 40)])
    found, visible = MatchCutout(mask, reach=24)(frames, np.array([[28.0, 38]]))
    assert visible.tolist() == [[True, True, False, True]]
    assert np.abs(found[0] - [(28, 38), (38, 41), (38, 41), (78, 48)]).max() < 0.1


def test_a_thing_is_not_looked_for_farther_than_its_reach():
    frames, mask = square([(20, 30), (70, 30)])
    _, visible = MatchCutout(mask, reach=24)(frames, np.array([[28.0, 38]]))
    assert visible.tolist() == [[True, False]]
    found, visible = MatchCutout(mask, reach=60)(frames, np.array([[28.0, 38]]))
    assert visible.all() and np.abs(found[0, 1] - (78, 38)).max() < 0.1


def test_a_thing_that_partly_leaves_the_picture_is_still_found():
    frames, mask = square([(20, 30), (6, 30), (0, 30)])
    frames[2] = np.roll(frames[2], -2, axis=1)
    frames[2, :, -2:] = 0
    found, _ = MatchCutout(mask)(frames, np.array([[28.0, 38]]))
    assert np.abs(found[0, 2] - (6, 38)).max() < 1


@pytest.mark.parametrize("tracker", [LucasKanade(), MatchCutout(np.ones((1, 128, 128), bool))])
def test_what_is_no_video_or_no_point_is_refused(tracker):
    with pytest.raises(ValueError, match=r"A video must be \[T, H, W, 3\] uint8"):
        tracker(shifted() / 255, POINTS[:1])
    with pytest.raises(ValueError, match=r"points must be \[N, 2\], finite and at least one; found \[0, 2\]"):
        tracker(shifted(), POINTS[:0])
    with pytest.raises(ValueError, match="points must be"):
        tracker(shifted(), POINTS[:1] * np.nan)


def test_masks_that_do_not_fit_or_are_empty_are_refused():
    with pytest.raises(ValueError, match=r"masks must be \[N, H, W\] = \[3, 128, 128\].*found \[1, 64, 64\]"):
        MatchCutout(np.ones((1, 64, 64), bool))(shifted(), POINTS)
    with pytest.raises(ValueError, match="A cut-out is empty"):
        MatchCutout(np.zeros((1, 128, 128), bool))(shifted(), POINTS[:1])
