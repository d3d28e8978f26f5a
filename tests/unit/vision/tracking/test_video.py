"""The motion of a rendered video comes back as tracks."""

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.vision.tracking.tracks_from_flow import anchors_of, grid, sample_video
from tests.support.pictures import texture

WIDTH, HEIGHT, FRAMES = 192, 128, 10


def rendered(motions: list[np.ndarray]) -> torch.Tensor:
    """A video of a texture that frame t shows where the affine map motions[t] `[2, 3]` takes the pixels of frame 0."""
    large = texture(HEIGHT + 80, WIDTH + 80)
    inset = np.array([[1, 0, 40], [0, 1, 40], [0, 0, 1.0]])  # the picture lies in the middle of the texture
    frames = []
    for motion in motions:
        whole = np.vstack([motion, [0, 0, 1]]) @ np.linalg.inv(inset)
        frames.append(cv2.warpAffine(large, whole[:2], (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC))
    return torch.from_numpy(np.stack(frames)).float() / 255


def shift(frame: int) -> np.ndarray:
    return np.array([[1, 0, 2.5 * frame], [0, 1, 1.5 * np.sin(frame)]])


def turn_and_grow(frame: int) -> np.ndarray:
    return cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 1.5 * frame, 1 + 0.015 * frame)


@pytest.mark.parametrize("motion", [shift, turn_and_grow])
def test_tracks_agree_with_the_known_motion(motion):
    motions = [motion(frame) for frame in range(FRAMES)]
    drags = sample_video(rendered(motions), count=40, seed=3)
    assert drags.canvas == (WIDTH, HEIGHT) and len(drags.tracks) == 40
    points, visible = drags.sample(FRAMES, WIDTH, HEIGHT)
    start = np.concatenate([points[:, 0], np.ones((40, 1))], axis=1)  # [N, 3]
    expected = np.stack([start @ one.T for one in motions], axis=1)  # [N, T, 2]
    error = np.linalg.norm(points - expected, axis=2)[visible]
    assert visible.mean() > 0.7
    assert np.median(error) < 1.0, error
    assert np.abs(expected - points[:, :1])[visible].max() > 10  # there was something to follow


def test_what_leaves_the_picture_is_hidden_from_then_on():
    motions = [np.array([[1, 0, -8.0 * frame], [0, 1, 0]]) for frame in range(5)]
    points, visible = sample_video(rendered(motions), count=60, seed=0).sample(5, WIDTH, HEIGHT)
    gone = points[:, 0, 0] < 24
    assert gone.any() and not visible[gone, -1].any() and visible[points[:, 0, 0] > 60].mean() > 0.9


def test_the_seed_decides_and_another_estimator_can_be_given():
    video = rendered([shift(frame) for frame in range(3)])
    first, again, other = (sample_video(video, count=8, seed=seed) for seed in (1, 1, 2))
    assert first == again != other

    def still(now: np.ndarray, then: np.ndarray) -> np.ndarray:
        return np.zeros((*now.shape[:2], 2), np.float32)

    points, visible = sample_video(video, count=8, seed=1, estimator=still).sample(3, WIDTH, HEIGHT)
    assert np.ptp(points, axis=1).max() < 1e-5 and visible.all()


def test_the_number_of_anchors_is_that_of_the_grid():
    for height, width, interval in ((320, 576, 16), (128, 192, 7), (64, 64, 256)):
        assert anchors_of((width, height), interval) == len(grid((width, height), interval, np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("video", "count", "words"),
    [
        (torch.zeros(1, 64, 64, 3), 8, "a video of 2 frames or more .* found a single frame"),
        (torch.zeros(64, 64, 3), 8, r"video should be \[B, H, W, 3\]"),
        (torch.zeros(3, 8, 64, 3), 1, "16 pixels wide and high"),
        (torch.zeros(3, 64, 64, 3), 401, "from 1 to 400 tracks.*a count of 401"),
    ],
)
def test_bad_videos_are_refused_with_help(video, count, words):
    with pytest.raises(ValueError, match=words):
        sample_video(video, count=count, seed=0)
