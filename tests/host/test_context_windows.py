"""The frames at hand in a window of the host's own kind."""

import pytest
import torch
from comfy.context_windows import IndexListContextWindow

from dragnuwa.host.context_windows import take, window_frames


def in_window(*numbers: int) -> dict:
    return {"context_window": IndexListContextWindow(list(numbers), total_frames=24)}


@pytest.mark.parametrize("numbers", [(10, 11, 12), (0, 2, 4), (22, 23, 0)])
def test_a_window_has_its_frames(numbers):
    assert take(torch.arange(24), window_frames(in_window(*numbers), 24)).tolist() == list(numbers)


def test_a_window_beyond_the_clip_is_told():
    """A part of it would be used for all, or fail at the first sum of tensors."""
    with pytest.raises(ValueError, match="samples frame 24 of a clip, and the drags have 14 frames"):
        window_frames(in_window(*range(10, 24)), 14)
