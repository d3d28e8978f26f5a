"""What clicks pick in the part of a picture that a clip shows."""

import torch

from dragnuwa.vision.segmentation.clip_picks import Clicks, ClipPicture
from dragnuwa.vision.segmentation.prepared import prepare


def test_what_reaches_three_sides_is_called_ground():
    """A meadow below a sky, and a box on it."""
    picture = torch.rand(160, 240, 3, generator=torch.Generator().manual_seed(0)) * 0.04
    picture[:100] += torch.tensor([0.2, 0.4, 0.8])
    picture[100:] += torch.tensor([0.2, 0.6, 0.1])
    picture[60:130, 90:140] = torch.tensor([0.8, 0.1, 0.1])
    seen = ClipPicture(prepare(picture, (240, 160)))
    box, larger = (seen.pick(Clicks(((0.48, 0.6),)), step) for step in (0, 1))
    assert not box.ground and larger.ground
