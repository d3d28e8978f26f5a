"""The editor's page reads the frames of a video that a run gets from ComfyUI's Load Video."""

import numpy as np
import pytest

from dragnuwa.common.video_files import first_frame, frames_at, read_index, small_frames
from dragnuwa.host.node_api import InputImpl
from tests.support.video_kinds import FRAMES, HEIGHT, KINDS, WIDTH, seen_frames, write_kind

ROUNDING = 1 / 255  # between conversions of colours
LOSS = 4 / 255  # of encoding


def run_frames(path) -> np.ndarray:
    """`[T, H, W, 3]`, as a run gets them."""
    return InputImpl.VideoFromFile(str(path)).get_components().images.numpy()


@pytest.mark.parametrize("name", KINDS)
def test_frames_and_their_number_are_those_of_a_run(name, tmp_path):
    path = write_kind(tmp_path, name)
    run, index = run_frames(path), read_index(path)
    assert index.count == len(run) and index.size == run.shape[2:0:-1] == (WIDTH, HEIGHT)
    found = np.stack(list(frames_at(path, index, range(len(run))))) / 255
    assert np.abs(found - run).mean((1, 2, 3)).max() < ROUNDING
    for number in (len(run) - 1, 7, 0):
        (alone,) = frames_at(path, index, [number])
        assert (alone == np.round(found[number] * 255)).all()
    first, size = first_frame(path)
    small, whole = small_frames(path, 640, 400)
    assert (first == small[0]).all() and size == whole == index.size and len(small) == len(run)
    if not name.startswith("cut_off"):
        assert len(run) == FRAMES
        assert np.abs(found - seen_frames() / 255).mean() < LOSS
