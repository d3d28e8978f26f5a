"""Long work in the library shows on ComfyUI's progress bar."""

import comfy.utils
import pytest
import torch

from dragnuwa.host.running_node import progress_bar
from dragnuwa.overlay.tracks import over_frames


@pytest.fixture
def shown():
    """What ComfyUI would send to its pages: (done, total)."""
    sent = []
    comfy.utils.set_progress_bar_global_hook(lambda done, total, preview, node_id=None: sent.append((done, total)))
    yield sent
    comfy.utils.set_progress_bar_global_hook(None)


def test_the_bar_begins_and_ends_with_the_work(shown):
    over_frames(torch.zeros(7, 4, 4, 3), [], progress=progress_bar())
    assert shown[0] == (1, 7) and shown[-1] == (7, 7)
