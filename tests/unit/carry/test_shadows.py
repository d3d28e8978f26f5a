"""Shadows that go along with objects, and where the ground behind objects is copied from."""

import json

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.carry.composite import Carried, carry_clip
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.trajectory import parse

WIDTH, HEIGHT, FRAMES = 320, 180, 5
STRENGTH, TINT = 0.55, np.array([0.02, 0.03, 0.08], np.float32)
STEP = 30  # px right, in each frame


def ground(seed: int = 0) -> np.ndarray:
    """`[H, W, 3]`: grass and to the right of it sand, lighter below."""
    grain = cv2.GaussianBlur(np.random.default_rng(seed).standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1)
    light = np.linspace(0.8, 1.1, HEIGHT, dtype=np.float32)[:, None, None]
    left = (np.arange(WIDTH) < 185)[None, :, None]
    color = np.where(left, np.array([0.45, 0.55, 0.35], np.float32), np.array([0.8, 0.75, 0.5], np.float32))
    return ((color + 0.1 * grain[..., None]) * light).astype(np.float32)


def cover(x: float, y: float, radius_x: int, radius_y: int, blur: float) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(mask, (int(x), int(y)), (radius_x, radius_y), 0, 0, 360, 1, -1)
    return cv2.GaussianBlur(mask, (0, 0), blur)[..., None]


def scene(time: int) -> np.ndarray:
    """A ball over its shadow, both of which have moved for `time` frames."""
    shade = STRENGTH * cover(110 + STEP * time, 125, 50, 14, 3)
    picture = ground() * (1 - shade) + TINT * shade
    ball = cover(90 + STEP * time, 90, 32, 32, 0.6)
    return (picture * (1 - ball) + np.array([0.8, 0.2, 0.1], np.float32) * ball).clip(0, 1)


def ring(x: float, y: float, radius_x: float, radius_y: float) -> list[dict[str, float]]:
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    positions = zip(x + radius_x * np.cos(turn), y + radius_y * np.sin(turn), strict=True)
    return [{"x": float(a) / WIDTH, "y": float(b) / HEIGHT} for a, b in positions]


def carried(picture: np.ndarray, **fields) -> Carried:
    way = {"keys": [{"t": 1, "x": STEP * (FRAMES - 1) / WIDTH}]}
    ball = {"outline": [ring(90, 90, 32, 32)], "motion": way, **fields}
    drawing = {"type": "dragnuwa.trajectories", "version": 2, "tracks": [], "objects": [ball]}
    drags = parse(json.dumps(drawing), width=WIDTH, height=HEIGHT)
    return carry_clip(torch.from_numpy(picture)[None], drags, ClipShape(WIDTH, HEIGHT, FRAMES))


def blurred(frame: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(frame, (0, 0), 4)  # what is filled has a texture of its own


@pytest.fixture(scope="module")
def with_shadow() -> Carried:
    return carried(scene(0), shadow=[ring(110, 125, 60, 24)])


def test_a_shadow_goes_along_and_darkens_what_it_falls_on(with_shadow: Carried):
    """Where it comes to lie, and where it lay, the video is as bright as the truth; without a shadow it is not."""
    without = carried(scene(0)).video.numpy()
    for time in range(1, FRAMES):
        error = np.abs(blurred(with_shadow.video[time].numpy()) - blurred(scene(time))).max(-1)
        assert np.percentile(error, 99) < 0.06 and error.mean() < 0.008
        assert np.abs(blurred(without[time]) - blurred(scene(time))).max() > 0.2
    grain = (with_shadow.video[4].numpy() - blurred(with_shadow.video[4].numpy()))[125:135, 240:270].std()
    truth = (scene(4) - blurred(scene(4)))[125:135, 240:270].std()
    assert 0.7 < grain / truth < 1.4  # the grass under it keeps its texture


def test_frame_0_with_a_shadow_is_the_picture(with_shadow: Carried):
    assert torch.equal(with_shadow.video[0], torch.from_numpy(scene(0)))


def test_what_a_shadow_leaves_is_disoccluded(with_shadow: Carried):
    assert with_shadow.uncovered[4, 130, 100] == 1 and carried(scene(0)).uncovered[4, 138, 110] == 0


@pytest.mark.parametrize(
    "shadow",
    [
        ring(90, 90, 10, 10),  # all under the ball
        ring(110, 125, 500, 500),  # the whole picture
        ring(-500, 90, 10, 10),  # outside
        ring(200, 160, 20, 10),  # where there is none
    ],
)
def test_a_shadow_may_be_drawn_anywhere(shadow: list):
    moved = carried(scene(0), shadow=[shadow])
    assert moved.video.isfinite().all() and moved.video.min() >= 0 and moved.video.max() <= 1
    assert torch.equal(moved.video[0], torch.from_numpy(scene(0)))


def test_a_shadow_of_an_object_that_rests_stays_in_the_picture():
    resting = {"keys": [{"t": 1}]}
    moved = carried(scene(0), motion=resting, shadow=[ring(110, 125, 60, 24)])
    assert torch.allclose(moved.video[-1], torch.from_numpy(scene(0)), atol=1e-6)


def test_the_ground_is_copied_from_where_the_object_says():
    """The ball lies on gravel; far away there is paper. From there alone, the hole becomes as flat as paper."""
    grain = ground() - blurred(ground())
    picture = 0.5 + np.where((np.arange(WIDTH) < 220)[None, :, None], 2 * grain, 0)
    ball = cover(90, 90, 32, 32, 0.6)
    picture = (picture * (1 - ball) + np.array([0.8, 0.2, 0.1], np.float32) * ball).clip(0, 1).astype(np.float32)
    inside = cover(80, 90, 8, 20, 0.6)[..., 0] > 0.5
    truth = (2 * grain)[inside].std()
    assert carried(picture).video[4].numpy()[inside].std() > 0.6 * truth
    assert carried(picture, fill_from=[ring(280, 150, 30, 25)]).video[4].numpy()[inside].std() < 0.2 * truth


def test_a_small_piece_of_ground_is_repeated_as_a_whole():
    """Of grass a piece of 64 by 64 px is given: the hole shows all of it, and not a strip of it again and again."""
    picture = ground().clip(0, 1)
    square = [{"x": x / WIDTH, "y": y / HEIGHT} for x, y in ((110, 110), (174, 110), (174, 174), (110, 174))]
    filled = carried(picture, fill_from=[square]).video[4].numpy()
    grain = (filled - blurred(filled))[70:110, 66:106, 1]

    def repeats(down: int, right: int) -> float:
        """How much it is the same as itself so many px away: -1 to 1."""
        first, second = grain[down:, right:], grain[: 40 - down, : 40 - right]
        return float((first * second).mean() / grain.var())

    assert max(repeats(*way) for step in range(5, 25) for way in ((step, 0), (0, step))) < 0.5


def test_without_a_patch_to_copy_the_ground_is_filled_smoothly():
    tiny = carried(ground(), fill_from=[ring(280, 150, 2, 2)])
    assert tiny.video[4].numpy()[80:100, 80:100].std(0).max() < 0.03
