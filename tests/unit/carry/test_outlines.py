"""What a carry takes, told without carrying it, is what it takes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.outlines import carried_regions
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.common.images import MODES, to_floats
from dragnuwa.common.masks import fit_mask
from dragnuwa.trajectory import Trajectories
from dragnuwa.trajectory.objects import MotionObject
from dragnuwa.trajectory.objects.masks import outline_mask
from dragnuwa.trajectory.objects.types import middle
from dragnuwa.vision.segmentation.prepared import prepare

CLIP = ModelClip(192, 128, 9)


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """A red box and a blue disc on noisy grey, wider than the clip."""
    image = np.random.default_rng(0).integers(112, 126, (256, 460, 3), dtype=np.uint8)
    image[90:170, 130:230] = (210, 40, 30)
    y, x = np.mgrid[:256, :460]
    image[(x - 330) ** 2 + (y - 128) ** 2 < 40**2] = (40, 60, 220)
    return image


def drags(*tracks: tuple) -> Trajectories:
    """Each from one place of the clip to another, in pixels."""
    return trajectory.parse([[list(place) for place in track] for track in tracks], width=192, height=128)


ON_BOX, BELOW, ON_DISC = ((60, 55), (80, 50)), ((85, 75), (107, 74)), ((140, 64), (140, 30))


@pytest.mark.parametrize("mode", MODES)
def test_it_is_the_region_that_carry_takes(picture, mode):
    """All drags together: two on the box have it in common, the anchor has none."""
    chosen = drags(ON_BOX, ON_DISC, BELOW, ((20, 20),), ((180, 120), (150, 120)))
    found = carried_regions(prepare(to_floats(picture), CLIP.size, mode), chosen, CLIP)
    carried = carry_clip(to_floats(picture)[None], chosen, CLIP, settings=CarrySettings(fit=mode))
    taken = fit_mask(carried.objects, 192, 128, mode).numpy() >= 0.5
    assert {("t1", "t3"), ("t2",)} <= {each.tracks for each in found}
    found = [each for each in found if not each.surroundings]
    told = sorted(name for each in found for name in each.tracks)
    assert told == [f"t{k + 1}" for k, mask in enumerate(taken) if mask.any()]
    for each in found:
        told = outline_mask(each.outline, 192, 128) >= 0.5
        for name in each.tracks:
            mask = taken[int(name[1:]) - 1]
            assert (told & mask).sum() / (told | mask).sum() > 0.97


def test_a_drag_on_the_ground_takes_its_surroundings():
    """As Carry does; an anchor, which moves nothing, has none."""
    image = np.full((128, 192, 3), 120, np.uint8)
    image[40:80, 30:80] = (210, 40, 30)
    chosen = drags(((140, 80), (110, 80)), ((20, 20),))
    (found,) = carried_regions(prepare(to_floats(image), CLIP.size), chosen, CLIP)
    assert found.surroundings and found.tracks == ("t1",)
    taken = carry_clip(to_floats(image)[None], chosen, CLIP).carried[0].numpy() >= 0.5
    told = outline_mask(found.outline, 192, 128) >= 0.5
    assert (told & taken).sum() / told.sum() > 0.95


def test_as_an_object_it_moves_as_the_drags_would_move_it(picture):
    chosen = drags(ON_BOX, BELOW)
    (found,) = carried_regions(prepare(to_floats(picture), CLIP.size), chosen, CLIP)
    thing = MotionObject(found.outline, middle(found.outline), found.motion)
    as_object = replace(chosen, tracks=(), objects=(thing,))
    image = to_floats(picture)[None]
    one, other = (carry_clip(image, each, CLIP).carried[1:] >= 0.5 for each in (chosen, as_object))
    likeness = (one & other).sum((1, 2)) / (one | other).sum((1, 2))
    assert torch.all(likeness > 0.95)
