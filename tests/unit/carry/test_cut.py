"""The edges of whole things that move: their opacity, their own colours, and what they leave."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from dragnuwa.carry.layers import SURROUNDINGS, Layer, Region, region_of_mask, whole_picture
from dragnuwa.carry.rendering import compose, cut, render
from dragnuwa.geometry.similarity import SimilarityTransform
from dragnuwa.geometry.warps import SimilarityWarp

SIZE = (96, 64)
RED, GREEN = ((0.8, 0.1, 0.2), (0.1, 0.9, 0.3))


def shown(opacity: np.ndarray) -> torch.Tensor:
    """A red thing of this opacity before green ground."""
    red, green = (torch.tensor(color)[:, None, None].expand(3, *opacity.shape) for color in (RED, GREEN))
    share = torch.from_numpy(opacity)
    return share * red + (1 - share) * green


def region(mask: np.ndarray, moves: bool = True) -> Region:
    """Of a thing under a mask that goes 30 px to the right in two frames."""
    motion = SimilarityTransform(np.ones(2, complex), np.array([0, 30 + 0j]))
    return region_of_mask(mask, SimilarityWarp(motion) if moves else None, np.ones(2, bool))


def moved(thing: Region, image: torch.Tensor) -> torch.Tensor:
    """`[6, H, W]` in the second frame."""
    return render(compose(whole_picture(None, SIZE, 2), cut((thing,), image), image), 1).pixels


def softened(width: float) -> np.ndarray:
    """`[H, W]`: a disc whose opacity falls from 1 to 0 over `width` px."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    return ((14 - np.hypot(columns - 30, rows - 32)) / width + 0.5).clip(0, 1).astype(np.float32)


def test_a_soft_edge_goes_along_without_the_old_ground():
    opacity = softened(6)
    (thing,) = cut([region((opacity >= 0.5).astype(np.float32))], shown(opacity))
    np.testing.assert_allclose(thing.region.opacity_in(SIZE), opacity, atol=0.08)
    colors = thing.pixels[:3, torch.from_numpy(thing.region.opacity > 0.1)]
    torch.testing.assert_close(colors, torch.tensor(RED)[:, None].expand_as(colors), atol=0.06, rtol=0)


def test_nothing_of_a_soft_edge_stays():
    opacity = softened(6)
    image = shown(opacity)
    left = moved(region((opacity >= 0.5).astype(np.float32)), image)[0, :, :44].max()
    assert left < 0.13  # the ground's red is 0.1; without the edge it is 0.16


def test_an_opacity_that_was_given_is_kept():
    opacity = softened(14)
    (thing,) = cut([region(opacity)], torch.full((3, *opacity.shape), 0.5))
    np.testing.assert_allclose(thing.region.opacity_in(SIZE), opacity, atol=0.02)


def test_what_rests_and_what_a_drag_carries_around_it_stay_as_they_are():
    opacity = softened(6)
    resting = region((opacity >= 0.5).astype(np.float32), moves=False)
    around = replace(region((opacity >= 0.5).astype(np.float32)), role=SURROUNDINGS)
    for each, layer in zip((resting, around), cut([resting, around], shown(opacity)), strict=True):
        assert layer.region is each
        assert torch.equal(layer.pixels[:3], shown(opacity)[(slice(None), *each.box.slices)])


def test_what_hides_all_keeps_its_pixels_to_the_bit():
    image = torch.rand(3, SIZE[1], SIZE[0], generator=torch.Generator().manual_seed(0)) * 0.2
    opacity = softened(1)
    image = torch.where(torch.from_numpy(opacity > 0), image + 0.7, image)
    (thing,) = cut([region((opacity >= 0.5).astype(np.float32))], image)
    inner = torch.from_numpy(thing.region.opacity == 1)
    assert int(inner.sum()) > 400
    window = image[(slice(None), *thing.region.box.slices)]
    assert torch.equal(thing.pixels[:3, inner], window[:, inner])


def asked(opacity: np.ndarray, moves: bool = True, **fields: float) -> Region:
    """A thing that says how its cut is to be finished."""
    return replace(region((opacity >= 0.5).astype(np.float32), moves), **fields)


def finished(opacity: np.ndarray, moves: bool = True, **fields: float) -> Layer:
    return cut([asked(opacity, moves, **fields)], shown(opacity))[0]


def radius(thing: Layer) -> float:
    return float(np.sqrt(thing.region.opacity.sum() / np.pi))


@pytest.mark.parametrize("grow", [-4, -1, 2.5])
def test_a_cut_grows_from_the_edge_that_the_picture_shows(grow: float):
    sharp = softened(1)
    plain = radius(finished(sharp))
    assert radius(finished(sharp, grow=grow)) == pytest.approx(plain + grow, abs=0.3)


@pytest.mark.parametrize("fields", [{"grow": -4.0}, {"grow": 4.0}, {"feather": 8.0}, {"grow": -4.0, "feather": 12.0}])
def test_whatever_the_cut_is_nothing_of_the_thing_stays(fields: dict):
    sharp = softened(1)
    thing, plain = finished(sharp, **fields).region, finished(sharp).region
    covered = np.zeros(SIZE[::-1], bool)
    covered[thing.box.slices] = thing.hole
    before = np.zeros(SIZE[::-1], bool)
    before[plain.box.slices] = plain.hole
    assert (covered >= before).all()
    assert (covered >= cv2.dilate((thing.opacity_in(SIZE) > 0).astype(np.uint8), np.ones((5, 5)))).all()
    assert moved(asked(sharp, **fields), shown(sharp))[0, :, :36].max() < 0.12  # the ground's red is 0.1


def test_the_outer_half_of_a_feather_has_the_colours_of_the_thing():
    sharp = softened(1)
    thing = finished(sharp, feather=8.0)
    outside = torch.from_numpy((thing.region.opacity > 0.02) & (sharp[thing.region.box.slices] == 0))
    assert int(outside.sum()) > 200
    colors = thing.pixels[:3, outside]
    torch.testing.assert_close(colors, torch.tensor(RED)[:, None].expand_as(colors), atol=0.06, rtol=0)


def test_what_has_grown_shows_the_picture():
    sharp = softened(1)
    thing = finished(sharp, grow=6.0)
    window = shown(sharp)[(slice(None), *thing.region.box.slices)]
    opaque = torch.from_numpy(thing.region.opacity == 1)
    assert torch.equal(thing.pixels[:3, opaque], window[:, opaque])
    assert int((opaque & (window[1] > 0.85)).sum()) > 300  # green ground comes along


def test_a_resting_thing_has_its_cut_and_the_pixels_of_the_picture():
    opacity = softened(1)
    thing = finished(opacity, moves=False, grow=-2.0, feather=4.0)
    assert not thing.region.soft and not thing.region.moves
    assert torch.equal(thing.pixels[:3], shown(opacity)[(slice(None), *thing.region.box.slices)])
    assert radius(thing) == pytest.approx(14 - 2, abs=0.3)
    assert 0 < thing.region.opacity_in(SIZE)[32, 42] < 1


def test_a_cut_shrunk_to_nothing_leaves_the_ground_alone():
    sharp = softened(1)
    frame = moved(asked(sharp, grow=-30.0), shown(sharp))
    assert float(frame[0].max()) < 0.12 and float(frame[3].max()) == 0


@pytest.mark.parametrize("opacity", [0.0, 0.3])
def test_a_thing_of_which_nothing_is_half_opaque_has_no_edge_to_look_for(opacity):
    """Restore Detail takes such from a clip."""
    disc = softened(6)
    whole = region((disc >= 0.5).astype(np.float32))
    faint = replace(whole, opacity=opacity * whole.opacity)
    (thing,) = cut([faint], shown(disc))
    np.testing.assert_array_equal(thing.region.opacity, faint.opacity)
    assert not thing.region.soft
