"""The objects that are carried, at the picture's full size."""

from functools import partial

import pytest
import torch

from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.common.images import MODES, fit
from dragnuwa.common.masks import fit_mask, unfit_mask
from tests.support.drawings import parsed_tracks
from tests.support.likeness import overlap

HEIGHT, WIDTH = 72, 96
CLIP = ModelClip(WIDTH, HEIGHT, 3)
drags = partial(parsed_tracks, size=CLIP.size)


def house() -> tuple[torch.Tensor, torch.Tensor]:
    """A red box of 120x160 on a noisy green ground of 3x the clip's size and another aspect ratio, and its mask."""
    height, width = 3 * HEIGHT, 3 * WIDTH + 100
    noise = torch.rand(height, width, 3, generator=torch.Generator().manual_seed(1)) * 0.1
    image, mask = noise + torch.tensor([0.2, 0.6, 0.2]), torch.zeros(height, width)
    mask[40:160, 130:290] = 1
    image[mask == 1] = noise[mask == 1] + torch.tensor([0.7, 0.2, 0.2])
    return image, mask


TWO = (
    {"points": [{"x": 0.45, "y": 0.4}, {"x": 0.6, "y": 0.5}]},
    {"kind": "anchor", "points": [{"x": 0.9, "y": 0.9}]},
)


def test_objects_are_found_at_the_pictures_full_size():
    image, mask = house()
    carried = carry_clip(image[None], drags(*TWO), CLIP)
    assert carried.objects.shape == (2, *image.shape[:2])
    assert overlap(carried.objects[0], mask) > 0.95 and (carried.objects[1] == 0).all()


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
    assert overlap(objects[0], mask) > 0.95 and (objects[1] == 0).all()
    assert not large or torch.equal(objects[0], mask)


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_of_another_aspect_ratio_is_fitted_as_in_the_editor(mode):
    """The drag acts where it was drawn on the fitted picture, and the objects lie on the picture itself."""
    image, mask = (part.roll(90, 1) for part in house())  # to the right: cropping cuts some of the box off
    settings, target = CarrySettings(fit=mode), fit_mask(mask[None], WIDTH, HEIGHT, mode)
    box = mask * unfit_mask(torch.ones(1, HEIGHT, WIDTH), *image.shape[1::-1], mode)[0]
    rows, columns = torch.nonzero(target[0] > 0.5, as_tuple=True)
    x, y = (float(columns.min()) + 2) / WIDTH, float(rows.float().mean()) / HEIGHT  # just inside of its left edge
    drag = drags({"points": [{"x": x, "y": y}, {"x": x - 0.25, "y": y}]})
    found = carry_clip(image[None], drag, CLIP, settings=settings)
    assert torch.equal(found.video[0], fit(image[None], WIDTH, HEIGHT, mode)[0])
    assert overlap(found.objects[0], box) > 0.95
    assert overlap(found.carried[-1], target[0].roll(-WIDTH // 4, 1)) > 0.8  # with its rim
    for masks in (mask[None], target):
        given = carry_clip(image[None], drag, CLIP, masks, settings)
        assert overlap(given.objects[0] * (box + 1 - mask), box) > 0.95
        assert overlap(given.carried[-1], found.carried[-1]) > 0.9


def test_a_drag_that_begins_on_the_bars_of_a_padded_picture_has_no_object():
    image, mask = house()
    below = {"points": [{"x": 0.5, "y": 0.95}, {"x": 0.5, "y": 0.8}]}
    found = carry_clip(image[None], drags(TWO[0], below), CLIP, settings=CarrySettings(fit="pad")).objects
    assert overlap(found[0], mask) > 0.95 and not found[1].any()


def test_no_objects_where_surroundings_are_carried():
    image, _ = house()
    objects = carry_clip(image[None], drags(*TWO), CLIP, settings=CarrySettings(carries="surroundings")).objects
    assert objects.shape == (2, *image.shape[:2]) and not objects.any()
