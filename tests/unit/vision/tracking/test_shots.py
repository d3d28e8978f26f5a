"""The shots of a clip: cuts are found exactly, and nothing else is one."""

import numpy as np
import pytest

from dragnuwa.vision.tracking.shots import find_shots, shot_of
from tests.support.pictures import texture

WIDTH, HEIGHT, FRAMES = 288, 192, 8


def panned(seed: int, step: int = 9) -> np.ndarray:
    """`[T, H, W, 3]` uint8: a scene under a camera that goes to the right."""
    wide = texture(HEIGHT, WIDTH + step * FRAMES, seed=seed, grain=4.0)
    return np.stack([wide[:, step * time : step * time + WIDTH] for time in range(FRAMES)])


def shots(frames: np.ndarray) -> tuple[range, ...]:
    return find_shots(len(frames), frames.__getitem__)


def test_a_cut_is_between_two_scenes():
    frames = np.concatenate([panned(1), panned(2), panned(3)[:1]])
    assert shots(frames) == (range(0, 8), range(8, 16), range(16, 17))
    assert shot_of(shots(frames), 15) == range(8, 16)


def passing() -> np.ndarray:
    """A grey thing of a third of the frame's width that passes before the scene."""
    frames = panned(1).copy()
    for time in range(FRAMES):
        frames[time, :, 30 * time : 30 * time + WIDTH // 3] = 90
    return frames


def dissolved() -> np.ndarray:
    """A scene that becomes another one, over all frames."""
    part = np.linspace(0, 1, FRAMES)[:, None, None, None]
    return (1 - part) * panned(1, 0) + part * panned(2, 0)


@pytest.mark.parametrize(
    "frames",
    [
        panned(1, 24),
        np.concatenate([panned(1), panned(1)[-1:] // 2]),  # a light goes out
        passing(),
        dissolved(),
        np.zeros((3, 2, 1, 3)),
        panned(4)[:1],
    ],
    ids=["fast camera", "light", "passing", "dissolve", "tiny", "one frame"],
)
def test_nothing_else_is_one(frames):
    assert shots(frames.astype(np.uint8)) == (range(len(frames)),)
