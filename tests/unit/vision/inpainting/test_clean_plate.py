"""A background that is given: fitted to the picture, and taken in the hole alone."""

import json

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dragnuwa.carry.composite import carry_clip, find_in_clip, uncovered_by
from dragnuwa.carry.settings import FILLS, CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.errors import InputError
from dragnuwa.common.images import resize
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture
from dragnuwa.trajectory import parse
from dragnuwa.vision.inpainting.clean_plate import fill_from_plate, plate_for

WIDTH, HEIGHT = 320, 240
LEVEL = 1 / 255


def ground(seed: int = 0) -> np.ndarray:
    """`[H, W, 3]`: soft spots of many sizes, as large as half the size still shows."""
    random = np.random.default_rng(seed)
    spots = [cv2.GaussianBlur(random.normal(0, sigma, (HEIGHT, WIDTH, 3)), (0, 0), sigma) for sigma in (4, 10, 25)]
    return (0.42 + 0.16 * np.sum(spots, 0)).clip(0.05, 0.8).astype(np.float32)


def hole() -> np.ndarray:
    return cv2.ellipse(np.zeros((HEIGHT, WIDTH), np.uint8), (150, 110), (60, 45), 20, 0, 360, 1, -1) > 0


def sized(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    return resize(torch.from_numpy(picture).movedim(-1, 0)[None], width, height)[0].movedim(0, -1).numpy().copy()


def altered(picture: np.ndarray) -> np.ndarray:
    """10 % brighter, 8 levels up, moved by 3 px, and half the size."""
    move = np.array([[1, 0, 2.4], [0, 1, 1.8]])
    moved = cv2.warpAffine(picture, move, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return sized((moved * 1.1 + 8 * LEVEL).astype(np.float32), WIDTH // 2, HEIGHT // 2)


def covered(picture: np.ndarray) -> np.ndarray:
    return np.where(hole()[..., None], np.float32([0.9, 0.1, 0.1]), picture)


def edge_of(filled: np.ndarray, truth: np.ndarray) -> float:
    """The mean difference in the hole's outermost pixels, in levels."""
    edge = hole() & ~cv2.erode(hole().astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return float(np.abs(filled - truth)[edge].mean() / LEVEL)


def test_an_altered_plate_fills_without_a_seam():
    truth = ground()
    plate = sized(altered(truth), WIDTH, HEIGHT)
    filled = fill_from_plate(covered(truth), plate, hole())
    assert (filled[~hole()] == truth[~hole()]).all()
    assert edge_of(filled, truth) <= 1
    error = ((filled - truth)[hole()] ** 2).mean()
    assert -10 * np.log10(error) > 45
    assert edge_of(np.where(hole()[..., None], plate, truth), truth) > 15  # as it is, one would see it


def test_a_part_of_the_ring_that_differs_has_no_influence():
    """A shadow that is gone from the plate, below the hole."""
    truth = ground()
    picture = covered(truth)
    picture[155:, 100:200] *= 0.6
    filled = fill_from_plate(picture, sized(altered(truth), WIDTH, HEIGHT), hole())
    away = hole()
    away[140:] = False
    assert np.abs(filled - truth)[away].mean() < 2 * LEVEL


def test_light_that_changes_across_the_plate_is_taken_back():
    """12 levels darker at the left, and as much brighter at the right: the middle of the hole, too, keeps its tones."""
    truth = ground()
    plate = truth + np.linspace(-12, 12, WIDTH, dtype=np.float32)[None, :, None] * LEVEL
    filled = fill_from_plate(covered(truth), plate, hole())
    assert np.abs(filled - truth)[hole()].mean() < 1.5 * LEVEL


def test_a_plate_of_another_size_of_things_is_scaled():
    """As where a model has cut off some pixels at the edges."""
    truth = ground()
    scale = 1.012
    move = np.array([[scale, 0, (1 - scale) * WIDTH / 2], [0, scale, (1 - scale) * HEIGHT / 2]])
    plate = cv2.warpAffine(truth, move, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    filled = fill_from_plate(covered(truth), plate, hole())
    assert np.abs(filled - truth)[hole()].mean() < 1.5 * LEVEL


def test_another_picture_is_refused():
    random = np.random.default_rng(1)
    blocks = random.uniform(0, 1, (HEIGHT // 20, WIDTH // 20, 3)).astype(np.float32)
    other = cv2.resize(blocks, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    with pytest.raises(InputError, match="at least 50% of the area around them should look the same in both; found"):
        fill_from_plate(covered(np.roll(other, 37, 1)), ground(), hole())


def test_holes_far_apart_move_each_in_its_own_way():
    """What is far and what is near, from a step aside."""
    truth = np.concatenate([ground(0), ground(1)], 1)
    gone = np.concatenate([hole(), hole()], 1)
    plate = np.concatenate([np.roll(ground(0), 2, 1), np.roll(ground(1), -2, 1)], 1)
    filled = fill_from_plate(np.where(gone[..., None], np.float32(1), truth), plate, gone)
    assert np.abs(filled - truth)[gone].mean() < 1.5 * LEVEL


def test_nothing_to_fill_and_nothing_around():
    truth, plate = ground(0), ground(1)
    assert (fill_from_plate(truth, plate, np.zeros((HEIGHT, WIDTH), bool)) == truth).all()
    np.testing.assert_allclose(fill_from_plate(truth, plate, np.ones((HEIGHT, WIDTH), bool)), plate, atol=1e-6)


def test_it_is_fitted_as_the_picture_is():
    """To a square clip, of a picture that is twice as wide: its middle; a plate of the clip's shape is all of it."""
    wide, square = torch.zeros(1, 20, 40, 3), torch.ones(1, 50, 50, 3)
    wide[:, :, 10:30] = 1
    assert plate_for((64, 64), wide, (400, 200), (64, 64), "crop")[:, 4:-4].min() > 0.9
    assert plate_for((64, 64), square, (400, 200), (64, 64), "crop").min() > 0.9
    with pytest.raises(InputError, match="of the picture, 400x200 pixels, or of the clip, 64x64; found 30x60"):
        plate_for((64, 64), torch.zeros(1, 60, 30, 3), (400, 200), (64, 64), "crop")


CLIP = ClipShape(WIDTH, HEIGHT, 5)
DRAG = '[[{"x": 150, "y": 110}, {"x": 230, "y": 110}]]'
MASK = torch.from_numpy(hole()).float()[None]


def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    """`[1, H, W, 3]` each: with a red thing that a drag moves, and an altered plate without it."""
    return torch.from_numpy(covered(ground()))[None], torch.from_numpy(altered(ground()))[None]


@pytest.mark.parametrize("fill", FILLS)
def test_carry_shows_the_background_where_a_thing_has_been(fill: str):
    picture, plate = pictures()
    drags, settings = parse(DRAG, width=WIDTH, height=HEIGHT), CarrySettings(fill=fill)
    with_plate = carry_clip(picture, drags, CLIP, MASK, settings, background=plate)
    left = hole() & (with_plate.uncovered[-1].numpy() > 0.99)
    assert left.sum() > 1000
    assert np.abs(with_plate.video[-1].numpy() - ground())[left].mean() < 1.5 * LEVEL
    without = carry_clip(picture, drags, CLIP, MASK, settings)
    assert np.abs(without.video[-1].numpy() - ground())[left].mean() > 6 * LEVEL


def test_beyond_the_edge_a_camera_move_is_filled_as_without_one():
    picture, _ = pictures()
    corners = [(40, 40), (280, 40), (40, 200), (280, 200)]
    drags = [[{"x": x, "y": y}, {"x": x + 30, "y": y}] for x, y in corners]
    drags = parse(json.dumps(drags), width=WIDTH, height=HEIGHT)
    one = carry_clip(picture, drags, CLIP, background=picture)
    torch.testing.assert_close(one.video, carry_clip(picture, drags, CLIP).video)


def test_restore_detail_fills_from_the_background():
    picture, plate = pictures()
    drags = parse(DRAG, width=WIDTH, height=HEIGHT)
    truth = carry_clip(picture, drags, CLIP, MASK, background=torch.from_numpy(ground())[None]).video
    clip = F.interpolate(truth.movedim(-1, 1), scale_factor=0.5, mode="area").movedim(1, -1)
    half = DRAG.replace("150", "75").replace("230", "115").replace("110", "55")
    error = [
        (restore_clip(ClipAndPicture(clip, picture, background=given), half, MASK).images[-1] - truth[-1])[MASK[0] > 0]
        .square()
        .mean()
        for given in (plate, None)
    ]
    assert error[0] < 0.8 * error[1]


def test_the_hole_is_found_without_moving_anything():
    """At the picture's size, twice the clip's: all of the thing, its rim, and not much more."""
    large = torch.from_numpy(sized(pictures()[0][0].numpy(), 2 * WIDTH, 2 * HEIGHT))[None]
    mask = torch.from_numpy(cv2.resize(hole().astype(np.float32), (2 * WIDTH, 2 * HEIGHT)))[None]
    found = find_in_clip(large, parse(DRAG, width=WIDTH, height=HEIGHT), CLIP, mask)
    left = uncovered_by(found, large)
    assert left.shape == mask.shape and set(left.unique().tolist()) == {0, 1}
    assert (left >= (mask > 0)).all()
    assert 1 < left.sum() / mask.sum() < 1.4
    torch.testing.assert_close(found.object_masks(), mask)


def test_what_rests_leaves_no_hole():
    still = parse('[[{"x": 150, "y": 110}, {"x": 150, "y": 110}]]', width=WIDTH, height=HEIGHT)
    assert uncovered_by(find_in_clip(pictures()[0], still, CLIP, MASK), pictures()[0]).sum() == 0
