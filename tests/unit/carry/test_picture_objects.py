"""The objects that are carried, at the picture's full size."""

import pytest
import torch

from dragnuwa import trajectory
from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.clip_shape import ModelClip
from dragnuwa.images import fit_mask

HEIGHT, WIDTH = 72, 96
CLIP = ModelClip(WIDTH, HEIGHT, 3)


def drags(*tracks: dict) -> trajectory.Trajectories:
    value = {"type": "dragnuwa.trajectories", "version": 1, "tracks": list(tracks)}
    return trajectory.parse(value, width=WIDTH, height=HEIGHT)


def house() -> tuple[torch.Tensor, torch.Tensor]:
    """A red box of 120x160 on a noisy green ground of 3x the clip's size and another aspect ratio, and its mask."""
    height, width = 3 * HEIGHT, 3 * WIDTH + 100
    noise = torch.rand(height, width, 3, generator=torch.Generator().manual_seed(1)) * 0.1
    image, mask = noise + torch.tensor([0.2, 0.6, 0.2]), torch.zeros(height, width)
    mask[40:160, 130:290] = 1
    image[mask == 1] = noise[mask == 1] + torch.tensor([0.7, 0.2, 0.2])
    return image, mask


def likeness(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(((one > 0.5) & (other > 0.5)).sum() / ((one > 0.5) | (other > 0.5)).sum())


TWO = (
    {"points": [{"x": 0.45, "y": 0.4}, {"x": 0.6, "y": 0.5}]},
    {"kind": "anchor", "points": [{"x": 0.9, "y": 0.9}]},
)


def test_objects_are_found_at_the_pictures_full_size():
    image, mask = house()
    carried = carry_clip(image[None], drags(*TWO), CLIP)
    assert carried.objects.shape == (2, *image.shape[:2])
    assert likeness(carried.objects[0], mask) > 0.95 and (carried.objects[1] == 0).all()


def test_objects_as_masks_give_the_same_video():
    image, _ = house()
    found = carry_clip(image[None], drags(*TWO), CLIP)
    again = carry_clip(image[None], drags(*TWO), CLIP, found.objects)
    assert torch.equal(found.video, again.video) and torch.equal(found.objects, again.objects)


@pytest.mark.parametrize("large", [False, True])
def test_given_masks_are_the_objects(large):
    image, mask = house()
    masks = mask[None] if large else fit_mask(mask[None], WIDTH, HEIGHT)
    objects = carry_clip(image[None], drags(*TWO), CLIP, masks).objects
    assert likeness(objects[0], mask) > 0.95 and (objects[1] == 0).all()
    assert not large or torch.equal(objects[0], mask)


def test_no_objects_where_surroundings_are_carried():
    image, _ = house()
    objects = carry_clip(image[None], drags(*TWO), CLIP, settings=CarrySettings(carries="surroundings")).objects
    assert objects.shape == (2, *image.shape[:2]) and not objects.any()
