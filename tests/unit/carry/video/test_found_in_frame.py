"""What a drag on a clip is on: what rests beside a thing that moves is none of it."""

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.carry.video.found_in_frame import object_in_frame, prepared_frame
from dragnuwa.carry.video.occluders import MovingClip, MovingFrame
from dragnuwa.common.masks import MASKED
from dragnuwa.vision.segmentation.pick import first_pick, soft_mask

SIZE = WIDTH, HEIGHT = 360, 240
FRAMES, PLACE = 9, 225 + 120j


def textured(color: tuple[float, ...], contrast: float, seed: int) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH, 3)), (0, 0), 2)
    return np.clip(np.array(color) + contrast * noise / noise.std(), 0, 255)


def ellipse(x: int, y: int, across: int, down: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    return cv2.ellipse(mask, (x, y), (across, down), 0, 0, 360, 1, -1) > 0


STONE, BALL = ellipse(115, 150, 58, 45), ellipse(225, 120, 62, 70)


def clip(step: int) -> np.ndarray:
    """A grey ball that moves by so many pixels a frame away from a grey stone on grass, which it touches at first."""
    frames = []
    for time in range(FRAMES):
        frame = textured((70, 140, 50), 18, 1)
        frame[STONE] = textured((100, 100, 106), 8, 2)[STONE]
        shown = np.roll(BALL, step * time, 1)
        frame[shown] = np.roll(textured((140, 138, 142), 10, 3), step * time, 1)[shown]
        frames.append(frame.astype(np.uint8))
    return np.stack(frames)


@pytest.mark.parametrize(("step", "kept"), [(7, False), (0, True)])
def test_what_rests_beside_a_thing_that_moves_is_none_of_it(step, kept):
    frames = clip(step)
    prepared = prepared_frame(torch.from_numpy(frames[0]).float() / 255, SIZE)
    found = prepared.at_clip(soft_mask(prepared.search, first_pick(prepared.search, PLACE)))
    stone = STONE & ~BALL
    assert (found >= MASKED)[stone].mean() > 0.9  # as the picture alone has it
    motion = MovingFrame(MovingClip(FRAMES, frames.__getitem__), 0)
    own = object_in_frame(prepared, PLACE, found, motion) >= MASKED
    assert own[BALL].mean() > 0.9
    assert own[stone].mean() > 0.9 if kept else own[stone].mean() < 0.1
