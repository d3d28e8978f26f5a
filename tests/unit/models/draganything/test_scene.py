"""Drags and masks become entities: which mask is whose, what has none, and what is refused."""

from functools import partial

import numpy as np
import pytest
import torch

from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.common.errors import InputError
from dragnuwa.common.masks import fit_mask
from dragnuwa.models.draganything.scene import DISC, find_entities
from tests.support.drawings import parsed_objects, parsed_tracks
from tests.support.pictures import box_mask

WIDTH, HEIGHT = 128, 64
CLIP = ModelClip(WIDTH, HEIGHT, 4)
drags = partial(parsed_tracks, size=CLIP.size)
with_objects = partial(parsed_objects, size=CLIP.size)
box = partial(box_mask, size=CLIP.size)


def path(x: float, y: float, to: tuple[float, float] = (0.2, 0.0), **more) -> dict:
    """A drag that begins at a place in pixels and goes so far, in parts of the picture."""
    points = [{"x": x / WIDTH, "y": y / HEIGHT}, {"x": x / WIDTH + to[0], "y": y / HEIGHT + to[1]}]
    return {"points": points, **more}


def anchor(x: float, y: float, **more) -> dict:
    return {"kind": "anchor", "points": [{"x": x / WIDTH, "y": y / HEIGHT}], **more}


LEFT, RIGHT = box(10, 10, 50, 50), box(70, 10, 120, 50)


def test_a_mask_belongs_to_the_track_that_begins_in_it():
    """In any order; the picture's own size or the clip's."""
    for masks in (torch.stack([RIGHT, LEFT]), torch.stack([LEFT, RIGHT])):
        found = find_entities(drags(path(30, 30), path(90, 30, (-0.1, 0.1))), CLIP, masks).entities
        assert found.centres[:, 0].tolist() == [[30, 30], [90, 30]] and found.radius.tolist() == [20, 20]
        assert np.array_equal(found.latent_masks[0], fit_mask(LEFT[None], 16, 8)[0] >= 0.5)
        assert found.centres[0, -1].tolist() == [55, 30] and found.shown.all()


THING = {
    "name": "bird",
    "outline": [[{"x": 0.1, "y": 0.2}, {"x": 0.4, "y": 0.2}, {"x": 0.4, "y": 0.8}, {"x": 0.1, "y": 0.8}]],
    "motion": {"keys": [{"t": 1, "x": 0.25}]},
}


def test_an_object_is_one_entity_with_its_outline_as_mask():
    found = find_entities(with_objects(THING), CLIP)
    (way,) = found.entities.centres
    assert (way[-1] - way[0]).tolist() == [32, 0] and found.entities.radius.tolist() == [19]
    left, right = np.flatnonzero(found.entities.latent_masks[0].any(0))[[0, -1]]
    assert (left, right) == (2, 5)
    assert "1 objects and 0 discs" in found.report


def test_objects_need_no_masks_and_leave_those_of_drags_alone():
    both = with_objects(THING, {**THING, "enabled": False}, tracks=(path(90, 30, (-0.1, 0.1)),))
    found = find_entities(both, CLIP, RIGHT[None])
    assert len(found.entities.radius) == 2 and "2 objects and 0 discs" in found.report
    alone = find_entities(with_objects(THING), CLIP, RIGHT[None])
    assert len(alone.entities.radius) == 1 and "The masks are not used" in alone.report


def test_a_mask_keeps_its_own_resolution_until_it_is_measured():
    large = find_entities(drags(path(30, 30)), CLIP, box_mask(30, 30, 150, 150, (3 * WIDTH, 3 * HEIGHT))[None]).entities
    small = find_entities(drags(path(30, 30)), CLIP, LEFT[None]).entities
    assert large.radius == small.radius and np.array_equal(large.latent_masks, small.latent_masks)


def test_of_nested_masks_the_smaller_one_is_taken():
    nested = torch.stack([box(5, 5, 120, 60), LEFT])
    found = find_entities(drags(path(30, 30), path(90, 30)), CLIP, nested).entities
    assert found.radius.tolist() == [20, 28]
    in_order = find_entities(drags(path(30, 30), path(40, 30)), CLIP, nested).entities
    assert in_order.radius.tolist() == [28, 20]  # each begins in the mask of its own number


def test_anchors_are_small_discs_behind_what_moves():
    found = find_entities(drags(path(30, 30), anchor(100, 20)), CLIP, LEFT[None])
    entities = found.entities
    assert entities.radius.tolist() == [DISC, 20]
    assert (entities.centres[0] == [100, 20]).all()  # without the drift that anchors have in drag maps
    assert entities.latent_masks[0].any() and not entities.latent_masks[0, :, :8].any()
    assert found.report == "2 entities: 1 objects and 1 discs; 1 of them rest."


def test_an_anchor_in_a_mask_of_its_own_holds_the_whole_object():
    found = find_entities(drags(path(30, 30), anchor(90, 30)), CLIP, torch.stack([LEFT, RIGHT])).entities
    assert found.radius.tolist() == [20, 20] and (found.centres[0] == [90, 30]).all()
    inside = find_entities(drags(path(30, 30), anchor(40, 40)), CLIP, LEFT[None]).entities
    assert inside.radius.tolist() == [DISC, 20]  # that mask moves with the drag


def test_an_entity_may_leave_the_picture():
    found = find_entities(drags(path(30, 30, (-0.5, 0.0))), CLIP, LEFT[None]).entities
    assert found.centres[0, -1].tolist() == [-34, 30]


def test_a_hidden_track_is_not_shown():
    found = find_entities(drags(path(30, 30, visible=[[0, 0.5]])), CLIP, LEFT[None]).entities
    assert found.shown.tolist() == [[True, True, False, False]]


def test_masks_that_fit_no_track_are_named():
    both = torch.stack([LEFT, RIGHT])
    found = find_entities(drags(path(30, 30)), CLIP, both)
    assert "No track begins in mask 2: it is not used." in found.report
    with pytest.raises(InputError, match=r'Track "wing" begins in none of the 2 masks\. A mask belongs to the track'):
        find_entities(drags(path(30, 30), path(60, 60, name="wing")), CLIP, both)
    with pytest.raises(InputError, match=r'Track "t2", track "t3" each begin in none of the 1 masks'):
        find_entities(drags(path(30, 30), path(90, 30), path(60, 60)), CLIP, LEFT[None])


def test_bad_masks_are_refused():
    empty = torch.zeros(HEIGHT, WIDTH)
    with pytest.raises(InputError, match=r'Mask 1, that of track "t1", is empty\. Paint the object'):
        find_entities(drags(path(30, 30)), CLIP, empty[None])
    with pytest.raises(InputError, match=r"Mask 2 is empty"):
        find_entities(drags(path(30, 30)), CLIP, torch.stack([LEFT, empty]))
    thin = empty.clone()
    thin[:, 8] = 1
    with pytest.raises(InputError, match="Mask 1 vanishes on the latent grid of 16x8"):
        find_entities(drags(path(8, 30)), CLIP, thin[None])
    picture = torch.rand(1, 90, 100, 3)
    with pytest.raises(InputError, match="masks are 128x90 pixels, the picture is 100x90 and the clip 128x64"):
        find_entities(drags(path(30, 30)), CLIP, torch.ones(1, 90, 128), picture)


def test_an_empty_mask_of_an_anchor_says_that_it_has_none():
    """As the objects of DragNUWA Carry have it."""
    found = find_entities(drags(path(30, 30), anchor(90, 30)), CLIP, torch.stack([LEFT, torch.zeros(HEIGHT, WIDTH)]))
    assert found.entities.radius.tolist() == [DISC, 20] and found.report.count("\n") == 0


def test_nothing_to_move_is_refused():
    with pytest.raises(InputError, match=r"There is no drag\. Draw one"):
        find_entities(drags(), CLIP, LEFT[None])
    with pytest.raises(InputError, match=r"Connect masks, or the picture to image"):
        find_entities(drags(path(30, 30)), CLIP)


def test_a_picture_that_is_none_is_refused_beside_masks():
    """Masks are compared with its size."""
    with pytest.raises(InputError, match=r"image should be \[B, H, W, 3\] and not empty; found \[1\]"):
        find_entities(drags(path(30, 30)), CLIP, LEFT[None], torch.zeros(1))


def test_a_foreign_name_can_be_printed():
    with pytest.raises(InputError) as error:
        find_entities(drags(path(60, 60, name="\ud800")), CLIP, LEFT[None])
    str(error.value).encode("utf-8")


def house() -> torch.Tensor:
    """A red box on noisy green ground, 256x128 pixels."""
    noise = torch.rand(128, 256, 3, generator=torch.Generator().manual_seed(1)) * 0.1
    image = noise + torch.tensor([0.2, 0.6, 0.2])
    image[20:100, 40:120] = noise[20:100, 40:120] + torch.tensor([0.7, 0.2, 0.2])
    return image[None]


def test_without_masks_the_objects_are_looked_for():
    found = find_entities(drags(path(40, 30), anchor(110, 50)), CLIP, None, house())
    assert found.report == "2 entities: 1 objects and 1 discs; 1 of them rest."
    box_latent = torch.zeros(8, 16, dtype=torch.bool)
    box_latent[1:6, 2:7] = True
    likeness = (box_latent.numpy() & found.entities.latent_masks[1]).sum() / found.entities.latent_masks[1].sum()
    assert likeness > 0.7 and 16 <= found.entities.radius[1] <= 22


def test_where_all_masks_are_empty_the_objects_are_looked_for():
    """As Load Image gives one for a picture that has none, of 64x64 pixels."""
    found = find_entities(drags(path(40, 30)), CLIP, torch.zeros(1, 64, 64), house())
    assert found.report.splitlines() == [
        "1 entities: 1 objects and 0 discs; 0 of them rest.",
        "The masks are empty: the objects were looked for in the picture.",
    ]


def test_a_drag_on_nothing_moves_a_disc_and_says_so():
    flat = torch.full((1, HEIGHT, WIDTH, 3), 0.5)
    found = find_entities(drags(path(40, 30, name="sky")), CLIP, None, flat)
    assert found.entities.radius.tolist() == [DISC]
    assert 'Track "sky" begins on nothing that stands out: a disc of 10 px moves there.' in found.report


def test_the_cameras_motion_needs_no_masks():
    """A grid of tracks that all go to the right: discs, also beside a drag with a mask."""
    grid = [path(x, y, (0.1, 0.0)) for x in (10, 40, 70, 100) for y in (8, 24, 40, 56)]
    alone = find_entities(drags(*grid), CLIP).entities
    assert set(alone.radius.tolist()) == {DISC} and len(alone.radius) == 16
    with_object = find_entities(drags(*grid, path(90, 30, (-0.1, 0.2))), CLIP, RIGHT[None]).entities
    assert with_object.radius.tolist()[-1] == 20


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_masks_of_the_picture_are_fitted_as_it(fit):
    """A picture of 128x128 for a clip of 128x64."""
    mask = torch.zeros(128, 128)
    mask[40:90, 20:100] = 1
    found = find_entities(drags(path(64, 32)), CLIP, mask[None], torch.rand(1, 128, 128, 3), fit).entities
    expected = (fit_mask(mask[None], WIDTH, HEIGHT, fit)[0] >= 0.5).numpy()
    share = found.latent_masks[0].mean()
    assert abs(share - expected.mean()) < 0.12
