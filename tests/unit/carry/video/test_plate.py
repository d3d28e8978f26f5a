"""The ground behind objects, out of other frames."""

from collections import Counter

import cv2
import numpy as np

from dragnuwa.carry.video.plate import Ground
from tests.support.pictures import texture

HEIGHT, WIDTH = 96, 128


def test_what_another_frame_saw_comes_in_the_tones_of_this_one():
    """The other frame is a third darker: it is the contrast that a seam's correction alone would leave too low."""
    truth = texture(HEIGHT, WIDTH, seed=4).astype(np.float32) / 255
    hole, free = np.zeros((HEIGHT, WIDTH), bool), np.zeros((HEIGHT, WIDTH), bool)
    hole[24:72, 32:96] = True
    first = np.where(hole[..., None], np.float32([0.9, 0.1, 0.1]), truth)
    clip, things = [first, 0.67 * truth], [hole, free]
    motions = np.stack([np.eye(3)] * 2)
    filled = Ground(motions, clip.__getitem__, things.__getitem__).behind(0, hole)
    assert (filled[~hole] == truth[~hole]).all()
    assert np.abs(filled - truth)[hole].mean() < 0.02


def test_what_no_frame_saw_is_not_filled_with_things():
    """Red berries lie everywhere. Without that knowledge they are a texture, which is continued."""
    berries, hole = (np.zeros((HEIGHT, WIDTH), np.uint8) for _ in range(2))
    for row in range(8, HEIGHT, 16):
        for column in range(8, WIDTH, 16):
            cv2.circle(berries, (column, row), 4, 1, -1)
    hole[24:72, 32:96] = 1
    frame = texture(HEIGHT, WIDTH, seed=4).astype(np.float32) / 255 * 0.4 + 0.3
    frame[berries > 0] = 0.9, 0.1, 0.1
    things = cv2.dilate(berries, np.ones((3, 3), np.uint8)) > 0
    hole, motions = hole > 0, np.eye(3)[None]

    def red(ground: Ground) -> int:
        return int((ground.behind(0, hole)[hole][:, 0] > 0.8).sum())

    assert red(Ground(motions, [frame].__getitem__, [hole].__getitem__)) > 100
    assert red(Ground(motions, [frame].__getitem__, [hole].__getitem__, [things].__getitem__)) < 10


def test_what_is_no_ground_is_asked_for_once_in_each_frame():
    count, asked = 6, Counter()
    frame, hole = texture(HEIGHT, WIDTH, seed=4).astype(np.float32) / 255, np.zeros((HEIGHT, WIDTH), bool)
    hole[20:50, 5:42] = True

    def foreground_at(time: int) -> np.ndarray:
        asked[time] += 1
        return np.roll(hole, 12 * time, 1)

    ground = Ground(np.tile(np.eye(3), (count, 1, 1)), ([frame] * count).__getitem__, foreground_at)
    for time in range(count):
        found = ground.behind(time, np.roll(hole, 12 * time, 1))
        assert np.abs(found - frame).max() < 0.1
    assert set(asked.values()) == {1}
