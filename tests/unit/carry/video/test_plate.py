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


def test_what_the_camera_will_see_beyond_the_border_is_filled_with_the_rest():
    """A thing at the lower border hides the ground in all frames, while the camera goes down."""
    count, step = 6, 1.1
    truth = texture(HEIGHT + 8, WIDTH, seed=4).astype(np.float32) / 255
    hole = np.zeros((HEIGHT, WIDTH), bool)
    hole[40:, 40:90] = True
    clip, motions = [], np.tile(np.eye(3), (count, 1, 1))
    for time in range(count):
        motions[time, 1, 2] = -step * time
        clip.append(cv2.warpPerspective(truth, motions[time], (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR))
    ground = Ground(motions, clip.__getitem__, lambda time: hole)
    filled = [ground.behind(time, hole) for time in range(count)]
    assert list(ground.filled) == [0]
    there = cv2.warpPerspective(filled[0], motions[4], (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    assert np.abs(there - filled[4])[40:-8, 44:86].mean() < 0.02  # the same filling, moved along


def test_things_are_not_looked_for_where_only_the_rim_of_a_filling_is_missing():
    """A hole that has grown by a pixel on each side; finding things takes seconds."""
    count, asked = 21, []
    frame, holes = texture(HEIGHT, WIDTH, seed=4).astype(np.float32) / 255, np.zeros((2, HEIGHT, WIDTH), bool)
    holes[0, 30:60, 40:90] = True
    holes[1, 26:64, 36:94] = True  # what is filled has a rim of three pixels already

    def things_at(time: int) -> np.ndarray:
        asked.append(time)
        return np.zeros((HEIGHT, WIDTH), bool)

    ground = Ground(np.tile(np.eye(3), (count, 1, 1)), ([frame] * count).__getitem__, lambda time: holes[1], things_at)
    ground.behind(0, holes[0])
    filled = ground.behind(count - 1, holes[1])
    assert list(ground.filled) == [0, count - 1]
    assert asked == [0]
    assert np.abs(filled - frame)[holes[1] & ~holes[0]].mean() < 0.15
