"""The ground behind objects, out of other frames."""

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
