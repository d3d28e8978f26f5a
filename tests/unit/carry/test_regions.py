"""Objects of the trajectory format, carried: moved, turned and scaled as their motion says, in their order."""

from functools import partial

import numpy as np
import pytest
import torch

from dragnuwa.carry.composite import carry_clip
from dragnuwa.carry.regions import regions_of_objects
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.detail.clip import restore_clip
from dragnuwa.detail.restore import ClipAndPicture, DetailSettings
from tests.support.drawings import parsed_objects, rectangle_ring

SIZE = (192, 128)
CLIP = ClipShape(*SIZE, 6)
box = partial(rectangle_ring, size=SIZE)
drawn = partial(parsed_objects, size=SIZE)
RED, GREEN = (0.9, 0.1, 0.1), (0.1, 0.8, 0.2)


def thing(ring, *keys, **fields):
    return {"outline": [ring], "motion": {"keys": list(keys) or [{"t": 0}]}, **fields}


def picture():
    """A red box of 40 x 20 and a green one of 20 x 60 pixels on a smooth ground."""
    x = torch.linspace(0.3, 0.6, SIZE[0]).expand(SIZE[1], -1)
    image = torch.stack([x, x, x], -1).clone()
    image[54:74, 20:60] = torch.tensor(RED)
    image[30:90, 120:140] = torch.tensor(GREEN)
    return image[None]


RED_BOX, GREEN_BOX = box(20, 54, 60, 74), box(120, 30, 140, 90)


def where(frame, color):
    return (frame - torch.tensor(color)).abs().amax(-1) < 0.15


def test_an_object_is_moved_turned_and_scaled_about_its_pivot():
    carried = carry_clip(picture(), drawn(thing(RED_BOX, {"t": 1, "x": 0.25, "rotation": 90, "scale": 1.5})), CLIP)
    assert torch.equal(carried.video[0], picture()[0])
    rows, columns = torch.nonzero(where(carried.video[-1], RED), as_tuple=True)
    # From 40 x 20 about (40, 64) to 30 x 60 about (88, 64), with an edge that is blended.
    assert [int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())] == pytest.approx(
        [34, 93, 73, 102], abs=1
    )
    assert not where(carried.video[-1][:, :70], RED).any()  # the ground that it left is filled
    halfway = where(carried.video[3], RED).float()
    assert float(halfway.sum()) == pytest.approx(40 * 20 * 1.3**2, rel=0.06)
    assert carried.objects.shape == (1, 128, 192) and float(carried.objects.sum()) == pytest.approx(800)


def test_later_objects_lie_in_front_whether_they_move_or_rest():
    way = thing(RED_BOX, {"t": 1, "x": 90 / SIZE[0]})  # behind the green one, which rests
    rest = thing(GREEN_BOX)
    behind = carry_clip(picture(), drawn(way, rest), CLIP).video[-1]
    before = carry_clip(picture(), drawn(rest, way), CLIP).video[-1]
    assert where(behind[60:68, 122:138], GREEN).all() and where(before[60:68, 122:138], RED).all()


def test_an_object_is_seen_in_its_visible_intervals_only():
    hidden = thing(RED_BOX, {"t": 1, "x": 0.2}, visible=[[0, 0.3], [0.7, 1]])
    counts = [int(where(frame, RED).sum()) for frame in carry_clip(picture(), drawn(hidden), CLIP).video]
    assert [count > 600 for count in counts] == [True, True, False, False, True, True]
    late = thing(RED_BOX, {"t": 1, "x": 0.2}, visible=[[0.5, 1]])  # not in frame 0, which is the picture all the same
    counts = [int(where(frame, RED).sum()) for frame in carry_clip(picture(), drawn(late), CLIP).video]
    assert [count > 600 for count in counts] == [True, False, False, True, True, True]


def test_an_object_that_rests_is_not_continued_into_the_ground_beside_it():
    way = thing(box(100, 40, 121, 80), {"t": 1, "x": -0.4})  # beside the green one, which rests
    ground = carry_clip(picture(), drawn(way, thing(GREEN_BOX)), CLIP).video[-1][45:75, 103:117]
    assert float((ground.amax(-1) - ground.amin(-1)).max()) < 0.02  # grey


def test_drags_beside_objects_are_carried_as_without_them():
    track = {"points": [{"x": 130 / 192, "y": 0.5}, {"x": 150 / 192, "y": 0.6}]}
    alone = carry_clip(picture(), drawn(tracks=[track]), CLIP)
    both = carry_clip(picture(), drawn(thing(RED_BOX), tracks=[track]), CLIP)
    torch.testing.assert_close(both.video, alone.video, atol=0.015, rtol=0)  # what is filled in is not copied from it
    assert [len(each.objects) for each in (alone, both)] == [1, 2]


def test_the_objects_given_back_as_masks_give_the_same_video_and_a_mask_replaces_an_outline():
    track = {"points": [{"x": 130 / 192, "y": 0.5}, {"x": 150 / 192, "y": 0.6}]}
    drags = drawn(thing(RED_BOX, {"t": 1, "x": 0.2}), tracks=[track])
    once = carry_clip(picture(), drags, CLIP)
    again = carry_clip(picture(), drags, CLIP, once.objects)
    torch.testing.assert_close(again.video, once.video, atol=2e-3, rtol=0)
    masks = once.objects.clone()
    masks[1] = 0
    masks[1, 54:74, 20:40] = 1  # its left half alone
    half = carry_clip(picture(), drags, CLIP, masks)
    assert int(where(half.video[-1][:, :100], RED).sum()) >= 700  # the right half stays
    assert where(half.video[-1][56:72, 44:56], RED).all()
    with pytest.raises(ValueError, match="one mask for each of 1 objects; found 2"):
        carry_clip(picture(), drawn(thing(RED_BOX)), CLIP, torch.ones(2, 128, 192))


def test_a_picture_that_is_cropped_or_padded_keeps_its_outlines():
    for mode, clip in (
        ("crop", ClipShape(128, 128, 4)),
        ("pad", ClipShape(192, 192, 4)),
        ("stretch", ClipShape(64, 128, 4)),
    ):
        left, top, across, down = {"crop": (32, 0, 128, 128), "pad": (0, -32, 192, 192), "stretch": (0, 0, 192, 128)}[
            mode
        ]
        ring = [
            {"x": (x - left) / across, "y": (y - top) / down} for x, y in ((120, 30), (140, 30), (140, 90), (120, 90))
        ]
        from dragnuwa.carry.settings import CarrySettings

        carried = carry_clip(
            picture(), parsed_objects(thing(ring), size=(8, 8)), clip, settings=CarrySettings(fit=mode)
        )
        found = carried.objects[0] > 0.5
        assert found[30:90, 120:140].all() and int(found.sum()) == 1200, mode


def test_an_outline_drawn_around_a_thing_takes_no_ground_along_unless_it_is_exact():
    """Drawn 3 px wider than the red box, over ground of another colour than where it goes."""
    image = picture()
    image[:, :, 100:] = torch.where(where(image[:, :, 100:], GREEN)[..., None], image[:, :, 100:], 1.0)
    ring = box(17, 51, 63, 77)
    masks = []
    for fields in ({}, {"edge": "exact"}):
        carried = carry_clip(image, drawn(thing(ring, {"t": 1, "x": 90 / SIZE[0], "y": -0.3}, **fields)), CLIP)
        masks.append(int((carried.objects[0] >= 0.5).sum()))
    assert masks == [pytest.approx(800, rel=0.03), 46 * 26]


def test_nothing_to_carry_is_said_and_an_object_beside_the_picture_is_nothing():
    with pytest.raises(ValueError, match="nothing to move"):
        carry_clip(picture(), drawn(thing(RED_BOX, enabled=False)), CLIP)
    carried = carry_clip(picture(), drawn(thing(box(-90, -90, -50, -50), {"t": 1, "x": 0.1})), CLIP)
    torch.testing.assert_close(carried.video, picture().expand(6, -1, -1, -1))


def test_detail_is_restored_along_an_objects_turn():
    """Of a clip that lost its detail: the object's fine pattern comes back where it has turned to."""
    generator = torch.Generator().manual_seed(0)
    sharp = picture()
    sharp[0, 54:74, 20:60] += 0.35 * (torch.rand(20, 40, 1, generator=generator) - 0.5)
    drags = drawn(thing(RED_BOX, {"t": 1, "x": 0.25, "rotation": 60}))
    clip = carry_clip(sharp, drags, CLIP).video
    blurred = torch.nn.functional.avg_pool2d(clip.movedim(-1, 1), 5, 1, 2).movedim(1, -1)
    with_object = restore_clip(ClipAndPicture(blurred, sharp), drags.to_json()).images
    inside = where(clip[-1], RED) | where(blurred[-1], RED)
    errors = [float((images[-1] - clip[-1])[inside].square().mean()) for images in (blurred, with_object)]
    assert errors[1] < 0.4 * errors[0]
    assert np.isfinite(with_object.numpy()).all()


TURNS = {"t": 1, "x": 0.25, "y": 0.1, "rotation": 60}
FAST = {"t": 1, "x": 0.7, "y": 0.1}  # 67 px in each of two frames
UNIT = (SIZE[0] * SIZE[1]) ** 0.5


def test_numbers_that_are_zero_change_no_bit():
    zeros = {"grow": 0, "feather": 0, "shutter": 0}
    plain, same = (carry_clip(picture(), drawn(thing(RED_BOX, TURNS, **fields)), CLIP) for fields in ({}, zeros))
    for name in ("video", "carried", "uncovered", "cleared", "objects"):
        assert torch.equal(getattr(plain, name), getattr(same, name)), name


@pytest.mark.parametrize("fields", [{"grow": 0.03}, {"grow": -0.03}, {"feather": 0.08}, {"shutter": 1}])
def test_the_first_frame_stays_the_picture_however_the_cut_is_finished(fields):
    plain, changed = (carry_clip(picture(), drawn(thing(RED_BOX, TURNS, **given)), CLIP) for given in ({}, fields))
    assert torch.equal(changed.video[0], picture()[0])
    assert not torch.equal(changed.video[2], plain.video[2])
    assert torch.equal(changed.objects, plain.objects)  # the masks are those of what is cut out, before that


def test_lengths_are_parts_of_the_clips_size():
    """A hundredth is as much of the picture in a clip of any size; it is in pixels of the regions."""
    for size in (SIZE, (96, 64)):
        clip = ClipShape(*size, 6)
        (region,) = regions_of_objects(drawn(thing(RED_BOX, TURNS, grow=-0.01, feather=0.02)).enabled_objects, clip)
        unit = (size[0] * size[1]) ** 0.5
        assert (region.grow, region.feather) == pytest.approx((-0.01 * unit, 0.02 * unit))


def test_a_mask_in_place_of_an_outline_is_finished_as_the_outline_is():
    """So the masks that come out give the same video again."""
    drawing = drawn(thing(RED_BOX, TURNS, grow=3 / UNIT, feather=4 / UNIT, shutter=0.5))
    carried = carry_clip(picture(), drawing, CLIP)
    again = carry_clip(picture(), drawing, CLIP, carried.objects)
    torch.testing.assert_close(again.video, carried.video, atol=0.02, rtol=0)


@pytest.mark.parametrize(("key", "frames", "times"), [(TURNS, 6, (1, 3)), (FAST, 3, (1,))])
def test_what_an_open_shutter_shows_is_the_mean_of_what_happens_meanwhile(key, frames, times):
    finer = 32
    sharp = carry_clip(picture(), drawn(thing(RED_BOX, key)), ClipShape(*SIZE, finer * (frames - 1) + 1))
    for shutter in (0.5, 1):
        blurred = carry_clip(picture(), drawn(thing(RED_BOX, key, shutter=shutter)), ClipShape(*SIZE, frames))
        for time in times:
            reach = round(shutter * finer / 2)
            meanwhile = slice(time * finer - reach, time * finer + reach + 1)
            for name in ("video", "carried"):
                expected, found = getattr(sharp, name)[meanwhile].mean(0), getattr(blurred, name)[time]
                assert (found - expected).abs().mean() < 0.002 and (found - expected).abs().max() < 0.1, name
            rows, columns = torch.nonzero(blurred.carried[time] > 0.01, as_tuple=True)
            every = torch.nonzero(sharp.carried[meanwhile].amax(0) > 0.01)
            assert int(columns.min()) == pytest.approx(int(every[:, 1].min()), abs=2)
            assert int(rows.max()) == pytest.approx(int(every[:, 0].max()), abs=2)


def test_in_the_last_frame_the_shutter_sees_the_motion_go_on():
    (region,) = regions_of_objects(drawn(thing(RED_BOX, {"t": 1, "x": 0.25}, shutter=1)).enabled_objects, CLIP)
    step = 0.25 * SIZE[0] / 5
    positions = [warp.sources(np.array([0j]), 5)[0].real for warp in region.exposures]
    assert -positions[0] == pytest.approx(0.25 * SIZE[0] - step / 2, abs=0.3)
    assert -positions[-1] == pytest.approx(0.25 * SIZE[0] + step / 2, abs=0.3)


def test_in_the_first_frame_nothing_is_blurred():
    sharp, blurred = (carry_clip(picture(), drawn(thing(RED_BOX, FAST, shutter=part)), CLIP) for part in (0, 1))
    assert torch.equal(blurred.carried[0], sharp.carried[0])
    assert not torch.equal(blurred.carried[1], sharp.carried[1])


def test_what_stops_or_rests_is_sharp_while_it_does():
    stops = thing(RED_BOX, TURNS, end=0.4, shutter=1)  # in frame 2 of 5
    plain = carry_clip(picture(), drawn(thing(RED_BOX, TURNS, end=0.4)), CLIP).video
    blurred = carry_clip(picture(), drawn(stops), CLIP).video
    assert [torch.equal(*frames) for frames in zip(plain, blurred, strict=True)] == [True] + [False] * 2 + [True] * 3


def test_blur_takes_as_many_instants_as_the_way_has_pixels():
    def instants(**key):
        (region,) = regions_of_objects(drawn(thing(RED_BOX, {"t": 1, **key}, shutter=1)).enabled_objects, CLIP)
        return len(region.instants(2))

    assert instants(x=10 / SIZE[0]) == 2  # 2 px in a frame, of which the exposures lie a little less apart
    assert instants(x=50 / SIZE[0]) == 10
    assert 10 < instants(rotation=180) <= 32  # its corners go 36 degrees around its middle
    assert instants(x=3) == 32


@pytest.mark.parametrize(("key", "frames"), [(TURNS, 6), (FAST, 3)])
def test_restored_detail_is_blurred_as_the_carried_video_is(key, frames):
    drawing = drawn(thing(RED_BOX, key, shutter=1, feather=0.03))
    carried = carry_clip(picture(), drawing, ClipShape(*SIZE, frames)).video
    restored = restore_clip(
        ClipAndPicture(0.9 * carried, picture()), drawing.to_json(), settings=DetailSettings(follow=0)
    ).images[1:-1]
    assert (restored - carried[1:-1]).abs().mean() < 0.003 and (restored - carried[1:-1]).abs().max() < 0.1
