"""Things followed through clips, and frames aligned."""

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.carry.video.follow import follow
from dragnuwa.carry.video.from_masks import from_masks, sam3_objects
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.errors import InputError
from dragnuwa.geometry.frame_alignment import align
from dragnuwa.geometry.registration import median
from dragnuwa.research.scenes.edited import make_edited
from dragnuwa.research.scenes.scene import SceneConfig
from tests.support.pictures import texture


@pytest.mark.parametrize("seed", [1, 4, 7, 14])  # with a moving camera, alone, passing another, passed by another
def test_a_thing_of_a_scene_is_followed(seed):
    scene = make_edited(seed, SceneConfig(frames=8))
    masks = scene.masks
    found = follow(len(masks), lambda time: scene.before.frames[time], masks[0].astype(np.float32), 0)
    overlaps = [
        (mask & (part >= 128)).sum() / (mask | (part >= 128)).sum()
        for mask, part in zip(masks, found.masks, strict=True)
    ]
    assert np.mean(overlaps) > 0.9
    motion = scene.before.motions[scene.number + 1]
    place = scene.before.points[scene.number, 0]
    there = (motion @ np.append(place, 1))[:, :2] @ np.array([1, 1j])
    own = found.motion.factor * complex(*place) + found.motion.shift
    assert np.abs(own - there).max() < 2


@pytest.mark.parametrize("side", [17, 30, 41])
def test_the_mask_stays_as_it_is_in_the_frame_in_which_it_was_given(side):
    mask = np.zeros((80, 100), np.uint8)
    cv2.fillPoly(mask, [np.array([[20, 20], [20 + side, 26], [24, 20 + side]])], 1)
    found = follow(2, lambda time: texture(80, 100), mask.astype(np.float32), 0)
    assert np.array_equal(found.masks[0] >= 128, mask > 0)


def test_hidden_and_found_again():
    ground, thing = texture(80, 200) // 2, texture(20, 20, seed=3)
    frames = []
    for time in range(12):
        frame = ground.copy()
        frame[30:50, 10 + 12 * time : 30 + 12 * time] = thing
        frame[10:70, 80:110] = (90, 140, 200)  # it passes behind this
        frames.append(frame)
    mask = np.zeros((80, 200), np.float32)
    mask[30:50, 10:30] = 1
    found = follow(12, frames.__getitem__, mask, 0)
    assert not found.visible[6] and found.visible[[0, 3, 10, 11]].all()
    assert complex(found.motion.shift[11]) == pytest.approx(132, abs=1.5)
    assert complex(found.motion.shift[6]) == pytest.approx(72, abs=1.5)  # evenly from where it was to where it is
    assert found.placed.all()


def test_a_correction_holds_in_its_frame_and_around_it():
    frames = [texture(64, 96) // 2 for _ in range(9)]
    mask, other = np.zeros((64, 96), np.float32), np.zeros((64, 96), np.float32)
    mask[20:40, 20:40], other[20:40, 60:80] = 1, 1
    found = follow(9, frames.__getitem__, mask, 0, corrections={8: other})
    inside = found.masks >= 128
    assert inside[1, 30, 30] and not inside[7, 30, 30] and inside[7, 30, 70]


def test_a_mask_that_is_empty_is_refused():
    with pytest.raises(InputError, match="no outline in frame 1"):
        follow(2, lambda time: np.zeros((32, 32, 3), np.uint8), np.zeros((32, 32), np.float32), 0)


def test_masks_of_something_else_give_the_motion():
    frames = [np.roll(texture(64, 96), 4 * time, axis=1) for time in range(5)]
    masks = np.zeros((5, 64, 96), np.float32)
    for time in range(5):
        masks[time, 20:40, 20 + 4 * time : 40 + 4 * time] = 1
    masks[3] = 0
    found = from_masks(frames.__getitem__, masks, 0)
    assert found.visible.tolist() == [True, True, True, False, True]
    assert complex(found.motion.shift[4]) == pytest.approx(16, abs=0.3)


def test_masks_of_what_passes_behind_something_give_its_own_motion():
    """It is hidden to a third, and then to a half: neither its size nor the middle of its masks says where it is."""
    thing, frames, masks = texture(20, 40, seed=3), [], np.zeros((7, 64, 96), np.float32)
    for time in range(7):
        frame = texture(64, 96, seed=5) // 2
        frame[20:40, 4 * time + 10 : 4 * time + 50] = thing
        masks[time, 20:40, 4 * time + 10 : 4 * time + 50] = 1
        frame[10:50, 54:], masks[time, :, 54:] = 200, 0
        frames.append(frame)
    motion = from_masks(frames.__getitem__, masks, 0).motion
    assert np.abs(motion.factor - 1).max() < 0.02
    middles = motion.factor * (30 + 30j) + motion.shift
    assert np.abs(middles - (30 + 30j + 4 * np.arange(7))).max() < 0.5


def test_sam3_tracks_are_unpacked_as_the_host_packs_them():
    masks = np.random.default_rng(0).random((3, 2, 8, 16)) > 0.5
    bits = (masks.reshape(3, 2, 8, 2, 8) * (1 << np.arange(8))).sum(-1).astype(np.uint8)
    things = sam3_objects({"packed_masks": bits, "n_frames": 3}, ClipShape(16, 8, 3))
    assert len(things) == 2 and all((thing == masks[:, n]).all() for n, thing in enumerate(things))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"packed_masks": None}, "tracked nothing"),
        ("text", "tracked nothing"),
        ({"packed_masks": np.zeros((3, 2, 8), np.uint8)}, "bit-packed"),
        ({"packed_masks": torch.zeros(3, 2, 8, 2, dtype=torch.bfloat16)}, r"uint8; found bfloat16 \[3, 2, 8, 2\]"),
        ({"packed_masks": np.zeros((4, 2, 8, 2), np.uint8)}, "has 4 frames, the clip has 3"),
        ({"packed_masks": np.zeros((3, 2, 8, 2), np.uint8), "orig_size": (16, 8)}, "of a video of 8x16 pixels"),
    ],
)
def test_other_tracks_are_refused(value, message):
    with pytest.raises(InputError, match=message):
        sam3_objects(value, ClipShape(16, 8, 3))


def test_a_resting_camera_is_exactly_at_rest():
    frames = [texture(96, 128).copy() for _ in range(4)]
    for time, frame in enumerate(frames):
        frame[20:60, 10 + 8 * time : 50 + 8 * time] = (200, 40, 40)
    assert (align(4, frames.__getitem__) == np.eye(3)).all()


def test_a_camera_is_followed_precisely_whatever_moves():
    wide = texture(300, 400)
    motions = []
    for time in range(6):
        turn = cv2.getRotationMatrix2D((80, 60), 2.0 * time, 1 + 0.03 * time)
        turn[:, 2] += (-60 + 6.5 * time, -50)
        motions.append(np.vstack([turn, [0, 0, 1]]))
    frames = [cv2.warpPerspective(wide, motion, (160, 120), flags=cv2.INTER_CUBIC) for motion in motions]
    for time, frame in enumerate(frames):
        frame[40:80, 100 - 12 * time : 140 - 12 * time] = (30, 200, 30)
    found = align(6, frames.__getitem__)
    true = [motion @ np.linalg.inv(motions[0]) for motion in motions]
    corners = np.float64([[20, 20], [140, 20], [140, 100], [20, 100]])[:, None]
    for own, other in zip(found, true, strict=True):
        assert np.abs(cv2.perspectiveTransform(corners, own) - cv2.perspectiveTransform(corners, other)).max() < 0.5


def test_a_camera_follows_a_faint_ground_and_not_the_object_that_has_all_the_features():
    cloud = cv2.GaussianBlur(np.random.default_rng(3).standard_normal((240, 320)), (0, 0), 5)
    wide = (128 + 6 * cloud / np.abs(cloud).max())[..., None].repeat(3, -1)
    frames, true = [], []
    for time in range(5):
        frame = wide[30 + 2 * time : 190 + 2 * time, 60 - 3 * time : 260 - 3 * time].round().astype(np.uint8)
        frame[40:120, 60 + 4 * time : 120 + 4 * time] = texture(80, 60, 1)
        frames.append(frame)
        true.append([3 * time, -2 * time])
    found = align(5, frames.__getitem__)
    corners = np.float64([[0, 0], [200, 0], [200, 160], [0, 160]])[:, None]
    for motion, shift in zip(found, true, strict=True):
        assert np.abs(cv2.perspectiveTransform(corners, motion) - corners - shift).max() < 1


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_the_median_is_that_of_numpy(count):
    values = np.random.default_rng(count).normal(size=(3, count)).astype(np.float32)
    assert np.array_equal(median(values), np.median(values, axis=-1))
