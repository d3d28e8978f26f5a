"""What a drag carries, what the page is told and what Restore Detail moves are the same object, to the bit; and what a
click picks, but for a pixel at its edge."""

import json

import cv2
import numpy as np
import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.outlines import carried_regions
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.images import MODES, fit, to_floats
from dragnuwa.common.masks import MASKED
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture, DetailSettings
from dragnuwa.vision.segmentation.find import TrackSearch
from dragnuwa.vision.segmentation.outline import outline_in_clip
from dragnuwa.vision.segmentation.pick import first_pick, soft_mask
from dragnuwa.vision.segmentation.prepared import LONGEST, prepare
from tests.support.exhaustive import some

CLIP = ClipShape(160, 104, 3)
SIZES = ((600, 400), (640, 427), (700, 1060), (1000, 660), (1200, 1200))
LARGE = ((1500, 1000), (1300, 1900), (2600, 1500), (3000, 2000), (4000, 2600))
CASES = [(size, mode, seed) for seed, size in enumerate(SIZES) for mode in MODES]
CASES += [(size, "crop", 10 + seed) for seed, size in enumerate(LARGE)]
# Each way to lie in the clip, a picture that is higher than wide, and one that is scaled down for the search.
FEW = [(size, MODES[seed % len(MODES)], seed) for seed, size in enumerate(SIZES[:3])] + [CASES[-4]]


class Seen(Exception):
    pass


def picture(width: int, height: int, seed: int) -> torch.Tensor:
    """`[H, W, 3]`: an ellipse of another colour on a noisy ground."""
    rng = np.random.default_rng(seed)
    noise = 9 * rng.standard_normal((height, width, 1), np.float32) * np.array((1, 0.9, 1.1), np.float32)
    image = (rng.integers(90, 150, 3).astype(np.float32) + noise).clip(0, 255).astype(np.uint8)
    side = min(width, height)
    axes = (int(side * rng.uniform(0.12, 0.2)), int(side * rng.uniform(0.1, 0.18)))
    cv2.ellipse(image, (width // 2, height // 2), axes, float(rng.uniform(0, 90)), 0, 360, (200, 40, 60), -1)
    return to_floats(cv2.GaussianBlur(image, (0, 0), side / 600))


@pytest.mark.parametrize(("size", "mode", "seed"), some(FEW, CASES))
def test_drags_and_clicks_and_restore_detail_find_the_same_object(size, mode, seed, monkeypatch):
    image = picture(*size, seed)
    text = json.dumps([[[80, 52], [95, 60]]])
    drags = trajectory.parse(text, width=CLIP.width, height=CLIP.height)
    prepared = prepare(image, CLIP.size, mode)
    assert max(prepared.size) <= LONGEST

    (by_drag,) = carry_clip(image[None], drags, CLIP, settings=CarrySettings(fit=mode, fill="neutral")).objects
    place = complex(prepared.in_image(np.array([80 + 52j]))[0])
    find, moved = TrackSearch.find, []

    def seen(*given):
        moved.extend(find(*given))
        raise Seen  # the rest of its work takes a second, and does not matter here

    monkeypatch.setattr(TrackSearch, "find", seen)
    frames = fit(image[None], CLIP.width, CLIP.height, mode).expand(CLIP.frames, -1, -1, -1)
    with pytest.raises(Seen):
        restore_clip(
            ClipAndPicture(frames, image[None]), text, settings=DetailSettings(width=320, height=208, fit=mode)
        )
    assert torch.equal(by_drag, prepared.at_picture(moved[0].mask)) and len(moved) == 1

    monkeypatch.undo()
    (told,) = carried_regions(prepared, drags, CLIP)
    assert told.outline == outline_in_clip(moved[0].mask, prepared.place, CLIP.size)

    # A click knows that there is an object, and chooses among more candidates.
    by_click = soft_mask(prepared.search, first_pick(prepared.search, place)) >= MASKED
    by_drag = moved[0].mask >= MASKED
    assert (by_click & by_drag).sum() > 0.99 * (by_click | by_drag).sum()
